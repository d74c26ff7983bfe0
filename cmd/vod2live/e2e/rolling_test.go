package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// Whoever watches through the cache sees nothing of instances that crash, and nothing of a rolling restart.
func TestFleet_PlaysOnWhileEachInstanceIsKilledAndRestarted(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	k := kindNamed(t, "ts")
	var viewer *poller
	seen := shared.chromium.run(t, play{
		name:    fileName(t),
		player:  "hls",
		source:  f.at(k),
		loop:    loopLength,
		advance: 22 * time.Second,
		meanwhile: func() (err error) {
			if viewer, err = pollAll(f.at(k)); err != nil {
				return err
			}
			defer viewer.stop()
			if err := await(f.seesThePlayer); err != nil {
				return err
			}
			if err := f.each(k, func(p *process) error { p.kill(); return nil }); err != nil {
				return fmt.Errorf("killed: %w", err)
			}
			return f.each(k, (*process).terminate)
		},
	})
	checkPlay(t, seen, allowance{})
	checkFragments(t, seen, loopLength)
	viewer.check(t)
}

// seesThePlayer says whether the browser has begun to play.
func (f *fleet) seesThePlayer() error {
	if f.logged(`"agent":"Mozilla`, `.ts"`) == 0 {
		return errors.New("no segment was asked for")
	}
	return nil
}

// each ends and starts one instance after the other, each when the cache asks the one before again.
func (f *fleet) each(k *kind, end func(*process) error) error {
	for i := range f.instances {
		if err := end(f.instances[i]); err != nil {
			return err
		}
		if err := f.answers(k); err != nil {
			return err
		}
		if err := f.restart(i); err != nil {
			return err
		}
		if err := f.instances[i].awaitLogged(1, `"msg":"request"`, `.m3u8"`); err != nil {
			return fmt.Errorf("instance %d is not asked again: %w", i, err)
		}
		if err := f.compare(k); err != nil {
			return err
		}
	}
	return nil
}

// answers asks for what the cache does not have, often enough that each instance would have its turn.
func (f *fleet) answers(k *kind) error {
	for range 2 * len(f.instances) {
		f.asked++
		if err := wantStatus(fmt.Sprintf("%s?asked=%d", f.at(k), f.asked), http.StatusOK); err != nil {
			return err
		}
	}
	return nil
}

// compare wants equal bytes of all instances.
func (f *fleet) compare(k *kind) error {
	first, err := renditions(k.live(f.instances[0]))
	if err != nil {
		return err
	}
	for _, p := range f.instances[1:] {
		others, err := renditions(k.live(p))
		if err != nil {
			return err
		}
		for i := range first {
			if err := agree(first[i], others[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// agree compares two replicas' answers as soon as the playlist does not change between them.
func agree(a, b string) (err error) {
	equal := false
	every(pollInterval, startTimeout, func() bool {
		equal, err = compareReplicas(a, b)
		return equal || err != nil
	})
	if err == nil && !equal {
		err = fmt.Errorf("%s was never the same twice", a)
	}
	return err
}
