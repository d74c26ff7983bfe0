package proxy

import (
	"fmt"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/proxy/onair"
)

// tokens are queries of viewers, and what tells one from another.
var tokens = []string{"aaaa" + hush, "bbbb" + hush, "cccc" + hush}

func query(token string) string { return "?token=" + token }

// owners is an origin of subtitled VODs that does with a viewer's query what origins do.
type owners struct {
	*vods
	refused sync.Map // token to status
}

func (o *owners) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	if code, is := o.refused.Load(token); is {
		w.WriteHeader(code.(int))
		return
	}
	name := path.Base(r.URL.Path)
	kind, _, _ := strings.Cut(name, "-")
	o.mu.Lock()
	text := o.files[strings.TrimPrefix(r.URL.Path, "/vod/")]
	o.mu.Unlock()
	answer := func(text string) {
		o.mu.Lock()
		o.asked = append(o.asked, r)
		o.mu.Unlock()
		fmt.Fprint(w, text)
	}
	switch kind {
	case "define": // in addresses of segments
		answer(strings.Replace(text, "#EXTM3U\n", "#EXTM3U\n#EXT-X-DEFINE:QUERYPARAM=\"token\"\n", 1))
	case "signed": // addresses of renditions
		answer(strings.ReplaceAll(text, ".m3u8", ".m3u8?sig="+token))
	case "moved": // another folder for each
		http.Redirect(w, r, "/vod/"+token[:4]+"/master.m3u8", http.StatusFound)
	case "reflected": // into a comment
		answer(text + "# " + r.URL.RawQuery + "\n")
	default:
		o.vods.ServeHTTP(w, r)
	}
}

func newOwners() *owners {
	files := subtitled()
	files["text/en.m3u8"] = "#EXTM3U\n#EXT-X-TARGETDURATION:16\n#EXTINF:16,\nen.vtt?v=1\n#EXT-X-ENDLIST\n"
	for _, kind := range []string{"plain", "signed", "moved", "reflected"} {
		files[kind+"-.m3u8"] = files["sub.m3u8"]
	}
	files["define-.m3u8"] = "#EXTM3U\n#EXTINF:4,\na.ts?t={$token}\n#EXTINF:4,\nb.ts?t={$token}\n#EXT-X-ENDLIST\n"
	for _, token := range tokens {
		files[token[:4]+"/master.m3u8"] = files["master.m3u8"]
		for _, name := range []string{"master_Layer1.m3u8", "master_Layer2.m3u8"} {
			files[token[:4]+"/"+name] = files[name]
		}
	}
	return &owners{vods: newVODs(files)}
}

var ofPlaylist = regexp.MustCompile(`(?m)^[^#\n]+$|URI="[^"]+"`)

// playForm requests a stream, and all that is beneath it, as a player does, and fails
// if any answer has a byte of another viewer's token.
func (r *rig) playForm(address, token string) {
	r.t.Helper()
	for _, encoding := range []string{"identity", "gzip"} {
		a := r.getAs(address+query(token), token, encoding)
		for _, uri := range ofPlaylist.FindAllString(a, -1) {
			uri = strings.TrimSuffix(strings.TrimPrefix(uri, `URI="`), `"`)
			if !strings.Contains(uri, ".m3u8/") {
				continue
			}
			media := r.getAs(path.Join(path.Dir(address), uri), token, encoding)
			for _, uri := range ofPlaylist.FindAllString(media, -1) {
				if strings.Contains(uri, ".vtt") {
					r.getAs(path.Join(address, uri), token, encoding)
				}
			}
		}
	}
}

func (r *rig) getAs(address, token, encoding string) string {
	r.t.Helper()
	a := r.ok(address, "Accept-Encoding", encoding)
	text := fmt.Sprint(a.header) + a.unpacked(r.t)
	for _, other := range tokens {
		if other != token && strings.Contains(text, other[:4]) {
			r.t.Fatalf("GET %s shows another's token: %s", address, text)
		}
	}
	return a.unpacked(r.t)
}

func TestForms_NoAnswerHasAByteOfAnothersQuery(t *testing.T) {
	for kind, want := range map[string]struct{ streams, eras int }{"plain": {1, 0}, "define": {3, 0}, "signed": {3, 0}, "moved": {3, 0}, "reflected": {3, 0}} {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, newOwners())
				for range 60 {
					for _, token := range tokens {
						r.playForm("/live/"+kind+"-.m3u8", token)
					}
					time.Sleep(4 * time.Second)
				}
				if n := r.station.Store().Streams; n != want.streams {
					t.Errorf("%d texts, want %d", n, want.streams)
				}
				if n := r.eras(metrics.EraBegun) + r.eras(metrics.EraRefused); n != want.eras {
					t.Errorf("%d eras", n)
				}
			})
		})
	}
}

