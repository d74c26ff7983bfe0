package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// nginxMain is the common part of all nginx configurations. It is that of
// Debian without the log, which would only slow nginx down.
const nginxMain = `%s
daemon off;
worker_processes auto;
pid %[2]s.pid;
error_log %[2]s.error;
events { worker_connections 2048; }
http {
	access_log off;
	types { application/vnd.apple.mpegurl m3u8; video/mp2t ts; }
	client_body_temp_path %[2]s-body;
	proxy_temp_path %[2]s-proxy;
	fastcgi_temp_path %[2]s-fastcgi;
	uwsgi_temp_path %[2]s-uwsgi;
	scgi_temp_path %[2]s-scgi;
	%[4]s
	sendfile on;
	tcp_nopush on;
	server {
		listen %[3]s backlog=1024;
		%[5]s
	}
}
`

// nginx starts one with further settings of http and server.
func (b *bench) nginx(name, http, server string) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;"
	}
	base := filepath.Join(b.dir, name)
	config := base + ".conf"
	if err := os.WriteFile(config, fmt.Appendf(nil, nginxMain, user, base, addr, http, server), 0o644); err != nil {
		return nil, err
	}
	return b.listening(name, addr, nil, "nginx", "-c", config, "-p", b.dir)
}

// listening starts a server that is to listen at an address.
func (b *bench) listening(name, addr string, env []string, command ...string) (*process, error) {
	p, err := b.start(name, env, command...)
	if err != nil {
		return nil, err
	}
	p.url = "http://" + addr
	return p, p.await(b.ctx, func() bool { return listens(addr) })
}

// absent is why a program can't take part; empty if it can.
func absent(program string) string {
	if _, err := exec.LookPath(program); err != nil {
		return program + " is not here"
	}
	return ""
}

// caddy starts Caddy with a directive.
func (b *bench) caddy(name, directive string) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(b.dir, name+".caddy")
	text := fmt.Sprintf("{\n\tadmin off\n\tauto_https off\n}\nhttp://%s {\n\t%s\n}\n", addr, directive)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		return nil, err
	}
	home := "HOME=" + b.dir
	return b.listening(name, addr, []string{home, "XDG_DATA_HOME=" + b.dir, "XDG_CONFIG_HOME=" + b.dir}, "caddy", "run", "--adapter", "caddyfile", "--config", config)
}

// varnish starts one in front of an origin.
func (b *bench) varnish(origin *process) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	return b.listening("varnish", addr, nil, "varnishd", "-F", "-a", addr, "-b", strings.TrimPrefix(origin.url, "http://"),
		"-n", filepath.Join(b.dir, "varnish"), "-s", "malloc,64m", "-T", "none")
}

// vod2live starts the measured program in front of an origin, with its log in
// a file as in production.
func (b *bench) vod2live(name, origin string, flags ...string) (*process, error) {
	return b.build(b.server, name, origin, flags...)
}

// build is vod2live with a build of it.
func (b *bench) build(program, name, origin string, flags ...string) (*process, error) {
	args := append([]string{program, "-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-origin", origin}, flags...)
	p, err := b.start(name, nil, args...)
	if err != nil {
		return nil, err
	}
	return p, p.await(b.ctx, p.learn)
}

// learn reads the addresses from the log, and reports whether they are there.
func (p *process) learn() bool {
	text, _ := os.ReadFile(p.log)
	for line := range strings.Lines(string(text)) {
		var entry struct{ Msg, Listener, Addr string }
		if json.Unmarshal([]byte(line), &entry) != nil || entry.Msg != "listening" {
			continue
		}
		switch entry.Listener {
		case "viewers":
			p.url = "http://" + entry.Addr
		case "operator":
			p.admin = "http://" + entry.Addr
		}
	}
	return p.url != "" && p.admin != ""
}

// can reports whether vod2live has a flag.
func (b *bench) can(flag string) bool {
	out, err := exec.CommandContext(b.ctx, b.server, "-help").Output()
	return err == nil && strings.Contains(string(out), "\n  "+flag+" ")
}
