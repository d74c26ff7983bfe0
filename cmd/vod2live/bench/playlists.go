package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
)

// liveURL is the address of a live media playlist.
const livePath = "/live/master.m3u8/0.m3u8"

// browser are the headers that Chrome sends with requests of hls.js.
var browser = []string{
	`sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"`,
	"sec-ch-ua-mobile: ?0",
	`sec-ch-ua-platform: "Windows"`,
	"User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
	"Accept: */*",
	"Origin: https://player.example.com",
	"Sec-Fetch-Site: cross-site",
	"Sec-Fetch-Mode: cors",
	"Sec-Fetch-Dest: empty",
	"Referer: https://player.example.com/",
	"Accept-Encoding: gzip, deflate, br, zstd",
	"Accept-Language: en-US,en;q=0.9,de;q=0.8",
	"Priority: u=1, i",
}

const gzipAsked = "Accept-Encoding: gzip"

// fetch is one GET.
func (b *bench) fetch(url string, gzip bool) ([]byte, error) {
	req, err := http.NewRequestWithContext(b.ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	if gzip {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	return body, err
}

// header are the lines of an answer's header that net/http does not write by itself.
func (b *bench) header(url string) (lines []string, err error) {
	req, err := http.NewRequestWithContext(b.ctx, http.MethodHead, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	resp.Header.Del("Date")
	for name := range resp.Header {
		lines = append(lines, name+":"+resp.Header.Get(name))
	}
	return lines, nil
}

// lean is nginx at its best with small files: they stay open, and one write
// sends head and body. As Debian ships it, it takes more than half as much again.
const lean = "sendfile off; tcp_nopush off; open_file_cache max=100; keepalive_requests 1000000;"

// staticFiles makes a folder of what a server answers: plain.m3u8 and, packed,
// gzip.m3u8.
func (b *bench) staticFiles(from string) (dir string, err error) {
	dir = filepath.Join(b.dir, "static")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for name, gzip := range map[string]bool{"plain.m3u8": false, "gzip.m3u8": true} {
		body, err := b.fetch(from, gzip)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o644); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// playlists compares the live playlist with the same bytes, made beforehand: from net/http
// by itself, which is the floor, and from other servers.
func (b *bench) playlists() ([]row, error) {
	origin, err := b.origin()
	if err != nil {
		return nil, err
	}
	ours, err := b.vod2live("vod2live", origin.url)
	if err != nil {
		return nil, err
	}
	live := ours.url + livePath
	dir, err := b.staticFiles(live)
	if err != nil {
		return nil, err
	}
	static, err := b.nginx("static", "", lean+"root "+dir+";")
	if err != nil {
		return nil, err
	}
	const n = 64
	plain, packed := static.url+"/plain.m3u8", static.url+"/gzip.m3u8"
	all := []contestant{
		{"vod2live", ours, load{url: live, connections: n, turns: compared}},
		{"nginx", static, load{url: plain, connections: n}},
		{"vod2live, browser", ours, load{url: live, connections: n, header: browser, turns: compared}},
		{"nginx, browser", static, load{url: packed, connections: n, header: browser}},
		{"vod2live, gzip", ours, load{url: live, connections: n, header: []string{gzipAsked}}},
		{"nginx again", static, load{url: plain, connections: n}},
	}
	others, err := b.otherPlaylists(live, static, dir)
	if err != nil {
		return nil, err
	}
	costs, err := b.inTurns(append(all, others...)...)
	if err != nil {
		return nil, err
	}
	floor, browserFloor := costs[len(all)], costs[len(all)+1]
	rows := []row{
		{what: "live playlist: CPU per request, bare net/http with the same bytes is 1", unit: "x", bound: 1.1, measured: ratios(costs[0], floor, perRequest), bare: costsOf(floor, perRequest)},
		{what: "– with a browser's headers", unit: "x", bound: 1.1, measured: ratios(costs[2], browserFloor, perRequest), bare: costsOf(browserFloor, perRequest)},
		{what: "for comparison: bare net/http with our headers, with three of them it is 1", unit: "x", free: true, measured: ratios(costs[len(all)+2], floor, perRequest)},
		{what: "for comparison: the live playlist takes", unit: "µs", free: true, measured: costsOf(costs[0], microsPerRequest)},
		{what: "– with a browser's headers", unit: "µs", free: true, measured: costsOf(costs[2], microsPerRequest)},
		{what: "with Accept-Encoding: gzip, without it is 1", unit: "x", bound: 1.2, measured: ratios(costs[4], costs[0], perRequest)},
		{what: "for comparison: the live playlist, nginx's static file is 1", unit: "x", free: true, measured: ratios(costs[0], costs[1], perRequest)},
		{what: "– with a browser's headers", unit: "x", free: true, measured: ratios(costs[2], costs[3], perRequest)},
		{what: "– noise: nginx's static file a second time", unit: "x", free: true, measured: ratios(costs[5], costs[1], perRequest)},
	}
	for i, c := range others {
		rows = append(rows, row{what: "– " + c.name, unit: "x", free: true, measured: ratios(costs[len(all)+i], costs[1], perRequest)})
	}
	return rows, nil
}

// compared is how many turns those last that are compared with each other most closely.
const compared = 2

// otherPlaylists are servers for comparison: net/http, the first three, and others.
func (b *bench) otherPlaylists(live string, static *process, dir string) (all []contestant, err error) {
	add := func(name, path string, p *process, failed error) {
		if err = failed; failed == nil {
			all = append(all, contestant{name, p, load{url: p.url + path, connections: 64}})
		}
	}
	file := filepath.Join(dir, "plain.m3u8")
	p, failed := b.floor(file)
	if add("bare net/http with the same bytes", "/", p, failed); err != nil {
		return nil, err
	}
	add("the same with a browser's headers", "/", p, nil)
	all[0].load.turns, all[1].load.turns, all[1].load.header = compared, compared, browser
	header, failed := b.header(live)
	if failed != nil {
		return nil, failed
	}
	p, failed = b.floor(file, header...)
	if add("bare net/http with the same bytes and headers", "/", p, failed); err != nil {
		return nil, err
	}
	asShipped, failed := b.nginx("shipped", "", "root "+dir+";")
	if add("nginx's static file as Debian ships it", "/plain.m3u8", asShipped, failed); err != nil {
		return nil, err
	}
	if absent("varnishd") == "" {
		p, failed := b.varnish(static)
		if add("varnish, hit", "/plain.m3u8", p, failed); err != nil {
			return nil, err
		}
	}
	if absent("caddy") == "" {
		p, failed := b.caddy("caddy-files", "root * "+dir+"\n\tfile_server")
		add("Caddy's file_server", "/plain.m3u8", p, failed)
	}
	return all, err
}

// windows compares a long window with a short one.
func (b *bench) windows() ([]row, error) {
	origin, err := b.origin()
	if err != nil {
		return nil, err
	}
	short, err := b.vod2live("short", origin.url, "-window", "60s")
	if err != nil {
		return nil, err
	}
	long, err := b.vod2live("long", origin.url, "-window", "6000s", "-dvr", "24h")
	if err != nil {
		return nil, err
	}
	for _, p := range []*process{short, long} {
		if _, err := b.fetch(p.url+livePath, false); err != nil {
			return nil, err
		}
	}
	const n = 64
	const turns = 3 // the kernel separates user and system time by samples
	costs, err := b.inTurns(
		contestant{"1,000 segments", long, load{url: long.url + livePath, connections: n, turns: turns}},
		contestant{"10 segments", short, load{url: short.url + livePath, connections: n, turns: turns}},
		contestant{"delta", long, load{url: long.url + livePath + "?dvr=6000s&_HLS_skip=YES", connections: n, turns: turns}},
	)
	if err != nil {
		return nil, err
	}
	return []row{
		{what: "window of 1,000 segments: user CPU per request, one of 10 is 1", unit: "x", bound: 1.3, measured: ratios(costs[0], costs[1], userPerRequest)},
		{what: "– a delta update of as many, with dvr=6000s", unit: "x", bound: 1.1, measured: ratios(costs[2], costs[1], userPerRequest)},
	}, nil
}
