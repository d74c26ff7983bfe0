package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/admin"
	"vod2live/proxy/onair"
	"vod2live/proxy/problem"
)

// lostSegments are the problems by code segments-fail, by the address of their stream.
func lostSegments(list admin.Streams) map[string]problem.Problem {
	all := map[string]problem.Problem{}
	for _, s := range list.Streams {
		for _, p := range s.Problems {
			if p.Code == onair.CodeSegmentsFail {
				all[s.Address] = p
			}
		}
	}
	return all
}

// TestStreams_TellOfSegmentsThatTheOriginDoesNotGive, of every stream that shows them and
// of no other, from the first on until nobody has missed one for a while.
func TestStreams_TellOfSegmentsThatTheOriginDoesNotGive(t *testing.T) {
	for _, code := range []int{http.StatusNotFound, http.StatusForbidden} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs(movies("a", "b", "a/c"))
			r := newRig(t, files, channels("news", "a/master.m3u8", "sport", "b/master.m3u8"))
			synctest.Wait() // until they are loaded
			files.fail("a/master_Layer1_002.ts", status(code, hush))
			for _, movie := range []string{"a", "b", "a/c"} {
				r.ok("/live/" + movie + "/master.m3u8/0.m3u8")
				r.ok("/live/" + movie + "/master.m3u8/1.m3u8")
			}
			began := time.Now()
			for range 3 {
				r.get("/live/a/master_Layer1_002.ts?" + hush)
				time.Sleep(time.Second)
			}
			r.get("/live/a/none.ts")
			r.get("/live/b/none.ts")
			list := r.Streams("")
			told(t, list)
			found := lostSegments(list)
			for _, address := range []string{"/news/master.m3u8", "/live/a/master.m3u8"} {
				p := found[address]
				if p.Severity != problem.Error || !time.Time(p.Since).Equal(began) || !strings.Contains(p.Text, "segments: 3.") || !strings.Contains(p.Text, fmt.Sprintf("a/master_Layer1_002.ts?***: %d", code)) {
					t.Errorf("%d: %s: %+v", code, address, p)
				}
			}
			if len(found) != 2 {
				t.Errorf("%d: %v", code, found)
			}
			time.Sleep(6 * time.Minute)
			if found := lostSegments(r.Streams("")); len(found) != 0 {
				t.Errorf("%d: some minutes later: %v", code, found)
			}
		})
	}
}

// TestStreams_AnOriginThatFailsLosesNoSegments: it is told by itself.
func TestStreams_AnOriginThatFailsLosesNoSegments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(movies("a"))
		r := newRig(t, files, channels("news", "a/master.m3u8"))
		r.ok("/live/a/master.m3u8/0.m3u8")
		files.fail("", status(503, ""))
		for range 10 {
			if a := r.get("/live/a/master_Layer1_002.ts"); a.status < 500 {
				t.Fatalf("%d", a.status)
			}
		}
		if found := lostSegments(r.Streams("")); len(found) != 0 {
			t.Errorf("%v", found)
		}
	})
}

// TestStreams_SayHowTheOriginFails, and since when: the first request that failed, not
// that it is not asked meanwhile.
func TestStreams_SayHowTheOriginFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(movies("a"))
		r := newRig(t, files, channels("news", "a/master.m3u8"))
		r.ok("/news/master.m3u8/0.m3u8")
		files.fail("", status(503, hush))
		var began time.Time
		for range 120 {
			r.get("/news/master.m3u8/0.m3u8")
			for layer := range 2 {
				r.get(fmt.Sprintf("/live/a/master_Layer%d_001.ts", 1+layer))
			}
			if p := r.Streams("").Streams[0].Problems; len(p) > 0 && began.IsZero() {
				began = time.Time(p[0].Since)
			}
			time.Sleep(time.Second)
		}
		list := r.Streams("")
		told(t, list)
		p := list.Streams[0].Problems[0]
		if p.Code != "origin-fails" || !strings.Contains(p.Text, "503 Service Unavailable") || began.IsZero() || time.Since(time.Time(p.Since)) < time.Minute/2 {
			t.Errorf("%+v, began %s", p, began)
		}
		files.fail("", nil)
		time.Sleep(2 * time.Minute)
		r.get("/news/master.m3u8/0.m3u8")
		time.Sleep(time.Minute)
		if p := r.Streams("").Streams[0].Problems; len(p) > 0 {
			t.Errorf("once it is back: %+v", p)
		}
	})
}

// TestStreams_TellOfMovedSegmentsThatTheOriginDoesNotGive: their addresses are the
// stream's own.
func TestStreams_TellOfMovedSegmentsThatTheOriginDoesNotGive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newContinuousVOD(t)
		r := newRig(t, v, continuous)
		_, addresses := r.segmentsOf("/live/p.m3u8")
		delete(v.segments, "/vod/middle.ts")
		for _, address := range addresses {
			r.get(address)
		}
		if p := lostSegments(r.Streams(""))["/live/p.m3u8"]; !strings.Contains(p.Text, "middle.ts: 404") {
			t.Errorf("%+v", p)
		}
	})
}
