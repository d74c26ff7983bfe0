package proxy

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func told(t testing.TB, what any) string {
	t.Helper()
	text, err := json.Marshal(what)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range append([]string{hush}, secrets[1:]...) { // the host may be told
		if strings.Contains(string(text), secret) {
			t.Errorf("%s is told: %s", secret, text)
		}
	}
	return string(text)
}

// only is the one stream that is loaded.
func (r *rig) only() Summary {
	r.t.Helper()
	list := r.Streams("")
	told(r.t, list)
	if len(list.Streams) != 1 || list.Total != 1 {
		r.t.Fatalf("%d of %d streams are told of", len(list.Streams), list.Total)
	}
	return list.Streams[0]
}

func TestStreams_TellWhatThePlaylistSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()))
		for range 40 {
			time.Sleep(3700 * time.Millisecond)
			newest := readPlaylist(t, r.ok("/live/master.m3u8/0.m3u8").body).newest()
			s, now := r.only(), time.Now()
			e := s.Edge
			if e.MediaSequence != newest.number || e.DiscontinuitySequence != newest.discontinuity || !time.Time(e.LiveEdge).Equal(newest.end()) || e.BeginsIn != 0 {
				t.Fatalf("%+v, want that of %+v", e, newest)
			}
			since := now.Sub(epoch.Add(-time.Hour))
			nextLoop := time.Time(e.NextLoop).Sub(now)
			if want := int64((since - 1) / (16 * time.Second)); since%(16*time.Second) >= 4*time.Second && e.Loop != want {
				t.Errorf("loop %d, want %d", e.Loop, want)
			}
			if nextLoop <= 0 || nextLoop > 16*time.Second || (since+nextLoop)%(16*time.Second) != 0 {
				t.Errorf("the next loop point is in %s, %s after the epoch", nextLoop, since)
			}
			if next := time.Time(e.NextChange).Sub(now); next <= 0 || next > 4*time.Second {
				t.Errorf("the next change is in %s", next)
			}
		}
		s := r.only()
		if s.Address != "/live/master.m3u8" || s.Mount != "live" || s.Origin != "live" || s.VOD != "master.m3u8" || s.Channel || s.HasQuery || s.Renditions != 2 ||
			s.Length != Seconds(16*time.Second) || s.Target != Seconds(4*time.Second) || s.Window != Seconds(24*time.Second) || s.State != StateOK || len(s.ID) != 16 {
			t.Errorf("%+v", s)
		}
	})
}

// TestStreams_ShowNoQuery: that of a viewer may be a token, and an origin may
// put it into its playlists.
func TestStreams_LeaveWhatIsKeptAsItIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(movies("a", "b", "c"))
		r := newRig(t, files)
		for _, name := range []string{"a", "b", "c"} {
			r.ok("/live/" + name + "/master.m3u8")
			time.Sleep(2 * time.Second)
		}
		used := r.store.streams.Keys()
		asked := files.count("")
		time.Sleep(time.Hour)
		list := r.Streams("")
		for _, s := range list.Streams {
			if _, err := r.Detail(s.ID, time.Time{}); err != nil {
				t.Error(err)
			}
		}
		r.rest()
		if now := r.store.streams.Keys(); fmt.Sprint(now) != fmt.Sprint(used) || files.count("") != asked {
			t.Errorf("streams %v, before %v; %d requests of the origin, before %d", now, used, files.count(""), asked)
		}
		if got := list.Streams; got[0].VOD != "c/master.m3u8" || got[2].VOD != "a/master.m3u8" || time.Since(time.Time(got[0].Used)) < time.Hour {
			t.Errorf("not those used last first: %+v", got)
		}
	})
}

func TestStreams_AreFoundByAddressAndVOD(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(movies("alpha", "beta")), channels("news", "beta/master.m3u8"))
		synctest.Wait()
		r.ok("/live/alpha/master.m3u8")
		for search, want := range map[string][]string{
			"": {"/news/master.m3u8", "/live/alpha/master.m3u8"}, "alpha": {"/live/alpha/master.m3u8"}, "beta": {"/news/master.m3u8"},
			"news": {"/news/master.m3u8"}, "gamma": {},
		} {
			got := []string{}
			for _, s := range r.Streams(search).Streams {
				got = append(got, s.Address)
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("search for %q: %v, want %v", search, got, want)
			}
		}
	})
}

func TestStreams_AListIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := short("p")["p"]
		r := newRig(t, nil, func(c *Config) {
			c.Transport = roundTripper(func(q *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(one)), Request: q}, nil
			})
		})
		long := strings.Repeat("long/", 1000)
		for i := range MaxListed + 10 {
			r.ok(fmt.Sprintf("/live/%s%d.m3u8", long, i))
		}
		list := r.Streams("")
		if size := len(told(t, list)); list.Total != MaxListed+10 || len(list.Streams) != MaxListed || size > MaxListed*(2*maxAddress+1500) {
			t.Errorf("%d of %d, %d bytes", len(list.Streams), list.Total, size)
		}
		if s := r.find(r.Streams("").Streams[999].ID); s == nil {
			t.Error("one of the list is not found")
		}
	})
}

// TestOrigins_TheMeanLatencyIsOfTheLastRequests, until headers.
