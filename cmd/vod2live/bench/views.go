package main

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	dvrViewers = 1000  // of one DVR window
	dvrWindow  = "2h"  // of them
	starts     = 10000 // that strangers choose, a second apart
	strangers  = 10
	pause      = 15 * time.Millisecond // of a stranger, between two answers
	floods     = 3                     // of them, of each kind
	startsMost = 640                   // MiB resident at loadsMemory
)

// views measures what parts of the past cost.
func (b *bench) views() ([]row, error) {
	origin, err := b.origin()
	if err != nil {
		return nil, err
	}
	ours, err := b.vod2live("views", origin.url, "-dvr", "24h", "-memory", loadsMemory)
	if err != nil {
		return nil, err
	}
	rows, err := b.deltas(ours)
	if err != nil {
		return rows, err
	}
	more, err := b.starts(ours)
	return append(rows, more...), err
}

// deltas compares polls of a DVR window with and without delta updates.
func (b *bench) deltas(p *process) ([]row, error) {
	whole := p.url + livePath + "?dvr=" + dvrWindow
	delta := whole + "&_HLS_skip=YES"
	on := func(name, url string, header ...string) contestant {
		return contestant{name, p, load{url: url, connections: dvrViewers, header: header}}
	}
	costs, err := b.inTurns(on("whole", whole), on("delta", delta), on("whole, gzip", whole, gzipAsked), on("delta, gzip", delta, gzipAsked))
	if err != nil {
		return nil, err
	}
	size := func(c cost) float64 { return float64(c.bytes) / float64(c.requests) }
	note := func(n int) string {
		return fmt.Sprintf("%s KiB; whole %s KiB", number(size(costs[n][0])/1024), number(size(costs[n-1][0])/1024))
	}
	return []row{
		{what: "1,000 viewers of a DVR of 2 h, delta updates: bytes per request, without is 1", unit: "x", bound: 0.1, measured: ratios(costs[1], costs[0], size), note: note(1)},
		{what: "– CPU per request, without is 1", unit: "x", bound: 1, measured: ratios(costs[1], costs[0], perRequest)},
		{what: "for comparison: one takes", unit: "µs", free: true, measured: costsOf(costs[1], microsPerRequest)},
		{what: "the same with gzip: bytes per request, without is 1", unit: "x", bound: 0.5, measured: ratios(costs[3], costs[2], size), note: note(3)},
		{what: "– CPU per request, without is 1", unit: "x", bound: 1, measured: ratios(costs[3], costs[2], perRequest)},
	}, nil
}

// starts measures how long other viewers wait while strangers start over, each from
// another instant, compared with how long they wait while all start from one.
func (b *bench) starts(p *process) ([]row, error) {
	base := time.Now().Add(-3 * time.Hour).Unix()
	var waits sample
	most := int64(0)
	for round := range floods {
		one, resident, err := b.whileStrangersStart(p, func(int) int64 { return base })
		if err != nil {
			return nil, err
		}
		most = max(most, resident)
		each, resident, err := b.whileStrangersStart(p, func(n int) int64 { return base + int64(round*starts/floods+n) })
		if err != nil {
			return nil, err
		}
		waits, most = append(waits, float64(each)/float64(one)), max(most, resident)
	}
	return []row{
		{what: "strangers start over from 10,000 instants: a live playlist's median answer, while all start from one it is 1", unit: "x", bound: 1.2, measured: waits},
		{what: "– resident memory at -memory " + loadsMemory + ", at the most", unit: "MiB", bound: startsMost, measured: sample{float64(most >> 20)}},
	}, nil
}

// whileStrangersStart is the median time of a live playlist meanwhile, and the most
// memory that is taken.
func (b *bench) whileStrangersStart(p *process, start func(n int) int64) (median time.Duration, most int64, err error) {
	group, ctx := errgroup.WithContext(b.ctx)
	for worker := range strangers {
		group.Go(func() error {
			for n := worker; n < starts/floods && ctx.Err() == nil; n += strangers {
				url := fmt.Sprintf("%s%s?start=%d", p.url, livePath, start(n))
				if status, _, err := b.get(url); err != nil || status != http.StatusOK {
					return fmt.Errorf("%s: %d %w", url, status, err)
				}
				b.wait(pause)
			}
			return nil
		})
	}
	ended := make(chan error, 1)
	go func() { ended <- group.Wait() }() // ends with the strangers
	var waits []time.Duration
	for {
		began := time.Now()
		status, _, err := b.get(p.url + livePath)
		if err != nil || status != http.StatusOK {
			return 0, 0, fmt.Errorf("%s: %d %w", livePath, status, err)
		}
		waits = append(waits, time.Since(began))
		resident, err := p.resident()
		if err != nil {
			return 0, 0, err
		}
		most = max(most, resident)
		select {
		case err := <-ended:
			slices.Sort(waits)
			return waits[len(waits)/2], most, err
		case <-time.After(5 * time.Millisecond):
		}
	}
}
