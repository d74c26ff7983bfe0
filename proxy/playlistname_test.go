package proxy

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"vod2live/proxy/failure"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
)

// naming makes the last path elements of the one origin playlists that fit a pattern.
func naming(patterns ...string) func(*Config) {
	return func(c *Config) { c.Origins[0].Playlists = patterns }
}

func TestPlaylists_APatternMakesStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		files.put("a.ism/manifest(format=m3u8-aapl)", strings.ReplaceAll(seed()["master.m3u8"], "master_", "../master_"))
		files.put("stream.php", short("")[""])
		r := newRig(t, files, naming("manifest(*)", "stream.php"))
		multivariant := r.ok("/live/a.ism/manifest(format=m3u8-aapl)?token=s3cr3t")
		for n, address := range addressesIn(multivariant.body) {
			if want := fmt.Sprintf("manifest(format=m3u8-aapl)/%d.m3u8?token=s3cr3t", n); address != want {
				t.Errorf("rendition %d is at %s, want %s", n, address, want)
			}
			media := r.ok("/live/a.ism/" + address)
			segment := readPlaylist(t, media.body).first().uri
			if at := resolved(t, "/live/a.ism/"+address, segment); !strings.HasPrefix(at, "/live/master_Layer") {
				t.Errorf("a segment is at %s", at)
			} else if r.ok(at); strings.Contains(media.body, "ENDLIST") {
				t.Errorf("%s is not live:\n%s", address, media.body)
			}
		}
		if a := r.ok("/live/stream.php"); !strings.Contains(a.body, "#EXT-X-PROGRAM-DATE-TIME") || a.header.Get("Content-Type") != "application/vnd.apple.mpegurl" {
			t.Errorf("stream.php is not live:\n%s", a.body)
		}
		for path, want := range map[string]int{"/live/stream.php/": 404, "/live/stream.php/0.m3u8": 307, "/live/stream.php/1.m3u8": 404, "/live/a.ism/manifest(format=m3u8-aapl)/9.m3u8": 404} {
			if a := r.get(path); a.status != want {
				t.Errorf("GET %s: %d, want %d", path, a.status, want)
			}
		}
	})
}

// resolved is the path that an address means which stands in a playlist.
func resolved(t *testing.T, base, address string) string {
	t.Helper()
	at, err := url.Parse(base)
	if err == nil {
		at, err = at.Parse(address)
	}
	if err != nil {
		t.Fatal(err)
	}
	return at.RequestURI()
}

// byID answers with another VOD for each id in the query.
func byID(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, strings.ReplaceAll(short("")[""], ".ts", "-"+r.URL.Query().Get("id")+".ts"))
}

func TestPlaylists_OfANamedPathTheQueryIsAPartOfTheName(t *testing.T) {
	const vods = 4000
	files := newVODs()
	files.fail("stream.php", byID)
	r := newRig(t, files, naming("stream.php"), func(c *Config) { c.CacheBytes = 1 << 30 })
	for id := range vods {
		if a := r.ok(fmt.Sprintf("/live/stream.php?id=%d", id)); !strings.Contains(a.body, fmt.Sprintf("-%d.ts", id)) {
			t.Fatalf("id %d is another VOD:\n%s", id, a.body)
		}
	}
	if n := r.station.Store().Streams; n != vods {
		t.Errorf("%d VODs are loaded, want %d", n, vods)
	}
	asked := files.count("stream.php")
	for id := 0; id < vods; id += 97 {
		r.ok(fmt.Sprintf("/live/stream.php?id=%d&CMCD=x", id))
	}
	if n := files.count("stream.php"); n != asked {
		t.Errorf("%d VODs were loaded again", n-asked)
	}
}

func TestPlaylists_VODsOfOneNamedPathAreBoundedByMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		files.fail("stream.php", byID)
		r := newRig(t, files, naming("stream.php"), func(c *Config) { c.CacheBytes = 512 << 10 })
		for id := range 500 {
			r.ok(fmt.Sprintf("/live/stream.php?id=%d", id))
		}
		if n := r.station.Store().Streams; n <= maxTexts || n >= 500 || r.station.Store().Bytes > 512<<10 {
			t.Errorf("%d VODs of %d bytes are loaded, want more than %d in 512 KiB", n, r.station.Store().Bytes, maxTexts)
		}
	})
}

