package proxy

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/metrics"
)

// loop is that of the seed; faults last for ten.
const (
	loopOfSeed  = 16 * time.Second
	targetOf    = 4 * time.Second
	faultLasts  = 10 * loopOfSeed
	viewerStays = 30 * time.Second // for a segment
	works       = 8 * time.Second  // at most, until all works again; the origin wanted 7 s
)

// row of the table.
type row struct {
	first, segment          visit
	cold, loaded, fragments int // requests to the origin
	coldWell, segmentWell   time.Duration
	confirmed               time.Duration
	watched, failed         int // playlists of the loaded stream
}

// TestFaults is what viewers see of a sick origin: of a stream that is not
// loaded, of one that is, for ten loops, and of segments. Log the table: -v.
func TestFaults(t *testing.T) {
	table := "\n| the origin | cold stream | asked in 60 s | works again | loaded stream, ten loops | asked | segment | asked in 160 s | works again |\n|---|---|---|---|---|---|---|---|---|\n"
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			var r row
			synctest.Test(t, func(t *testing.T) { r.coldStream(newSickRig(t, f)) })
			synctest.Test(t, func(t *testing.T) { r.loadedStream(newSickRig(t, f)) })
			table += fmt.Sprintf("| %s | %s | %d | %s | %d of %d playlists, at once | %d | %s | %d | %s |\n", f.name,
				r.first, r.cold, seconds(r.coldWell), r.watched-r.failed, r.watched, r.loaded, r.segment, r.fragments, seconds(r.segmentWell))
		})
	}
	t.Log(table)
}

