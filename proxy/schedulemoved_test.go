package proxy

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/proxy/onair"
	"vod2live/proxy/schedule"
)

// movingOrigin has a schedule object beside VODs whose timestamps can go on.
type movingOrigin struct {
	*vods
	media *measuredVOD
	gone  atomic.Pointer[string] // a path of it that is not found
}

func (o *movingOrigin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	gone := o.gone.Load()
	switch {
	case gone != nil && r.URL.Path == *gone:
		http.NotFound(w, r)
	case strings.HasSuffix(r.URL.Path, ".json"):
		o.vods.ServeHTTP(w, r)
	default:
		o.media.ServeHTTP(w, r)
	}
}

// moving is the writer of a schedule of such VODs, and their origin.
func moving(t *testing.T, eras ...string) (*writer, *movingOrigin) {
	t.Helper()
	from := &movingOrigin{vods: newVODs(), media: newContinuousVOD(t)}
	w := &writer{t: t, files: from.vods}
	w.move(from, eras...)
	return w, from
}

func (w *writer) move(from *movingOrigin, eras ...string) {
	w.t.Helper()
	o, err := schedule.Read("wish", []byte(`{"channel":"news","target_duration":1,"model":"live/p.m3u8","eras":[`+strings.Join(eras, ",")+`]}`))
	if err != nil {
		w.t.Fatal(err)
	}
	r := newRig(w.t, from, continuous)
	defer r.Close()
	config := r.config.Config
	config.Metrics, config.Log = metrics.New("tool"), zap.NewNop()
	made, err := onair.Lock(w.t.Context(), config, onair.Channel{Name: "news", Options: config.Options}, onair.LockRequest{Wish: o, Current: w.current, Gaps: true})
	if err != nil {
		w.t.Fatal(err)
	}
	w.put(made.Object)
}

const movingNews = "/news/master.m3u8"

// movingEra is one of VODs that are media playlists.
func movingEra(after time.Duration, play, loop string) string {
	return strings.ReplaceAll(era(after, play, loop), "/master.m3u8", ".m3u8")
}

func (o *movingOrigin) on(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, o, continuous, byObject)
	<-r.station.Tried()
	return r
}

// TestSchedule_ReplicasAgreeWhereTimestampsGoOn: in loops of one VOD, over eras, whenever
// they start.
func TestSchedule_ReplicasAgreeWhereTimestampsGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		eras := []string{movingEra(-time.Hour, "", "p"), movingEra(12*time.Minute, "q", "q p"), movingEra(20*time.Minute, "p", "q")}
		w, from := moving(t, eras...)
		all := []*rig{from.on(t)}
		loops, tagged := 0, 0
		for n := range 500 {
			if n%120 == 60 {
				all = append(all, from.on(t))
			}
			if n == 200 {
				w.move(from, append(eras[1:], movingEra(32*time.Minute, "", "p"))...)
			}
			body := all[0].ok(movingNews).body
			for k, r := range all {
				if other := r.ok(movingNews).body; other != body {
					t.Fatalf("at %s server %d answers\n%s\nand not\n%s", time.Now(), k, other, body)
				}
			}
			if len(readPlaylist(t, body).segments) > 6 && !strings.Contains(body, "#EXT-X-DISCONTINUITY\n") {
				loops++
			}
			tagged += strings.Count(body, "#EXT-X-DISCONTINUITY\n")
			time.Sleep(4700 * time.Millisecond)
		}
		if loops < 100 || tagged < 100 {
			t.Errorf("%d windows are without a discontinuity, there are %d in the others", loops, tagged)
		}
	})
}

// TestSchedule_AMissingVODCountsWhereTimestampsGoOn, as if it were there, also in the eras
// after its own.
func TestSchedule_AMissingVODCountsWhereTimestampsGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		eras := []string{movingEra(-time.Hour, "", "q"), movingEra(12*time.Minute, "", "p"), movingEra(30*time.Minute, "", "q")}
		w, from := moving(t, eras...)
		whole := from.on(t)
		gone := "/vod/q.m3u8"
		from.gone.Store(&gone)
		part := from.on(t)
		for n := range 450 {
			if n == 100 { // the last era gets a successor
				from.gone.Store(nil)
				w.move(from, append(eras, movingEra(40*time.Minute, "p", "p"))...)
				from.gone.Store(&gone)
			}
			a, b := readPlaylist(t, whole.ok(movingNews).body), readPlaylist(t, part.ok(movingNews).body)
			after := map[int64]int64{}
			for _, x := range a.segments {
				after[x.number] = x.discontinuity
			}
			for _, x := range b.segments {
				if n, both := after[x.number]; both && n != x.discontinuity {
					t.Fatalf("at %s number %d is after %d discontinuities, here after %d", time.Now(), x.number, n, x.discontinuity)
				}
			}
			time.Sleep(5700 * time.Millisecond)
		}
	})
}
