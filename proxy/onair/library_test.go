package onair

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/origin"
)

// TestRecords_AreOfWhatIsInUse: of a VOD that is in use there is one record, and of any number of others none.
func TestRecords_AreOfWhatIsInUse(t *testing.T) {
	r := newRecords()
	used := make([]*record, 10)
	for n := range used {
		used[n] = r.of(title{path: string(rune('a' + n))})
	}
	most := 0
	for n := range 5_000 {
		r.of(title{path: "vod", query: string(rune(n))})
		if n%100 == 0 {
			runtime.GC()
		}
		most = max(most, len(r.all))
	}
	if most > 500 {
		t.Errorf("%d records are kept of 10 in use", most)
	}
	for n, one := range used {
		if path := string(rune('a' + n)); r.of(title{path: path}) != one || r.known(title{path: path}) != one {
			t.Errorf("%s has another record", path)
		}
	}
}

// nights is an origin of a schedule object and of any number of VODs of 8 s.
type nights struct{ object atomic.Value }

func (n *nights) RoundTrip(r *http.Request) (*http.Response, error) {
	text := "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n0.ts\n#EXTINF:4,\n1.ts\n#EXT-X-ENDLIST\n"
	switch {
	case strings.HasSuffix(r.URL.Path, ".json"):
		text = n.object.Load().(string)
	case strings.HasSuffix(r.URL.Path, "/master.m3u8"):
		text = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\n0.m3u8\n"
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, ContentLength: int64(len(text)), Body: io.NopCloser(strings.NewReader(text))}, nil
}

// write writes the object of so many eras of 64 s since an instant, each of another VOD.
func (n *nights) write(since time.Time, eras int) {
	var all []string
	for k := range eras {
		all = append(all, fmt.Sprintf(`{"at":%q,"starts":%[1]q,"numbers":{"media":[%d],"discontinuity":%d},"loop":[{"vod":"live/v%d/master.m3u8","sum":"0000000000000000","stretches":[{"length":"8","segments":[2]}]}]}`,
			since.Add(time.Duration(k)*64*time.Second).Format(time.RFC3339), 16*k, 8*k, k))
	}
	now := time.Now().UTC()
	n.object.Store(fmt.Sprintf(`{"vod2live":1,"channel":"news","target_duration":4,"model":"live/v0/master.m3u8","written":%q,"frozen":%q,"eras":[%s]}`,
		now.Format(time.RFC3339), now.Add(5*time.Minute).Format(time.RFC3339), strings.Join(all, ",")))
}

// inUse is how many records are left once garbage is collected.
func inUse(r *records) (count int) {
	runtime.GC()
	runtime.GC()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.all {
		if one.Value() != nil {
			count++
		}
	}
	return count
}

// TestLibrary_ForgetsVODsThatAreNoLongerPlayed: a channel plays hundreds, one after the other, and what is kept is of those
// that are on air or soon will be.
func TestLibrary_ForgetsVODsThatAreNoLongerPlayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, begin, eras := &nights{}, time.Now().UTC().Truncate(time.Second), 30
		n.write(begin, eras)
		from, err := origin.New("live", "http://origin.test/vod", 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		options := playlist.Options{Window: 24 * time.Second, Epoch: begin}
		s := New(Config{
			Origins: []*origin.Origin{from}, Transport: n, Now: time.Now, Log: zap.NewNop(), Metrics: metrics.New("test"), Options: options,
			Revalidate: time.Minute, GoneAfter: 10 * time.Minute, Timeout: 10 * time.Second, CacheBytes: 64 << 20,
			Channels: []Channel{{Name: "news", Origin: "live", Path: "news.json", Options: options, Object: &ObjectSource{Origin: "live", Path: "news.json", Origins: []string{"live"}}}},
		}, nil)
		defer s.Close()
		library := s.mounts["news"].playout.library
		for eras < 250 {
			time.Sleep(10 * 64 * time.Second)
			eras += 10
			n.write(begin, eras)
		}
		time.Sleep(2 * time.Minute) // it is adopted
		on := title{origin: "live", path: fmt.Sprintf("v%d/master.m3u8", time.Since(begin)/(64*time.Second))}
		if library.held.known(on) == nil {
			t.Errorf("nothing is known of %s, which is on air", on)
		}
		played, kept := int(time.Since(begin)/(64*time.Second)), inUse(library.held)
		t.Logf("of %d VODs that were played %d are kept", played, kept)
		if played < 200 || kept > 60 {
			t.Errorf("want at least 200, and at most 60")
		}
	})
}