func seconds(d time.Duration) string {
	if d < 100*time.Millisecond {
		return "at once"
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// coldStream is asked for by three viewers each second, for a minute.
func (r *row) coldStream(s *sickRig) {
	s.begin()
	start := time.Now()
	r.first = s.visit("/live/master.m3u8")
	if r.first.seen != s.fault.cold || r.first.took > 12*time.Second {
		s.t.Errorf("a cold stream: %s, want %s", r.first, s.fault.cold)
	}
	if (r.first.seen == "503") != (r.first.retry != "") {
		s.t.Errorf("a cold stream: %s", r.first)
	}
	s.together(3, start.Add(time.Minute), func(int) time.Duration {
		s.visit("/live/master.m3u8")
		return time.Second
	})
	r.cold = s.hosts.count("", start)
	if most := 65 * max(s.fault.each, 1); r.cold > most { // once a second
		s.t.Errorf("a cold stream: the origin was asked %d times in a minute, want at most %d", r.cold, most)
	}
	if r.coldWell = s.recovers("/live/master.m3u8"); r.coldWell > works {
		s.t.Errorf("a cold stream works %s after the fault", r.coldWell)
	}
}

// together does something for several viewers until an instant, again after the
// pause that it returns.
func (s *sickRig) together(viewers int, until time.Time, do func(viewer int) time.Duration) {
	var all sync.WaitGroup
	for i := range viewers {
		all.Go(func() {
			time.Sleep(time.Duration(i) * 300 * time.Millisecond)
			for time.Now().Before(until) {
				time.Sleep(do(i))
			}
		})
	}
	all.Wait()
}

// loadedStream plays for three viewers, who fetch segments, again each second
// when that fails.
func (r *row) loadedStream(s *sickRig) {
	s.ok(seedAddresses[1])
	s.begin()
	start := time.Now()
	until := start.Add(faultLasts)
	var playlists sync.WaitGroup
	playlists.Go(func() { r.poll(s, until) })
	r.segment = s.visit("/live/" + segmentAt(0, start))
	if r.segment.seen != s.fault.segment || r.segment.took > viewerStays+time.Second {
		s.t.Errorf("a segment: %s, want %s", r.segment, s.fault.segment)
	}
	if !s.fault.heavy {
		s.together(3, until, func(i int) time.Duration { return s.fetchSegment(i) })
	}
	playlists.Wait()
	r.fragments = s.hosts.count(".ts", start)
	r.loaded = s.hosts.count(".m3u8", start)
	if most := int(faultLasts/leastRecheck) * max(s.fault.each, 1); r.loaded > most && !s.fault.down {
		s.t.Errorf("the origin was asked for playlists %d times, want at most %d", r.loaded, most)
	}
	if most := (3*int(faultLasts/time.Second) + 2) * max(s.fault.each, 1); r.fragments > most { // as often as viewers ask
		s.t.Errorf("the origin was asked for segments %d times, want at most %d", r.fragments, most)
	}
	if most := int(faultLasts/time.Second) + 40; s.fault.down && r.loaded+r.fragments > most { // once a second by any of them, when it is known
		s.t.Errorf("the origin was asked %d times, want at most %d", r.loaded+r.fragments, most)
	}
	if r.segmentWell = s.recovers("/live/" + segmentAt(0, time.Now())); r.segmentWell > works {
		s.t.Errorf("a segment works %s after the fault", r.segmentWell)
	}
	before := s.found(metrics.Unchanged)
	start = time.Now()
	for s.found(metrics.Unchanged) == before && time.Since(start) < 2*time.Minute {
		s.ok(seedAddresses[1])
		time.Sleep(time.Second)
	}
	if r.confirmed = time.Since(start); r.confirmed > time.Minute+works {
		s.t.Errorf("the stream is confirmed %s after the fault", r.confirmed)
	}
}

// segmentAt is what a viewer wants next at an instant.
func segmentAt(layer int, now time.Time) string {
	return fmt.Sprintf("master_Layer%d_%03d.ts", 1+layer%2, 1+now.Sub(epoch)/targetOf%4)
}

func (s *sickRig) fetchSegment(viewer int) time.Duration {
	if s.visit("/live/"+segmentAt(viewer, time.Now())).seen == "200" {
		return targetOf
	}
	return time.Second
}

// poll asks for both renditions each target duration: they advance, and nobody
// waits.
func (r *row) poll(s *sickRig, until time.Time) {
	last := [2]int64{}
	var mu sync.Mutex // guards r and last
	s.together(3, until, func(viewer int) time.Duration {
		layer := viewer % 2
		start := time.Now()
		a := s.get(seedAddresses[1+layer])
		took := time.Since(start)
		mu.Lock()
		defer mu.Unlock()
		r.watched++
		if a.status != 200 || took > 0 {
			r.failed++
			s.t.Errorf("a loaded stream: %d after %s", a.status, took)
			return targetOf
		}
		p := readPlaylist(s.t, a.body)
		if newest := epoch.Add(time.Since(epoch).Truncate(targetOf)); !p.newest().end().Equal(newest) || p.sequence < last[layer] {
			s.t.Errorf("a loaded stream at %s: EXT-X-MEDIA-SEQUENCE:%d, ends %s, want %s", time.Now(), p.sequence, p.newest().end(), newest)
		}
		last[layer] = p.sequence
		return targetOf
	})
}

// TestFaults_LeaveNothingBehind: no memory, no stream, no failure for ever, no
// goroutine, after all of them on one Server, twice.
func TestFaults_LeaveNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSickRig(t, fault{})
		s.logs.TakeAll()
		s.ok(seedAddresses[1])
		var heap, kept [2]int64
		var goroutines [2]int
		for round := range 2 {
			for i, f := range faults() {
				if f.tls != "" || f.heavy {
					continue
				}
				s.fault = f
				s.begin()
				for n := range 4 {
					s.visit(fmt.Sprintf("/live/%d/%d/master.m3u8?%d", i, n, n))
					s.visit(fmt.Sprintf("/live/%d/%d.ts", i, n))
				}
				s.ok(seedAddresses[1])
				s.end()
				time.Sleep(time.Minute)
				s.ok(seedAddresses[1])
			}
			s.rest()
			time.Sleep(5 * time.Minute) // idle connections are closed
			synctest.Wait()
			s.logs.TakeAll()
			s.files.forget()
			s.hosts.forget()
			heap[round], goroutines[round], kept[round] = heapInUse(), runtime.NumGoroutine(), s.station.Store().Bytes
		}
		if more := heap[1] - heap[0]; more > 4<<20 {
			t.Errorf("%d bytes more after the second round", more)
		}
		if goroutines[1] > goroutines[0] || kept[1]-kept[0] > 1024 { // a stream may have followed what a sick origin sent
			t.Errorf("goroutines %d, bytes of streams %d", goroutines, kept)
		}
		if n := s.station.Store().Streams; n != 1 {
			t.Errorf("%d streams, want 1", n)
		}
	})
}

func heapInUse() int64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
