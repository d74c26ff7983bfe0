package proxy

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/onair"
)

// longer is a configuration with other windows and another epoch, for channels, too.
func longer(c *Config) {
	c.Options.Window, c.Options.Epoch = 3*time.Minute, c.Options.Epoch.Add(-100*time.Second)
	c.Channels = append([]onair.Channel{}, c.Channels...)
	for i := range c.Channels {
		c.Channels[i].Options = c.Options
		c.Channels[i].Options.Window = 5 * time.Minute
	}
}

// TestAdopt_OtherWindowsAskTheOriginNothing: what viewers get is what a new process
// with the new configuration answers, also of a VOD that was edited in place.
func TestAdopt_OtherWindowsAskTheOriginNothing(t *testing.T) {
	for name, edit := range map[string]map[string]string{"as loaded": nil, "edited": bitrates("edited", 3, 4, 4), "edited, with a longer target duration": bitrates("edited", 3, 9, 7)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(seed(), short("p.m3u8"))
				r := newRig(t, files, channels("news", "master.m3u8"))
				all := func() {
					for _, address := range adopted {
						r.ok(address)
					}
				}
				all()
				files.putAll(edit)
				for range 60 {
					time.Sleep(5 * time.Second)
					all()
				}
				if want := 2 * min(len(edit), 1); r.eras(metrics.EraBegun) != want {
					t.Fatalf("%d eras, want %d", r.eras(metrics.EraBegun), want)
				}
				fresh := newRig(t, files, channels("news", "master.m3u8"), longer)
				for _, address := range adopted {
					fresh.ok(address)
				}
				for range 2 { // a query is asked about when no look at its VOD is under way
					r.rest()
					all()
				}
				r.rest()
				asked := len(files.requests())
				files.fail("", raw("", 0))
				next := r.reloaded(t, longer)
				for _, address := range adopted {
					got, want := next.ok(address), fresh.ok(address)
					if got.body != want.body || got.header.Get("ETag") != want.header.Get("ETag") {
						t.Errorf("%s: %s, %q; a new process has %s, %q", address, got.header.Get("ETag"), got.body, want.header.Get("ETag"), want.body)
					}
				}
				if now := files.requests(); len(now) != asked {
					t.Errorf("the origin was asked for %q", now[asked:])
				}
			})
		})
	}
}

// TestAdopt_ALookUnderWayDoesNotBringOldWindowsBack: the Server before finds an edit
// after it has been replaced.
func TestAdopt_ALookUnderWayDoesNotBringOldWindowsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		r.ok(seedAddresses[1])
		files.putAll(bitrates("edited", 3, 4, 4))
		for r.metric(`vod2live_stream_revalidations_total{outcome="changed"}`) == 0 {
			time.Sleep(time.Second)
			r.ok(seedAddresses[1])
			synctest.Wait() // the look ends
		}
		gate, held := make(chan struct{}), make(chan struct{})
		files.fail("master_Layer1.m3u8", func(w http.ResponseWriter, q *http.Request) {
			files.fail("master_Layer1.m3u8", nil)
			close(held)
			<-gate
			files.ServeHTTP(w, q)
		})
		for waiting := true; waiting; {
			time.Sleep(time.Second)
			r.ok(seedAddresses[1])
			synctest.Wait()
			select {
			case <-held:
				waiting = false
			default:
			}
		}
		next := r.reloaded(t, longer)
		next.ok(seedAddresses[1])
		if r.eras(metrics.EraBegun) != 0 {
			t.Fatal("the look has ended before the reload")
		}
		close(gate)
		synctest.Wait()
		if r.eras(metrics.EraBegun) != 1 {
			t.Fatal("the edit was not found")
		}
		for _, address := range seedAddresses[1:] {
			if got := next.ok(address).body; strings.Count(got, "#EXTINF") < 45 {
				t.Errorf("%s is shorter than three minutes: %q", address, got)
			}
		}
	})
}
