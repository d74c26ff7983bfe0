package e2e

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fleet is three instances of vod2live behind the caching nginx of deploy/nginx.
type fleet struct {
	instances [3]*process
	cache     *nginx
	args      []string // of all instances
	asked     int      // for addresses that the cache did not have
}

// newFleet starts all four, the instances with further arguments. They end with the test.
func newFleet(t *testing.T, args ...string) *fleet {
	t.Helper()
	f := &fleet{args: append(proxyArgs(), args...)}
	t.Cleanup(func() { f.end(t) })
	for i := range f.instances {
		address, err := fixedAddr()
		if err != nil {
			t.Fatal(err)
		}
		if err := f.start(i, address); err != nil {
			t.Fatal(err)
		}
	}
	f.cache = cachingNginx(t, f.instances[:])
	return f
}

func (f *fleet) start(i int, address string) (err error) {
	f.instances[i], err = startProcess(slices.Concat(f.args, []string{"-listen", address})...)
	return err
}

// restart starts an instance that has ended again, at its address.
func (f *fleet) restart(i int) error {
	return f.start(i, strings.TrimPrefix(f.instances[i].viewers, "http://"))
}

// end ends those that run.
func (f *fleet) end(t *testing.T) { endAll(t, f.instances[:]) }

// endAll ends those that run, and shows their logs if the test has failed.
func endAll(t *testing.T, all []*process) {
	for _, p := range all {
		if p == nil {
			continue
		}
		if err := p.terminate(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the end of the log of vod2live:\n%s", p.logTail())
		}
	}
}

// logged counts the lines of the instances' logs that have all of some texts.
func (f *fleet) logged(texts ...string) (count int) {
	for _, p := range f.instances {
		count += len(p.logged(texts...))
	}
	return count
}

// at is the address of a kind's live stream behind the cache.
func (f *fleet) at(k *kind) string { return f.cache.url + "/live/" + k.name + "/" + k.entry }

// cachingNginx runs deploy/nginx/cache.conf in front of instances. Only its addresses and folders are other ones.
func cachingNginx(t *testing.T, instances []*process) *nginx {
	t.Helper()
	return balancingNginx(t, "instances.conf", instances)
}

// balancingNginx is cachingNginx with another file of deploy/nginx for the instances.
func balancingNginx(t *testing.T, balancing string, instances []*process) *nginx {
	t.Helper()
	text, err := os.ReadFile("../../../deploy/nginx/cache.conf")
	if err != nil {
		t.Fatal(err)
	}
	var addresses [2]string
	for i := range addresses {
		if addresses[i], err = fixedAddr(); err != nil {
			t.Fatal(err)
		}
	}
	n := &nginx{url: "http://" + addresses[0], dir: t.TempDir()}
	config := strings.NewReplacer(
		"127.0.0.1:8079", addresses[1],
		"/var/cache/nginx", n.dir, "/var/log/nginx", n.dir,
		"worker_processes     auto;", "worker_processes 2;"+besides(n.dir),
		"http {", "http {"+temporary(n.dir),
		"listen 8080;", "listen "+addresses[0]+"; add_header X-Now $msec;",
	).Replace(string(text))
	files := map[string]string{"nginx.conf": config, "instances.conf": upstream(t, balancing, instances)}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(n.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.stop)
	return n
}

// besides are the settings that the service manager's nginx gets elsewhere.
func besides(dir string) string {
	lines := fmt.Sprintf(" daemon off; pid %s/nginx.pid; error_log %s/nginx-error.log;", dir, dir)
	if os.Geteuid() == 0 {
		lines += " user root;"
	}
	return lines
}

// temporary are the folders that a package of nginx has set otherwise.
func temporary(dir string) (lines string) {
	for _, of := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		lines += fmt.Sprintf("\n\t%s_temp_path %s/%s;", of, dir, of)
	}
	return lines
}

var serverLines = regexp.MustCompile(`(?m)(^ +server \S+ (.*)\n)+`)

// upstream is a file of deploy/nginx with other addresses.
func upstream(t *testing.T, balancing string, instances []*process) string {
	t.Helper()
	text, err := os.ReadFile("../../../deploy/nginx/" + balancing)
	if err != nil {
		t.Fatal(err)
	}
	settings := serverLines.FindStringSubmatch(string(text))
	if settings == nil {
		t.Fatalf("no servers in\n%s", text)
	}
	var servers string
	for _, p := range instances {
		servers += "server " + strings.TrimPrefix(p.viewers, "http://") + " " + settings[2] + "\n"
	}
	return strings.Replace(string(text), settings[0], servers, 1)
}

// fixedAddr finds an address that nothing else is given while what listens there is started again: its port is none
// of those that the system hands out.
func fixedAddr() (string, error) {
	var last error
	for range 50 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000)))
		if err == nil {
			defer listener.Close()
			return listener.Addr().String(), nil
		}
		last = err
	}
	return "", last
}
