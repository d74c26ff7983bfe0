package proxy

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/onair"
)

// TestGuide_ReadsAheadForAllChannelsTogether: each VOD of eras to come, as long as a
// channel has it.
func TestGuide_ReadsAheadForAllChannelsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(evening...)
		r := newRig(t, files, nightly, guided, func(c *Config) {
			for n := range 50 {
				one := c.Channels[0]
				one.Name = fmt.Sprint("other", n)
				c.Channels = append(c.Channels, one)
			}
		})
		<-r.station.Tried()
		time.Sleep(5 * time.Minute)
		for _, c := range r.config.Channels {
			at := c.Options.Epoch.Add(3*time.Hour + 2*time.Minute)
			all, err := r.station.Programmes(c.Name, at, at.Add(1))
			if err != nil {
				t.Fatal(err)
			}
			for p := range all {
				if p.Title != "c" {
					t.Errorf("%q is on air on %s, not c", p.Title, c.Name)
				}
			}
		}
		if n := files.count("c/master_Layer1.m3u8"); n < 1 || n > 4 {
			t.Errorf("a VOD of 51 channels was read %d times, want at most by those who read at once", n)
		}
	})
}

// TestGuide_EndsWhereNoMemoryIsLeft for what is ahead, and says so.
func TestGuide_EndsWhereNoMemoryIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		long := slices.Repeat([]int{4}, 10_000)
		files := newVODs(vodOf("a", 60, 60, 30), vodOf("c", long...), vodOf("d", long...), vodOf("e", long...))
		at := func(d time.Duration) time.Time { return epoch.Add(-time.Hour + d) }
		r := newRig(t, files, playing(
			onair.Era{At: at(0), Loop: titled("a")}, onair.Era{At: at(24 * time.Hour), Loop: titled("c")},
			onair.Era{At: at(48 * time.Hour), Loop: titled("d")}, onair.Era{At: at(72 * time.Hour), Loop: titled("e")},
		), guided, func(c *Config) {
			c.Channels[0].Target = 60 * time.Second
			c.CacheBytes, c.LoadBytes = 1<<20, 64<<20
		})
		<-r.station.Tried()
		time.Sleep(5 * time.Minute)
		all, err := r.station.Programmes("news", epoch, epoch.AddDate(0, 0, 7))
		if err != nil {
			t.Fatal(err)
		}
		plays := slices.Collect(all)
		last := plays[len(plays)-1]
		if last.Title == "a" || last.Title == "e" || files.count("e/master.m3u8") > 0 {
			t.Errorf("the last known is %s, until %s", last.Title, last.End)
		}
		if n := r.logs.FilterMessage("no memory left for coming items: the guide of the channel ends early").Len(); n != 1 {
			t.Errorf("that is said %d times", n)
		}
	})
}

// TestGuide_OfShortItemsIsOneProgramme: a channel that loops some seconds without end.
func TestGuide_OfShortItemsIsOneProgramme(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(vodOf("a", 4, 4, 2)), guided, func(c *Config) {
			c.Channels = []onair.Channel{{Name: "news", Title: "News", Origin: "live", Path: "a/master.m3u8", Options: c.Options}}
		})
		<-r.station.Tried()
		all := r.programmes(t)
		start, stop := all[0].times(t)
		if now := time.Now(); len(all) != 1 || all[0].Title != "News" || start.After(now) || stop.Before(now.AddDate(0, 0, 6)) {
			t.Errorf("at %s the guide has %+v", now, all)
		}
	})
}

// TestGuide_IsNotMadeAllTheTime, however often channels change: the previous one is sent
// for ten times as long as the last one took to make.
func TestGuide_IsNotMadeAllTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(evening...), nightly, guided)
		<-r.station.Tried()
		time.Sleep(time.Minute)
		r.ok("/guide/epg.xml")
		g := r.guides
		made := g.newest.Load()
		g.versions, g.rests = nil, time.Now().Add(time.Minute)
		if r.ok("/guide/epg.xml"); g.newest.Load() != made {
			t.Error("made anew while it rests")
		}
		g.mu.Lock() // one is being made
		r.ok("/guide/epg.xml")
		g.mu.Unlock()
		time.Sleep(time.Minute)
		if r.ok("/guide/epg.xml"); g.newest.Load() == made {
			t.Error("not made anew after the rest")
		}
	})
}

// TestGuide_WaitsForTheChannels that are being loaded, as long as an origin may take.
func TestGuide_WaitsForTheChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(evening...)
		slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(2 * time.Second)
			files.ServeHTTP(w, r)
		})
		r := newRig(t, slow, nightly, guided)
		if all := r.programmes(t); len(all) == 0 {
			t.Error("the guide lacks a channel that was being loaded")
		}
		time.Sleep(time.Minute) // until nothing is read ahead: no origin answers after the end
	})
}
