package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/origin"
)

func TestState_SaysHowTheVODIsAtItsOrigin(t *testing.T) {
	for state, c := range map[State]struct {
		fault  http.HandlerFunc
		code   string
		advice string
	}{
		StateOK:      {nil, "", ""},
		StateStale:   {status(503, ""), CodeOriginFails, "Look at the origin"},
		StateGone:    {status(404, ""), CodeVODGone, "Bring it back before 2000-01-01T00:1"},
		StateChanged: {text(short("p")["p"]), CodeVODChanged, "new address"},
	} {
		t.Run(string(state), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(seed())
				r := newRig(t, files)
				r.ok(seedAddresses[1])
				loaded := time.Now()
				files.fail("", c.fault)
				time.Sleep(time.Minute + time.Second)
				r.ok(seedAddresses[1])
				r.rest()
				s := r.only()
				if s.State != state || len(s.Problems) > 0 != (c.code != "") || c.code != "" && (s.Problems[0].Code != c.code || !strings.Contains(s.Problems[0].Advice, c.advice)) {
					t.Errorf("%s: %+v", s.State, s.Problems)
				}
				if confirmed := time.Time(s.Confirmed); confirmed.Equal(loaded) != (state != StateOK) {
					t.Errorf("confirmed at %s, loaded at %s", confirmed, loaded)
				}
				files.fail("", nil)
				time.Sleep(time.Minute + time.Second)
				r.ok(seedAddresses[1])
				r.rest()
				if s := r.only(); state != StateChanged && (s.State != StateOK || len(s.Problems) > 0) {
					t.Errorf("back again: %s %+v", s.State, s.Problems)
				}
			})
		})
	}
}

func TestProblems_AListLeavesNoticesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()), func(c *Config) {
			c.Options.Window = time.Second
			c.Examine = func(in *Inspection) []Problem {
				return []Problem{{Severity: Notice, Code: "n"}, {Severity: Warning, Code: fmt.Sprint(len(in.Media), in.Multivariant != nil, in.Live != nil)}}
			}
		})
		r.ok(seedAddresses[0])
		codes := func(problems []Problem) (all []string) {
			for _, p := range problems {
				all = append(all, p.Code)
			}
			return all
		}
		if got := codes(r.only().Problems); fmt.Sprint(got) != "[2 true true]" {
			t.Errorf("in the list: %v", got)
		}
		d, err := r.Detail(r.only().ID, time.Time{})
		if got := codes(d.Problems); err != nil || fmt.Sprint(got) != "[2 true true n window-raised]" {
			t.Errorf("in detail: %v, %v", got, err)
		}
	})
}

func TestOrigins_TellHealthWithoutSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTwins(t)
		state := func() OriginStatus {
			all := w.Origins()
			told(t, all)
			return all[0]
		}
		if s := state(); s.State != "unknown" || s.LastError != nil || s.MeanLatency != nil || s.URL != "http://first.test/vod/" || len(s.Places) != 2 || s.Segments != "proxy" {
			t.Errorf("at the start: %+v", s)
		}
		w.ok("/live/master.m3u8")
		if s := state(); s.State != "ok" || s.MeanLatency == nil || time.Time(s.LastOK).IsZero() || s.Requests["ok"] != 3 || s.Places[0].State != "ok" || s.Places[1].State != "unknown" {
			t.Errorf("after a load: %+v", s)
		}
		w.first.fail("", status(503, hush))
		for n := range 6 { // one object may be bad alone
			w.ok(fmt.Sprintf("/live/master_Layer%d_%03d.ts", 1+n%2, 1+n/2))
		}
		if s := state(); s.State != "ok" || s.Places[0].State != "paused" || s.Places[0].Failures < 5 || time.Time(s.Places[0].PausedUntil).IsZero() || s.LastError == nil || *s.LastError != "the origin answers 503 Service Unavailable" {
			t.Errorf("while the first fails: %s", told(t, s))
		}
		if got := w.metric(`vod2live_origin_places_paused{origin="live"}`); got != 1 {
			t.Errorf("%v places are paused", got)
		}
		w.second.fail("", raw("HTTP/1.1 hunter2", 0))
		for n := range 8 {
			w.get(fmt.Sprintf("/live/master_Layer%d_%03d.ts", 1+n%2, 1+n/2))
		}
		if s := state(); s.State != "failing" || s.Requests["server_error"] == 0 {
			t.Errorf("while both fail: %s", told(t, s))
		}
		w.first.fail("", nil)
		w.second.fail("", nil)
		time.Sleep(10 * time.Second)
		for range 4 {
			w.get(aSegment)
		}
		if s := state(); s.State != "ok" || w.metric(`vod2live_origin_places_paused{origin="live"}`) > 1 {
			t.Errorf("back again: %s", told(t, s))
		}
	})
}

func TestOrigins_TheMeanLatencyIsOfTheLastRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		takes := 100 * time.Millisecond
		r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(takes)
			w.(http.Flusher).Flush()
			time.Sleep(time.Second)
		}))
		mean := func() time.Duration { return time.Duration(*r.Origins()[0].MeanLatency) }
		if r.ok("/live/a.ts"); mean() != takes {
			t.Errorf("%s, want %s", mean(), takes)
		}
		takes = 300 * time.Millisecond
		if r.ok("/live/a.ts"); mean() != 120*time.Millisecond {
			t.Errorf("%s, want a tenth of the way to %s", mean(), takes)
		}
		for range 40 {
			r.ok("/live/a.ts")
		}
		if off := takes - mean(); off < 0 || off > 10*time.Millisecond {
			t.Errorf("%s, want about %s", mean(), takes)
		}
	})
}

func TestOrigins_SayWhetherTheyAreSignedAndDirect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()), with(func(o *origin.Origin) { o.Direct = true }))
		if s := r.Origins()[0]; s.Segments != "direct" || s.Signed {
			t.Errorf("%+v", s)
		}
	})
}

func TestCache_TellsWhatTheMetricsSay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(movies("a")))
		r.ok("/live/a/master.m3u8")
		r.get("/live/none.m3u8")
		c := r.Cache().Streams
		if c.Count != 1 || c.Bytes != r.store.bytes || c.Limit != 64<<20 || c.Failures != 1 || c.Evictions != 0 {
			t.Errorf("%+v", c)
		}
	})
}