// TestForms_OwnTextsHaveOneTimeline, also of one whose text was dropped and is loaded
// again after an edit.
func TestForms_OwnTextsHaveOneTimeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := newOwners()
		r := newRig(t, from)
		at := func(token string) livePlaylist {
			return readPlaylist(t, r.ok("/live/signed-.m3u8/0.m3u8"+query(token)).body)
		}
		first := at(tokens[0])
		if got := at(tokens[1]); got.sequence != first.sequence {
			t.Errorf("EXT-X-MEDIA-SEQUENCE:%d beside %d", got.sequence, first.sequence)
		}
		from.putAll(bitrates("master", 3, 3, 3))
		for range 100 {
			first = at(tokens[0])
			time.Sleep(3 * time.Second)
		}
		if r.eras(metrics.EraBegun) == 0 {
			t.Fatal("the edit has not taken over")
		}
		first = at(tokens[0])
		if got := at(tokens[2]); got.sequence < first.sequence || got.sequence > first.sequence+3 || got.newest().duration != 3*time.Second {
			t.Errorf("EXT-X-MEDIA-SEQUENCE:%d beside %d", got.sequence, first.sequence)
		}
	})
}

func TestForms_TooManyTextsAreAProblem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newOwners())
		last := map[int]int64{}
		for range 3 {
			for i := range maxTexts + 1 {
				p := readPlaylist(t, r.ok(fmt.Sprintf("/live/signed-.m3u8/0.m3u8?token=%s%d", hush, i)).body)
				if p.sequence < last[i] {
					t.Errorf("EXT-X-MEDIA-SEQUENCE:%d after %d", p.sequence, last[i])
				}
				last[i] = p.sequence
			}
			time.Sleep(4 * time.Second)
		}
		if n := r.station.Store().Streams; n != maxTexts {
			t.Errorf("%d texts, want %d", n, maxTexts)
		}
		if n := r.logs.FilterField(zap.String("code", onair.CodeManyTexts)).Len(); n != 1 {
			t.Errorf("%d lines about the texts, want 1", n)
		}
	})
}

func TestForms_ARefusedTokenEndsAloneAndLater(t *testing.T) {
	for code, want := range map[int]int{401: 403, 403: 403, 404: 404, 410: 404} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				from := newOwners()
				r := newRig(t, from)
				address := "/live/plain-.m3u8"
				r.ok(address + query(tokens[0]))
				from.refused.Store(tokens[1], code)
				if a := r.get(address + query(tokens[1])); a.status != want {
					t.Errorf("a refused token gets %d, want %d", a.status, want)
				}
				r.ok(address + query(tokens[2]))
				from.refused.Store(tokens[2], code)
				ended := time.Duration(0)
				for at := time.Duration(0); at < 6*time.Minute; at += 4 * time.Second {
					r.ok(address + "/0.m3u8" + query(tokens[0]))
					if a := r.get(address + "/0.m3u8" + query(tokens[2])); a.status == want && ended == 0 {
						ended = at
					} else if (a.status == want) != (ended != 0) {
						t.Fatalf("after %s the refused token gets %d", at, a.status)
					}
					time.Sleep(4 * time.Second)
				}
				if ended < time.Minute || ended > 4*time.Minute {
					t.Errorf("the token that is refused later ends after %s", ended)
				}
				if s := r.only(); s.State != onair.StateOK {
					t.Errorf("the stream is %s", s.State)
				}
				from.refused.Delete(tokens[2])
				time.Sleep(mostPause) // that it is refused is remembered
				r.ok(address + query(tokens[2]))
			})
		})
	}
}

// TestForms_AVODIsGoneForAll only if the origin says so to all.
func TestForms_AVODIsGoneForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := newOwners()
		r := newRig(t, from)
		address := "/live/plain-.m3u8/0.m3u8"
		watch := func(d time.Duration) {
			for range d / (4 * time.Second) {
				for _, token := range tokens[:2] {
					r.ok(address + query(token))
				}
				time.Sleep(4 * time.Second)
			}
		}
		watch(time.Minute)
		for _, token := range tokens[:2] {
			from.refused.Store(token, 404)
		}
		watch(9 * time.Minute)
		time.Sleep(time.Minute)
		for range 60 {
			r.get(address + query(tokens[0]))
			r.get(address + query(tokens[1]))
			time.Sleep(4 * time.Second)
		}
		if a := r.get(address + query(tokens[0])); a.status != 404 {
			t.Errorf("a VOD that is gone: %d", a.status)
		}
	})
}

