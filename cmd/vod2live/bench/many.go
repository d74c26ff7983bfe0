package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	allVODs     = 10_000
	leastMemory = 970  // MiB that they just fit in
	roomyMemory = 2048 // MiB
	loaders     = 16   // VODs loaded at once
	loadTime    = 150 * time.Second
	settles     = 15 * time.Second // after loading, in which the runtime gives memory back
	idleTime    = 10 * time.Second // then without requests for
	idleMost    = 10               // ms of CPU in each of those seconds
)

// never keeps VODs from being compared with the origin while they are measured.
// By default that is one request a minute for each playlist of a VOD that is
// watched, however many watch it.
const never = "-revalidate=24h"

// many loads a great number of VODs, or as many as there is time for: with as much
// memory as they just fit in, and with about twice as much.
func (b *bench) many() ([]row, error) {
	o, err := newOrigin(0)
	if err != nil {
		return nil, err
	}
	defer o.close()
	full, rows, err := b.loaded(o, leastMemory)
	if err != nil || rows[0].failed != nil {
		return rows, err
	}
	b.wait(settles)
	idle, err := b.idle(full, idleTime)
	if err != nil {
		return rows, err
	}
	rows = append(rows, row{
		what: "CPU of them while nobody asks", unit: "ms/s", bound: idleMost,
		measured: idle, note: fmt.Sprintf("for %s", idleTime),
	})
	roomy, more, err := b.loaded(o, roomyMemory)
	if err != nil || more[0].failed != nil {
		return append(rows, more...), err
	}
	cost, err := b.spread(o, full, roomy)
	return append(rows, cost...), err
}

// loaded is a server with all VODs, and its memory.
func (b *bench) loaded(o *origin, mebibytes int) (*process, []row, error) {
	memory := fmt.Sprintf("%dMiB", max(64, mebibytes*b.vods/allVODs))
	p, err := b.vod2live("vod2live", o.url, "-memory", memory, never)
	if err != nil {
		return nil, nil, err
	}
	began := time.Now()
	asked, err := b.loadAll(p)
	if err != nil {
		return nil, nil, err
	}
	took := time.Since(began).Round(time.Second)
	held, loaded, err := b.held(p)
	if err != nil {
		return nil, nil, err
	}
	held.free = mebibytes > leastMemory
	held.note = fmt.Sprintf("%d VODs loaded in %s with -memory %s%s", asked, took, memory, held.note)
	if loaded < b.vods {
		held.failed = fmt.Errorf("of %d VODs %d were requested in time, and %d are loaded with -memory %s", b.vods, asked, loaded, memory)
	}
	return p, []row{held}, nil
}

// held is the memory of a process, reckoned for all VODs if there are fewer.
func (b *bench) held(p *process) (r row, loaded int, err error) {
	streams, err := b.metric(p, "vod2live_streams_loaded")
	if err != nil {
		return row{}, 0, err
	}
	bytes, err := b.metric(p, "vod2live_cache_bytes")
	if err != nil {
		return row{}, 0, err
	}
	resident, err := p.resident()
	r = row{
		what: "10,000 VODs of 2 h in 5 renditions: resident memory", unit: "GiB", bound: 0.95,
		measured: sample{float64(resident) / (1 << 30) * allVODs / max(1, streams)},
		note:     fmt.Sprintf("; each is reckoned at %.0f KiB", bytes/max(1, streams)/1024),
	}
	if streams < allVODs {
		r.note += fmt.Sprintf("; %d MiB resident, scaled to 10,000", resident>>20)
	}
	return r, int(streams), err
}

func vodPath(i int) string { return fmt.Sprintf("/live/vod%05d/master.m3u8", i) }

// loadAll requests each VOD once, until loadTime has passed, and returns how
// many.
func (b *bench) loadAll(p *process) (asked int, err error) {
	group, ctx := errgroup.WithContext(b.ctx)
	group.SetLimit(loaders)
	for end := time.Now().Add(loadTime); asked < b.vods && time.Now().Before(end) && ctx.Err() == nil; asked++ {
		path := vodPath(asked)
		group.Go(func() error {
			_, err := b.fetch(p.url+path, false)
			return err
		})
	}
	return asked, group.Wait()
}

// idle is the CPU time per second of an interval without requests, in milliseconds.
func (b *bench) idle(p *process, lasts time.Duration) (sample, error) {
	before, err := p.cpu()
	if err != nil {
		return nil, err
	}
	b.wait(lasts)
	after, err := p.cpu()
	busy := after.user + after.system - before.user - before.system
	return sample{busy.Seconds() * 1000 / lasts.Seconds()}, err
}

func (b *bench) wait(d time.Duration) {
	ctx, cancel := context.WithTimeout(b.ctx, d)
	defer cancel()
	<-ctx.Done()
}

// spread compares requests for all VODs in turn with requests for one.
func (b *bench) spread(o *origin, full, roomy *process) ([]row, error) {
	one, err := b.vod2live("one", o.url, never)
	if err != nil {
		return nil, err
	}
	path := "/live/vod%05d/master.m3u8/0.m3u8"
	costs, err := b.inTurns(
		contestant{"one VOD", one, load{url: one.url + path, connections: 64, paths: 1}},
		contestant{"all VODs", roomy, load{url: roomy.url + path, connections: 64, paths: b.vods}},
		contestant{"all VODs, little memory", full, load{url: full.url + path, connections: 64, paths: b.vods}},
	)
	if err != nil {
		return nil, err
	}
	return []row{
		{what: "requests spread over all of them, with twice the memory that they need: CPU per request, one VOD is 1", unit: "x", bound: 1.2, measured: ratios(costs[1], costs[0], perRequest), note: "none is compared with the origin meanwhile"},
		{what: "– with the memory that they need", unit: "x", free: true, measured: ratios(costs[2], costs[0], perRequest)},
	}, nil
}

// metric is the value of a series without labels.
func (b *bench) metric(p *process, name string) (float64, error) {
	text, err := b.fetch(p.admin+"/metrics", false)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, is := strings.CutPrefix(line, name+" "); is {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, fmt.Errorf("no metric %s", name)
}
