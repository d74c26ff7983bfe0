package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// nginx is an origin: it serves the folder "vods" of its own folder.
type nginx struct {
	url string // http://127.0.0.1:…, without a path
	dir string
	cmd *exec.Cmd // nil unless it runs
}

var nginxConfig = template.Must(template.New("nginx").Parse(`
{{if .Root}}user root;{{end}}
daemon off;
worker_processes 1;
pid {{.Dir}}/nginx.pid;
error_log {{.Dir}}/nginx-error.log;
events { worker_connections 512; }
http {
	types {
		application/vnd.apple.mpegurl m3u8;
		video/mp2t                    ts;
		video/iso.segment             m4s;
		video/mp4                     mp4;
		text/vtt                      vtt;
	}
	default_type application/octet-stream;
	etag on;
	access_log off;
	client_body_temp_path {{.Dir}}/nginx-body;
	proxy_temp_path {{.Dir}}/nginx-proxy;
	fastcgi_temp_path {{.Dir}}/nginx-fastcgi;
	uwsgi_temp_path {{.Dir}}/nginx-uwsgi;
	scgi_temp_path {{.Dir}}/nginx-scgi;
	server {
		listen {{.Addr}};
		root {{.Dir}};
		location /vods/ { }
		location /plain/ { # the same for players: other than the proxy, they need leave to read
			alias {{.Dir}}/vods/;
			add_header Access-Control-Allow-Origin *;
		}
		location /unkept/ { # the same, but players ask for all of it again and again
			alias {{.Dir}}/vods/;
			add_header Cache-Control no-store;
		}
		location /undated/ { # the same, without Last-Modified
			alias {{.Dir}}/vods/;
			add_header Last-Modified "";
		}
		location / { return 404; }
	}
}
`))

// startNginx starts an origin whose folder is dir and waits until it answers.
func startNginx(dir string) (*nginx, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "nginx.conf")
	file, err := os.Create(config)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	settings := map[string]any{"Dir": dir, "Addr": addr, "Root": os.Geteuid() == 0}
	if err := nginxConfig.Execute(file, settings); err != nil {
		return nil, err
	}
	n := &nginx{url: "http://" + addr, dir: dir}
	return n, n.start()
}

// ownNginx starts an origin of all VODs for one test, which it ends with.
func ownNginx(t *testing.T) *nginx {
	t.Helper()
	dir := t.TempDir()
	if err := os.Symlink(vodFolder(), filepath.Join(dir, "vods")); err != nil {
		t.Fatal(err)
	}
	n, err := startNginx(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.stop)
	return n
}

// start runs nginx, for the first time or again, and waits until it answers.
func (n *nginx) start() error {
	n.cmd = exec.Command("nginx", "-e", filepath.Join(n.dir, "nginx-error.log"), "-c", filepath.Join(n.dir, "nginx.conf"))
	n.cmd.Stderr = os.Stderr
	if err := n.cmd.Start(); err != nil {
		n.cmd = nil
		return fmt.Errorf("start nginx: %w", err)
	}
	if err := awaitPort(strings.TrimPrefix(n.url, "http://")); err != nil {
		n.stop()
		return fmt.Errorf("start nginx: %w", err)
	}
	return nil
}

// stop ends nginx, if it runs, and waits for it.
func (n *nginx) stop() {
	if n.cmd == nil {
		return
	}
	_ = n.cmd.Process.Signal(syscall.SIGTERM)
	_ = n.cmd.Wait()
	n.cmd = nil
}

// freeAddr finds an address of this machine that nothing listens on.
func freeAddr() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// awaitPort waits until something listens on an address.
func awaitPort(addr string) error {
	return await(func() error {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err != nil {
			return err
		}
		return conn.Close()
	})
}
