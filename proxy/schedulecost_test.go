package proxy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vod2live/proxy/onair"
)

// fullObject is about how many eras a schedule object holds.
const fullObject = 9_000

// crowded is a channel with eras of 64 s up to a minute ago, all of which viewers may go back to.
func crowded(t testing.TB, eras int) *onair.Stream {
	t.Helper()
	until := time.Now().UTC().Truncate(time.Second).Add(-time.Minute)
	var all []string
	for n := range eras {
		at := until.Add(time.Duration(n-eras+1) * 64 * time.Second).Format(time.RFC3339)
		all = append(all, fmt.Sprintf(`{"at":%q,"starts":%[1]q,"numbers":{"media":[%d,%[2]d],"discontinuity":%d},"loop":[{"vod":"live/%c/master.m3u8","sum":"0000000000000000","stretches":[{"length":"8","segments":[2,2]}]}]}`, at, 16*n, 8*n, 'a'+n%2))
	}
	files := newVODs(vodOf("a", 4, 4), vodOf("b", 4, 4))
	files.put(objectPath, fmt.Sprintf(`{"vod2live":1,"channel":"news","target_duration":4,"model":"live/a/master.m3u8","written":%q,"frozen":%q,"eras":[%s]}`,
		until.Add(-time.Hour).Format(time.RFC3339), until.Add(-30*time.Minute).Format(time.RFC3339), strings.Join(all, ",")))
	r := newRig(t, files, byObject, func(c *Config) { c.Channels[0].DVR = 14 * 24 * time.Hour })
	<-r.station.Tried()
	st, loaded := r.station.Loaded(t.Context(), onair.Key{Mount: "news", Path: "master.m3u8"})
	if !loaded {
		t.Fatalf("not on air: %v", r.logs.All())
	}
	begun := until.Add(time.Duration(1-eras) * 64 * time.Second)
	r.ok(fmt.Sprintf("%s?start=%d&end=%d", news, begun.Unix(), begun.Unix()+32)) // the first era is on the timeline
	return st.Stream
}

// windows writes one window after the other from now on.
func windows(t testing.TB, st *onair.Stream) func() {
	now := time.Now()
	return func() {
		now = now.Add(4 * time.Second)
		if _, err := st.Media(0, now); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSchedule_AWindowOfManyErasAllocatesAsOfOne.
func TestSchedule_AWindowOfManyErasAllocatesAsOfOne(t *testing.T) {
	one := testing.AllocsPerRun(100, windows(t, crowded(t, 1)))
	st := crowded(t, fullObject)
	if full := testing.AllocsPerRun(100, windows(t, st)); full > one+1 {
		t.Errorf("a window allocates %g times with %d eras, with one %g times", full, fullObject, one)
	}
}

func BenchmarkSchedule_Change(b *testing.B) {
	for _, c := range []struct {
		name string
		eras int
	}{{"one", 1}, {"full", fullObject}} {
		b.Run(c.name, func(b *testing.B) {
			next := windows(b, crowded(b, c.eras))
			b.ReportAllocs()
			for b.Loop() {
				next()
			}
		})
	}
}