// manyForms is how many tokens watch one VOD.
func manyForms() int {
	if raceEnabled {
		return 1_000
	}
	return 10_000
}

// statusWriter keeps the status of an answer, and no more.
type statusWriter struct {
	reused
	status int
}

func (w *statusWriter) WriteHeader(code int) { w.status = code }

func (w *statusWriter) Write(p []byte) (int, error) {
	w.status = max(w.status, http.StatusOK)
	return len(p), nil
}

// TestForms_ManyAreOneVOD: each polls one media playlist per target duration, while a
// stranger asks with other queries.
func TestForms_ManyAreOneVOD(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		var mu sync.Mutex
		last := map[string]time.Time{}
		var asked, media, soon atomic.Int64
		r := newRig(t, nil, func(c *Config) {
			c.CacheBytes, c.NoAccessLog = 256<<20, true
			c.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
				defer files.forget()
				asked.Add(1)
				if q := req.URL.RawQuery; q != "" {
					mu.Lock()
					if !last[q].IsZero() && time.Since(last[q]) < time.Minute {
						soon.Add(1)
					}
					last[q] = time.Now()
					mu.Unlock()
				} else {
					media.Add(1)
				}
				return recorded(files, req), nil
			})
		})
		n := manyForms()
		for i := range n {
			r.ok(fmt.Sprintf("/live/master.m3u8?token=%d", i))
		}
		one := r.station.Snapshots()
		if len(one) != 1 || one[0].Forms != n {
			t.Fatalf("%d streams, the first of %d forms", len(one), one[0].Forms)
		}
		const polls = 75
		watching := make([]*http.Request, n)
		for i := range watching {
			watching[i] = request(http.MethodGet, fmt.Sprintf("/live/master.m3u8/0.m3u8?token=%d", i))
		}
		for poll := range polls {
			for _, req := range watching {
				w := &statusWriter{reused: reused{header: http.Header{}}}
				if r.ServeHTTP(w, req); w.status != http.StatusOK {
					t.Fatalf("GET %s: %d", req.URL, w.status)
				}
			}
			for i := range 10 * n / polls {
				r.get(fmt.Sprintf("/live/master.m3u8?x=%d-%d", poll, i))
			}
			time.Sleep(4 * time.Second)
		}
		r.rest()
		all := r.station.Snapshots()
		if len(all) != 1 || soon.Load() != 0 {
			t.Errorf("%d streams; %d requests for a form within a minute", len(all), soon.Load())
		}
		if got := media.Load(); got > 20 {
			t.Errorf("%d requests for media playlists", got)
		}
		t.Logf("%d forms watched, %d in all, %d requests in 5 min", n, all[0].Forms, asked.Load())
	})
}

// TestForms_AFloodLeavesTheOneThatIsWatched, at the bound of their memory.
func TestForms_AFloodLeavesTheOneThatIsWatched(t *testing.T) {
	files := newVODs(seed())
	var watched atomic.Int64
	r := newRig(t, nil, func(c *Config) {
		c.CacheBytes, c.NoAccessLog = 4<<20, true
		c.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
			defer files.forget()
			if req.URL.RawQuery == "token=watched" {
				watched.Add(1)
			}
			return recorded(files, req), nil
		})
	})
	r.ok("/live/master.m3u8?token=watched")
	floods := 100_000
	if raceEnabled {
		floods = 10_000
	}
	for i := range floods {
		r.ok(fmt.Sprintf("/live/master.m3u8?x=%d", i))
		if i%5_000 == 0 {
			r.ok("/live/master.m3u8/0.m3u8?token=watched")
		}
	}
	all := r.station.Snapshots()
	if len(all) != 1 || watched.Load() != 1 {
		t.Errorf("%d streams; the origin was asked %d times for the form that is watched", len(all), watched.Load())
	}
	if got, most := r.station.Store().Bytes, int64(4<<20)/16+200<<10; got > most {
		t.Errorf("%d bytes, want %d at most", got, most)
	}
	t.Logf("%d forms", all[0].Forms)
}

// TestForms_FortyTokensCostWhatOneVODDoes: of more than sixteen, each poll was a load.
func TestForms_FortyTokensCostWhatOneVODDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		for range 60 {
			for i := range 40 {
				r.ok(fmt.Sprintf("/live/master.m3u8?token=%d", i))
				r.ok(fmt.Sprintf("/live/master.m3u8/0.m3u8?token=%d", i))
			}
			time.Sleep(4 * time.Second)
		}
		r.rest()
		n := files.count("")
		t.Logf("%d playlists of the origin in 4 min", n)
		if n > 40*4+4*3 {
			t.Errorf("%d playlists of the origin in 4 min", n)
		}
	})
}
