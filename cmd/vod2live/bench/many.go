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
	allVODs  = 10_000
	loaders  = 16              // VODs loaded at once
	idleTime = 5 * time.Second // over which nothing is asked
)

// many loads a great number of VODs.
func (b *bench) many() ([]row, error) {
	o, err := newOrigin(0)
	if err != nil {
		return nil, err
	}
	defer o.close()
	limit := fmt.Sprintf("%dMiB", max(64, 1024*b.vods/allVODs))
	ours, err := b.vod2live("vod2live", o.url, "-memory", limit)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := b.loadAll(ours); err != nil {
		return nil, err
	}
	took := time.Since(began)
	loaded, err := b.metric(ours, "vod2live_streams_loaded")
	if err != nil {
		return nil, err
	}
	resident, err := ours.resident()
	if err != nil {
		return nil, err
	}
	memory := row{
		what: "10,000 VODs of 2 h in 5 renditions: resident memory", unit: "GiB", bound: 1,
		measured: sample{float64(resident) / (1 << 30) * allVODs / max(1, loaded)},
		note:     fmt.Sprintf("%.0f VODs loaded in %s, -memory %s", loaded, took.Round(time.Second), limit),
	}
	if int(loaded) < allVODs {
		memory.note += fmt.Sprintf("; %d MiB, reckoned for 10,000", resident>>20)
	}
	if int(loaded) < b.vods {
		memory.failed = fmt.Errorf("%.0f of %d VODs stay loaded with -memory %s, at %d KiB resident each", loaded, b.vods, limit, resident>>10/int64(max(1, loaded)))
	}
	idle, err := b.idle(ours)
	if err != nil {
		return []row{memory}, err
	}
	rows := []row{memory, idle}
	cost, err := b.spread(ours, o)
	if err != nil {
		return rows, err
	}
	return append(rows, cost), nil
}

func vodPath(i int) string { return fmt.Sprintf("/live/vod%05d/master.m3u8", i) }

// loadAll asks for each VOD once.
func (b *bench) loadAll(p *process) error {
	group, ctx := errgroup.WithContext(b.ctx)
	group.SetLimit(loaders)
	for i := range b.vods {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			_, err := b.fetch(p.url+vodPath(i), false)
			return err
		})
	}
	return group.Wait()
}

// idle is the CPU time per second while nobody asks.
func (b *bench) idle(p *process) (row, error) {
	before, err := p.cpu()
	if err != nil {
		return row{}, err
	}
	ctx, cancel := context.WithTimeout(b.ctx, idleTime)
	defer cancel()
	<-ctx.Done()
	after, err := p.cpu()
	busy := after.user + after.system - before.user - before.system
	return row{
		what: "CPU of them while nobody asks", unit: "ms/s", bound: 2 * tick.Seconds() * 1000 / idleTime.Seconds(),
		measured: sample{busy.Seconds() * 1000 / idleTime.Seconds()}, note: "the bound is two ticks of the clock that measures",
	}, err
}

// spread compares requests for all VODs in turn with requests for one.
func (b *bench) spread(p *process, o *origin) (row, error) {
	one, err := b.vod2live("one", o.url)
	if err != nil {
		return row{}, err
	}
	path := "/live/vod%05d/master.m3u8/0.m3u8"
	costs, err := b.inTurns(
		contestant{"all VODs", p, load{url: p.url + path, connections: 64, paths: b.vods}},
		contestant{"one VOD", one, load{url: one.url + path, connections: 64, paths: 1}},
	)
	if err != nil {
		return row{}, err
	}
	return row{what: "requests spread over all of them: CPU per request, one VOD is 1", unit: "x", bound: 1.2, measured: ratios(costs[0], costs[1], perRequest)}, nil
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
