package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/origin"
)

// A body that the origin cuts must not look complete to a viewer or a cache.
func TestSegment_ACutOfTheOriginReachesTheViewer(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"with a length": raw("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"+strings.Repeat("x", 50000), 0),
		"in chunks":     raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nmedia\r\n", 0),
		"within chunks": raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nmedia", 0),
		"at once":       raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 0),
		"of a range":    raw("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-9/100\r\nContent-Length: 10\r\n\r\nmedia", 0),
		"by a stall":    raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nmedia", time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs()
				files.fail("1.ts", answer)
				r := newRig(t, files)
				req := request(http.MethodGet, "/live/1.ts", "Range", "bytes=0-")
				req.RequestURI = ""
				resp, err := r.viewers().Do(req)
				if err == nil {
					defer resp.Body.Close()
					var body []byte
					body, err = io.ReadAll(resp.Body)
					if err == nil {
						t.Errorf("the viewer got %d and a body of %d bytes as if it were all", resp.StatusCode, len(body))
					}
				}
				synctest.Wait()
				if ok := r.metric(`vod2live_origin_requests_total{origin="live",outcome="ok"}`); ok != 0 {
					t.Errorf("%v requests to the origin are counted as ok", ok)
				}
			})
		})
	}
}

func TestSegment_OnlyAStallEndsATransfer(t *testing.T) {
	for pause, ends := range map[time.Duration]bool{9 * time.Second: false, 11 * time.Second: true} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs()
			files.fail("1.ts", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", "100")
				for range 100 {
					fmt.Fprint(w, "x")
					_ = http.NewResponseController(w).Flush()
					select {
					case <-time.After(pause):
					case <-r.Context().Done():
						return
					}
				}
			})
			r := newRig(t, files)
			start := time.Now()
			a := r.get("/live/1.ts")
			took := time.Since(start)
			if a.cut != ends || !ends && (len(a.body) != 100 || took < 99*pause) || ends && took > 20*time.Second {
				t.Errorf("a byte each %s: cut %v after %s with %d bytes", pause, a.cut, took, len(a.body))
			}
			if timeouts := r.metric(`vod2live_origin_requests_total{origin="live",outcome="timeout"}`); (timeouts == 1) != ends {
				t.Errorf("a byte each %s: %v timeouts are counted", pause, timeouts)
			}
		})
	}
}

func TestSegment_AViewerWhoLeavesCancelsTheFetch(t *testing.T) {
	for name, fault := range map[string]func(http.ResponseWriter){
		"before headers": func(http.ResponseWriter) {},
		"within the body": func(w http.ResponseWriter) {
			fmt.Fprint(w, "x")
			_ = http.NewResponseController(w).Flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs()
				canceled := make(chan time.Time, 1)
				files.fail("1.ts", func(w http.ResponseWriter, r *http.Request) {
					fault(w)
					<-r.Context().Done()
					canceled <- time.Now()
				})
				r := newRig(t, files)
				ctx, leave := context.WithCancel(t.Context())
				req := request(http.MethodGet, "/live/1.ts").WithContext(ctx)
				req.RequestURI = ""
				go func() {
					time.Sleep(time.Second)
					leave()
				}()
				resp, err := r.viewers().Do(req)
				if err == nil {
					_, err = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				if !errors.Is(err, context.Canceled) {
					t.Errorf("the viewer: %v", err)
				}
				if at := (<-canceled).Sub(epoch); at != time.Second {
					t.Errorf("the fetch ended at %s, want 1s", at)
				}
				synctest.Wait()
				if n := r.metric(`vod2live_origin_requests_total{origin="live",outcome="canceled"}`); n != 1 {
					t.Errorf("%v requests are counted as canceled", n)
				}
			})
		})
	}
}

// TestSegment_AViewerWhoHasLeftIsNotAnswered200: one who only closed the way
// to us may still read.
func TestSegment_AViewerWhoHasLeftIsNotAnswered200(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		files.fail("", hang)
		r := newRig(t, files)
		for _, path := range []string{"/live/1.ts", "/live/p.m3u8"} {
			ctx, leave := context.WithCancel(t.Context())
			leave()
			if a := r.send(request(http.MethodGet, path).WithContext(ctx)); !a.cut || a.body != "" {
				t.Errorf("%s: cut %v, %q", path, a.cut, a.body)
			}
		}
		if n := r.metric(`vod2live_http_requests_total{code="499",route="segment"}`); n != 1 {
			t.Errorf("%v segments are counted as 499", n)
		}
	})
}

func TestSegment_AViewerWhoTakesNothingIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(map[string]string{"1.ts": strings.Repeat("x", 1<<20)})
		r := newRig(t, files)
		p := listen(t, r.Server)
		conn, err := p.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "GET /live/1.ts HTTP/1.1\r\nHost: viewers.test\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		got, _ := io.ReadAll(conn)
		if len(got) > 1<<10 {
			t.Errorf("%d bytes were sent to one who took nothing for two minutes", len(got))
		}
		if n := r.metric("vod2live_http_requests_in_flight"); n != 0 {
			t.Errorf("%v requests are in flight", n)
		}
	})
}

// TestServer_TheTimeToAnswerIsThatOfItsConfiguration: the listener's is that of
// an older one.
func TestServer_TheTimeToAnswerIsThatOfItsConfiguration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		late := func(name string) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				time.Sleep(4 * time.Minute)
				_, _ = io.WriteString(w, seed()[name])
			}
		}
		files.fail("master.m3u8", late("master.m3u8"))
		files.fail("master_Layer1_001.ts", late("master_Layer1_001.ts"))
		for name, change := range map[string]func(*Config){"streamed": func(*Config) {}, "kept": keeping(t, 16<<20)} {
			r := newRig(t, files, change, func(c *Config) {
				o, err := origin.New("live", originURL, 5*time.Minute)
				if err != nil {
					t.Fatal(err)
				}
				c.Timeout, c.Origins = 5*time.Minute, []*origin.Origin{o}
			})
			p := newPipes()
			serveWithin(t, p, p, r.Server, time.Minute)
			client := http.Client{Transport: transport(t, p)}
			for _, path := range []string{"/live/master.m3u8", aSegment} {
				resp, err := client.Get("http://viewers.test" + path)
				if err != nil {
					t.Errorf("%s, %s: %v", name, path, err)
					continue
				}
				if text, err := io.ReadAll(resp.Body); err != nil || len(text) == 0 {
					t.Errorf("%s, %s: %d bytes, %v", name, path, len(text), err)
				}
				_ = resp.Body.Close()
			}
		}
	})
}