// TestPlaylists_LoadsOfOneNamedPathGoOnAtOnce, as those of many paths do.
func TestPlaylists_LoadsOfOneNamedPathGoOnAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		release := make(chan struct{})
		files.fail("stream.php", func(w http.ResponseWriter, r *http.Request) {
			<-release
			byID(w, r)
		})
		r := newRig(t, files, naming("stream.php"))
		statuses := make(chan int, 4*maxFormLoads)
		for id := range 4 * maxFormLoads {
			go func() { statuses <- r.get(fmt.Sprintf("/live/stream.php?id=%d", id)).status }()
		}
		synctest.Wait()
		if n := files.count("stream.php"); n != 4*maxFormLoads {
			t.Errorf("%d VODs are being loaded at once, want %d", n, 4*maxFormLoads)
		}
		close(release)
		for range 4 * maxFormLoads {
			if got := <-statuses; got != 200 {
				t.Errorf("status %d", got)
			}
		}
	})
}

// TestPlaylists_AReloadThatChangesPatternsLoadsAnew what is named otherwise by it.
func TestPlaylists_AReloadThatChangesPatternsLoadsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(short("a.m3u8"), short("b.m3u8"))
		old := newRig(t, files)
		old.ok("/live/a.m3u8?id=1")
		old.ok("/live/b.m3u8?id=1")
		r := newRig(t, files, naming("a.*"), func(c *Config) { c.Previous = old.Server })
		r.ok("/live/a.m3u8?id=1")
		r.ok("/live/b.m3u8?id=1")
		if a, b := files.count("a.m3u8"), files.count("b.m3u8"); a != 2 || b != 1 {
			t.Errorf("a was loaded %d times, b %d times; want 2, 1", a, b)
		}
	})
}

const aVOD = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n1.ts\n#EXT-X-ENDLIST\n"

// odd answers as an origin may, whatever is asked for.
func odd(status int, kind, body string, more ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		for i := 0; i < len(more); i += 2 {
			w.Header().Set(more[i], more[i+1])
		}
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			fmt.Fprint(w, body)
		}
	}
}

func TestPlaylists_WithoutAPatternAnAnswerThatIsOneIsRefused(t *testing.T) {
	const hls, bytes = "application/vnd.apple.mpegurl", "application/octet-stream"
	for name, c := range map[string]struct {
		method, path string
		answer       http.HandlerFunc
		ranged       string
		want         int
	}{
		"by its type":                 {"GET", "stream.php?id=s3cr3t", odd(200, hls, aVOD), "", 502},
		"by its type, HEAD":           {"HEAD", "stream.php", odd(200, hls, aVOD), "", 502},
		"by its type, with more":      {"GET", "stream.php", odd(200, "Application/X-MPEGURL ; charset=utf-8", aVOD), "", 502},
		"by its type, audio":          {"GET", "stream", odd(200, "audio/mpegurl", aVOD), "", 502},
		"by its type, a part":         {"GET", "stream.php", odd(206, hls, "XTM3U", "Content-Range", "bytes 2-6/60"), "bytes=2-6", 502},
		"by its type, packed":         {"GET", "stream.php", odd(200, hls, "\x1f\x8b", "Content-Encoding", "gzip"), "", 502},
		"by its beginning":            {"GET", "manifest(format=m3u8-aapl)", odd(200, bytes, aVOD), "", 502},
		"by its beginning, as text":   {"GET", "stream.php", odd(200, "text/plain", "\ufeff"+aVOD), "", 502},
		"by its beginning, a part":    {"GET", "stream.php", odd(206, bytes, "#EXTM3U", "Content-Range", "bytes 0-6/60"), "bytes=0-6", 502},
		"by its beginning, as media":  {"GET", "a.ts", odd(200, "video/mp2t", aVOD), "", 502},
		"a part that does not tell":   {"GET", "stream.php", odd(206, bytes, "XTM3U", "Content-Range", "bytes 2-6/60"), "bytes=2-6", 206},
		"media under a playlist type": {"GET", "a.TS", odd(200, hls, "media"), "", 200},
		"text that is none":           {"GET", "a.txt", odd(200, "text/plain", "#EXTINF"), "", 200},
		"nothing":                     {"GET", "a.txt", odd(200, "text/plain", ""), "", 200},
		"another status":              {"GET", "a.txt", odd(404, hls, aVOD), "", 404},
	} {
		for _, kept := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				var changes []func(*Config)
				if kept {
					changes = append(changes, keeping(t, 16<<20))
				}
				files := newVODs()
				path, _, _ := strings.Cut(c.path, "?")
				files.fail(path, c.answer)
				r := newRig(t, files, changes...)
				headers := []string{}
				if c.ranged != "" {
					headers = []string{"Range", c.ranged}
				}
				for range 2 {
					a := r.do(c.method, "/live/"+c.path, headers...)
					if a.status != c.want || c.want == 502 && strings.Contains(a.body, "EXTINF") {
						t.Errorf("%s, kept %v: %d %q, want %d", name, kept, a.status, a.body, c.want)
					}
				}
				if c.want != 502 {
					return
				}
				if n := files.count(path); n != 2 {
					t.Errorf("%s, kept %v: the origin was asked %d times for what is not to be kept", name, kept, n)
				}
				if told := r.logs.FilterMessage("request failed").All(); len(told) != 2 || !strings.Contains(fmt.Sprint(told[0].ContextMap()), fmt.Sprintf(`playlists: [ %q ] under the origin "live"`, path)) {
					t.Errorf("%s: the log does not name the setting: %v", name, told)
				}
			})
		}
	}
}

