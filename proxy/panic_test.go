package proxy

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/onair"
)

// mined is a network to an origin that panics at some requests, as a defect of the
// program would. The value has what no log may show.
type mined struct {
	http.RoundTripper
	at atomic.Pointer[func(*http.Request) bool] // nil: nowhere
}

func (m *mined) RoundTrip(r *http.Request) (*http.Response, error) {
	if at := m.at.Load(); at != nil && (*at)(r) {
		panic(fmt.Errorf("no way to %s?%s", r.URL, hush))
	}
	return m.RoundTripper.RoundTrip(r)
}

// panics lets requests for a path panic.
func (m *mined) panics(path string) {
	at := func(r *http.Request) bool { return r.URL.Path == "/vod/"+path }
	m.at.Store(&at)
}

// newMined makes a Server whose network may panic.
func newMined(t *testing.T, files *vods, changes ...func(*Config)) (*rig, *mined) {
	m := &mined{RoundTripper: transport(t, listen(t, files))}
	return newRig(t, nil, append(changes, func(c *Config) { c.Transport = m })...), m
}

// allGet asks for an address at once and wants one status for all.
func (r *rig) allGet(address string, want int) {
	r.t.Helper()
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if a := r.get(address); a.status != want || a.cut {
				r.t.Errorf("GET %s: %d %s, cut %t; want %d", address, a.status, a.body, a.cut, want)
			}
		})
	}
	all.Wait()
}

// checkPanic wants that something is in the log of a panic, once, with its stack.
func (r *rig) checkPanic() {
	r.t.Helper()
	logged := r.logs.FilterMessage("panic").AllUntimed()
	if len(logged) != 1 || !strings.Contains(fmt.Sprint(logged[0].ContextMap()["stack"]), "(*mined).RoundTrip") {
		r.t.Errorf("the log has %d panics: %v", len(logged), logged)
	}
	for _, entry := range r.logs.All() {
		if text := fmt.Sprint(entry.ContextMap()); strings.Contains(text, "hunter2") {
			r.t.Errorf("the log has the password: %s", text)
		}
	}
}

// fourRates is a VOD of four bit rates.
func fourRates() map[string]string {
	files := map[string]string{"four.m3u8": "#EXTM3U\n"}
	for n := range 4 {
		name := fmt.Sprintf("%d.m3u8", n)
		files["four.m3u8"] += fmt.Sprintf("#EXT-X-STREAM-INF:BANDWIDTH=%d\n%s\n", n+1, name)
		files[name] = short("p")["p"]
	}
	return files
}

func TestPanic_InALoadRejectsTheVODAlone(t *testing.T) {
	for name, c := range map[string]struct{ at, address string }{
		"first playlist":  {"four.m3u8", "/live/four.m3u8"},
		"third rendition": {"2.m3u8", "/live/four.m3u8/0.m3u8"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, mine := newMined(t, newVODs(fourRates(), short("other.m3u8")))
				mine.panics(c.at)
				r.allGet(c.address, http.StatusBadGateway)
				r.rest()
				r.checkPanic()
				if used := r.station.Room().Used(); used != 0 {
					t.Errorf("%d bytes of the room are still in use", used)
				}
				r.ok("/live/other.m3u8")
				mine.at.Store(nil)
				time.Sleep(mostPause)
				r.allGet(c.address, http.StatusOK)
			})
		})
	}
}

func TestPanic_InWebVTTFailsItsSlicesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, mine := newMined(t, newVODs(subtitled()))
		r.ok("/live/sub.m3u8/1.m3u8")
		slice := r.slice("/live/sub.m3u8/1.m3u8", 0)
		mine.panics("text/en.vtt")
		r.allGet(slice, http.StatusBadGateway)
		r.rest()
		r.ok("/live/sub.m3u8/1.m3u8")
		mine.at.Store(nil)
		r.allGet(slice, http.StatusOK)
	})
}

