package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// shapes are the loads of media segments.
var shapes = []struct {
	what, file        string
	size, connections int
}{
	{"4 MiB by 16 connections", "4MiB.ts", 4 << 20, 16},
	{"1 MiB by 64 connections", "1MiB.ts", 1 << 20, 64},
}

// rival is another server that hands segments through.
type rival struct {
	name   string
	server *process
	absent string
}

// The rivals, in this order.
const (
	shipped = iota
	buffered
	viaCaddy
	cached
	bare // from memory
)

// segments compares passing segments through with other servers.
func (b *bench) segments() ([]row, error) {
	origin, err := b.origin()
	if err != nil {
		return nil, err
	}
	ours, err := b.vod2live("vod2live", origin.url)
	if err != nil {
		return nil, err
	}
	rivals, err := b.rivals(origin)
	if err != nil {
		return nil, err
	}
	var fromMemory *process
	if b.can("-segment-cache") {
		if fromMemory, err = b.vod2live("cache", origin.url, "-segment-cache", "512MiB"); err != nil {
			return nil, err
		}
	}
	var rows []row
	for i, s := range shapes {
		bare, err := b.floor(filepath.Join(b.dir, "vod", s.file))
		if err != nil {
			return rows, err
		}
		more, err := b.segmentRows(i, ours, fromMemory, append(rivals, rival{name: "bare net/http", server: bare}))
		if err != nil {
			return rows, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// rivals starts all that can be had.
func (b *bench) rivals(origin *process) (all []rival, err error) {
	pass := "location / { proxy_pass " + origin.url + "; %s }"
	kept, err := os.MkdirTemp(memory(b.dir), "vod2live-bench-cache-")
	if err != nil {
		return nil, err
	}
	b.also = append(b.also, kept)
	settings := []struct{ name, http, server string }{
		shipped:  {"nginx", "", fmt.Sprintf(pass, "")},
		buffered: {"nginx with 8 x 64k", "", fmt.Sprintf(pass, "proxy_buffers 8 64k; proxy_buffer_size 64k;")},
		viaCaddy: {name: "Caddy"},
		cached: {
			"nginx proxy_cache on tmpfs", "proxy_cache_path " + kept + " keys_zone=kept:1m use_temp_path=off;",
			fmt.Sprintf(pass, "proxy_cache kept; proxy_cache_valid 200 1h;"),
		},
	}
	for i, s := range settings {
		r := rival{name: s.name}
		switch {
		case i != viaCaddy:
			r.server, err = b.nginx(fmt.Sprintf("proxy%d", i), s.http, s.server)
		case absent("caddy") != "":
			r.absent = absent("caddy")
		default:
			r.server, err = b.caddy("caddy-proxy", "reverse_proxy "+origin.url[len("http://"):])
		}
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// memory is a folder in memory, if the machine has one.
func memory(otherwise string) string {
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err == nil && info.IsDir() {
		return shm
	}
	return otherwise
}

// segmentRows measures one shape.
func (b *bench) segmentRows(shape int, ours, fromMemory *process, rivals []rival) ([]row, error) {
	s := shapes[shape]
	var all []contestant
	turns := map[*process]int{}
	enter := func(name, path string, p *process) {
		if p != nil {
			turns[p] = len(all)
			all = append(all, contestant{name, p, load{url: p.url + path + filepath.Base(s.file), connections: s.connections}})
		}
	}
	enter("vod2live", "/live/", ours)
	for _, r := range rivals {
		enter(r.name, "/", r.server)
	}
	enter("vod2live from memory", "/live/", fromMemory)
	again := len(all)
	all = append(all, contestant{"nginx again", rivals[shipped].server, load{url: rivals[shipped].server.url + "/" + s.file, connections: s.connections}})
	costs, err := b.inTurns(all...)
	if err != nil {
		return nil, err
	}
	against := func(what string, one *process, r rival, bound float64) row {
		if r.absent != "" || one == nil {
			return row{what: what, bound: bound, unit: "x", absent: r.absent + map[bool]string{true: "there is no -segment-cache"}[one == nil]}
		}
		return row{what: what, bound: bound, unit: "x", measured: ratios(costs[turns[one]], costs[turns[r.server]], perByte)}
	}
	toBare := against("– from memory, bare net/http with the same bytes is 1", fromMemory, rivals[bare], 1.1)
	toBare.bare = costsOf(costs[turns[rivals[bare].server]], perByte)
	toCache := against("– nginx proxy_cache on tmpfs is 1", fromMemory, rivals[cached], 0)
	toCache.free = true
	takes := row{what: "for comparison: passed through, a GB takes", unit: "s", free: true, measured: costsOf(costs[turns[ours]], perByte)}
	kept := row{what: "– from memory", unit: "s", free: true, absent: toBare.absent}
	if fromMemory != nil {
		kept.measured = costsOf(costs[turns[fromMemory]], perByte)
	}
	return []row{
		against("segments of "+s.what+" passed through: CPU per GB, nginx proxy_pass as shipped is 1", ours, rivals[shipped], 0.35),
		against("– nginx with 8 x 64k buffers is 1", ours, rivals[buffered], 1.1),
		against("– Caddy's reverse_proxy is 1", ours, rivals[viaCaddy], 0.8),
		toBare,
		toCache,
		{what: "– noise: nginx proxy_pass a second time", unit: "x", free: true, measured: ratios(costs[again], costs[turns[rivals[shipped].server]], perByte)},
		takes, kept,
	}, nil
}
