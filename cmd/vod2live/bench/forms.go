package main

import (
	"fmt"
	"net/http"

	"golang.org/x/sync/errgroup"
)

const (
	allForms  = 100_000
	formsMost = 150 // MiB resident
)

// forms has viewers with a token each watch one VOD: it counts the origin requests,
// and the memory of each token.
func (b *bench) forms() ([]row, error) {
	o, err := newOrigin(0)
	if err != nil {
		return nil, err
	}
	defer o.close()
	ours, err := b.vod2live("vod2live", o.url, never)
	if err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(b.ctx)
	group.SetLimit(loaders)
	for n := 0; n < allForms && ctx.Err() == nil; n++ {
		group.Go(func() error {
			status, _, err := b.get(fmt.Sprintf("%s%s?token=%032d", ours.url, vodPath(0), n))
			if err == nil && status != http.StatusOK {
				err = fmt.Errorf("token %d: %d", n, status)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	most, err := ours.resident()
	if err != nil {
		return nil, err
	}
	b.wait(settles)
	resident, err := ours.resident()
	return []row{
		{what: "100,000 tokens of one VOD: resident memory", unit: "MiB", bound: formsMost, measured: sample{float64(resident >> 20)}, note: fmt.Sprintf("%d MiB at once", most>>20)},
		{what: "– requests to the origin for its multivariant playlist, one for each token is 1", unit: "x", bound: 1.01, measured: sample{float64(o.asked("/vod00000/master.m3u8")) / allForms}},
	}, err
}