// TestPlaylists_LookingForOneDelaysNoSegment: what comes first is passed on, be it
// less than the look needs.
func TestPlaylists_LookingForOneDelaysNoSegment(t *testing.T) {
	for _, first := range []string{"m", "#EXT", "\x47\x40\x00"} {
		for _, kept := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				var changes []func(*Config)
				if kept {
					changes = append(changes, keeping(t, 16<<20))
				}
				files := newVODs()
				rest := make(chan struct{})
				files.fail("a.ts", func(w http.ResponseWriter, _ *http.Request) {
					_, _ = io.WriteString(w, first)
					_ = http.NewResponseController(w).Flush()
					<-rest
					_, _ = io.WriteString(w, "the rest")
				})
				r := newRig(t, files, changes...)
				resp, err := r.viewers().Get("http://viewers.test/live/a.ts")
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				got := make([]byte, len(first))
				if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != first {
					t.Errorf("kept %v: %q, %v before the rest has come; want %q", kept, got, err, first)
				}
				close(rest)
				if more, err := io.ReadAll(resp.Body); err != nil || string(more) != "the rest" {
					t.Errorf("kept %v: %q, %v; want the rest", kept, more, err)
				}
			})
		}
	}
}

func TestPlaylists_AChannelMayHaveAVODWithAQueryInItsName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		files.fail("stream.php", byID)
		r := newRig(t, files, naming("stream.php"), func(c *Config) {
			c.Channels = []onair.Channel{{Name: "news", Origin: "live", Path: "stream.php", Query: "id=7", Options: c.Options}}
		})
		<-r.station.Tried()
		if a := r.ok("/news/master.m3u8?id=8"); !strings.Contains(a.body, "-7.ts") {
			t.Errorf("the channel plays another VOD:\n%s", a.body)
		}
		if got := files.last(t, "stream.php").URL.RawQuery; got != "id=7" {
			t.Errorf("the origin was asked with ?%s", got)
		}
	})
}

// TestInspect_TellsAPlaylistThatIsNotNamedLikeOne from what is none.
func TestInspect_TellsAPlaylistThatIsNotNamedLikeOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(short("stream.php"), map[string]string{"a.ts": "media"})
		r := newRig(t, files)
		for path, want := range map[string]string{"stream.php": failure.CodePlaylistName, "a.ts": "not-a-playlist", "absent": "not-a-playlist"} {
			in := onair.Inspect(t.Context(), origin.NewClient(r.config.Transport, r.config.Metrics, r.config.Origins...), r.config.Options, onair.Address{Mount: "live", Path: path})
			if err := in.Errors[-1]; err == nil || failure.CodeOf(err) != want || !strings.Contains(err.Error(), "playlists:") {
				t.Errorf("%s: %v, want %s", path, err, want)
			}
		}
		r.config.Origins[0].Playlists = origin.Names{"stream.php"}
		if in := onair.Inspect(t.Context(), origin.NewClient(r.config.Transport, r.config.Metrics, r.config.Origins...), r.config.Options, onair.Address{Mount: "live", Path: "stream.php"}); in.Live == nil {
			t.Errorf("with a pattern: %v", in.Errors)
		}
	})
}