func TestPanic_InARevalidationLetsTheStreamPlayOn(t *testing.T) {
	fresh := func(r *http.Request) bool { return r.Header.Get("If-None-Match") == "" }
	for name, at := range map[string]func(*http.Request) bool{
		"multivariant playlist": func(r *http.Request) bool { return r.URL.Path == "/vod/four.m3u8" },
		"third rendition":       func(r *http.Request) bool { return r.URL.Path == "/vod/2.m3u8" },
		"the new version":       fresh,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(fourRates())
				r, mine := newMined(t, files)
				r.ok("/live/four.m3u8/0.m3u8")
				files.put("1.m3u8", strings.Replace(short("p")["p"], "1.ts", "0.ts", 1))
				mine.at.Store(&at)
				time.Sleep(r.config.Revalidate)
				for range 10 {
					r.ok("/live/four.m3u8/0.m3u8")
					r.rest()
				}
				r.checkPanic()
				mine.at.Store(nil)
				for range 4 { // two looks that find the same, and the loop that plays to its end
					time.Sleep(r.config.Revalidate)
					r.ok("/live/four.m3u8/1.m3u8")
					r.rest()
				}
				if a := r.ok("/live/four.m3u8/1.m3u8"); !strings.Contains(a.body, "0.ts") {
					t.Errorf("the edit has not taken over:\n%s", a.body)
				}
			})
		})
	}
}

func TestPanic_InASegmentIsAnsweredToAll(t *testing.T) {
	for name, cached := range map[string]bool{"cached": true, "passed": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var changes []func(*Config)
				if cached {
					changes = append(changes, keeping(t, 64<<20))
				}
				r, mine := newMined(t, newVODs(seed()), changes...)
				mine.panics("master_Layer1_001.ts")
				r.allGet("/live/master_Layer1_001.ts", http.StatusBadGateway)
				r.allGet("/live/master_Layer1_001.ts", http.StatusBadGateway)
				mine.at.Store(nil)
				r.allGet("/live/master_Layer1_001.ts", http.StatusOK)
			})
		})
	}
}

// minedBody is a body whose second read panics.
type minedBody struct {
	io.ReadCloser
	reads  int
	closed *atomic.Int32
}

func (b *minedBody) Read(p []byte) (int, error) {
	if b.reads++; b.reads == 2 {
		panic("in a body")
	}
	return b.ReadCloser.Read(p[:1])
}

func (b *minedBody) Close() error {
	b.closed.Add(1)
	return b.ReadCloser.Close()
}

func TestPanic_InABodyCutsItsReadersOffAndClosesIt(t *testing.T) {
	for name, cached := range map[string]bool{"cached": true, "passed": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				through := transport(t, listen(t, newVODs(seed())))
				var opened, closed atomic.Int32
				changes := []func(*Config){func(c *Config) {
					c.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
						resp, err := through.RoundTrip(r)
						if err == nil {
							opened.Add(1)
							resp.Body = &minedBody{resp.Body, 0, &closed}
						}
						return resp, err
					})
				}}
				if cached {
					changes = append(changes, keeping(t, 64<<20))
				}
				r := newRig(t, nil, changes...)
				for range 3 {
					if a := r.get("/live/master_Layer1_001.ts"); !a.cut {
						t.Errorf("%d, not cut off", a.status)
					}
				}
				synctest.Wait()
				if opened.Load() != 3 || closed.Load() < opened.Load() {
					t.Errorf("%d bodies, %d closed", opened.Load(), closed.Load())
				}
			})
		})
	}
}

func TestPanic_OfAChannelIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mined{RoundTripper: transport(t, listen(t, newVODs(short("p.m3u8"))))}
		m.panics("p.m3u8")
		r := newRig(t, nil, func(c *Config) {
			c.Transport, c.Channels = m, []onair.Channel{{Name: "news", Origin: "live", Path: "p.m3u8", Options: c.Options}}
		})
		<-r.station.Tried()
		if a := r.get("/news/master.m3u8"); a.status != http.StatusBadGateway {
			t.Errorf("%d, want 502", a.status)
		}
		m.at.Store(nil)
		time.Sleep(2 * mostPause)
		r.ok("/news/master.m3u8")
		if _, err := r.station.Reload(context.Background(), (onair.Key{Mount: "news", Path: channelPath}).ID()); err != nil {
			t.Errorf("reload: %v", err)
		}
	})
}
