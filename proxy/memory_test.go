package proxy

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// features are ways to write the segments of a VOD.
var features = map[string]func(rendition string, i int) string{
	"seg00017.ts": func(rendition string, i int) string {
		return fmt.Sprintf("#EXTINF:6.000,\n%s/seg%05d.ts\n", rendition, i)
	},
	"fileSequence17.m4s, 6.006 or 6.005": func(rendition string, i int) string {
		return fmt.Sprintf("#EXTINF:6.%03d,\n%s_%d/fileSequence%d.m4s\n", 5+i*i%2, rendition, 4_000_000, i)
	},
	"one file": func(rendition string, i int) string {
		return fmt.Sprintf("#EXTINF:6.000,\n#EXT-X-BYTERANGE:%d@%d\n%s/all.ts\n", 1_500_000+i*7919%100_000, 1_600_000*i, rendition)
	},
	"UUIDs": func(rendition string, i int) string {
		return fmt.Sprintf("#EXTINF:6.000,\n%s/%08x-7c1f-4d2e-9a3b-%012x.ts\n", rendition, uint32(i)*2654435761, uint64(i)*2862933555777941757>>16)
	},
}

const (
	memorySegments   = 1200 // two hours of 6 s
	memoryRenditions = 5
)

// longVODs answers for any number of VODs of two hours in five renditions.
func longVODs(segment func(rendition string, i int) string) http.Handler {
	master, media := "#EXTM3U\n", map[string]string{}
	for n := range memoryRenditions {
		name := fmt.Sprintf("%dp", 240*(n+1))
		master += fmt.Sprintf("#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d,RESOLUTION=%dx%d,CODECS=\"avc1.64001f,mp4a.40.2\",FRAME-RATE=25.000\n%s/index.m3u8\n",
			1_000_000*(n+1), 900_000*(n+1), 426*(n+1), 240*(n+1), name)
		var b strings.Builder
		b.WriteString("#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n")
		for i := range memorySegments {
			b.WriteString(segment("../"+name, i))
		}
		media[name] = b.String() + "#EXT-X-ENDLIST\n"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"5f3c2a1b-9e8d7c6b5a4f"`)
		text := master
		if parts := strings.Split(r.URL.Path, "/"); parts[len(parts)-1] == "index.m3u8" {
			text = media[parts[len(parts)-2]]
		}
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(text))
	})
}

// loadedBytes loads VODs, each with one rendition that is watched, and tells what
// one takes, and what it is said to take.
func loadedBytes(t testing.TB, segment func(rendition string, i int) string, vods int) (real, said float64) {
	origin := longVODs(segment)
	r := newRig(t, nil, func(c *Config) {
		c.CacheBytes = 1 << 40
		c.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
			return recorded(origin, req), nil
		})
	})
	return r.loadedBytes("/live/movies/of/2026/vod%05d/master.m3u8/1.m3u8", vods)
}

// loadedBytes loads streams at addresses with a number.
func (r *rig) loadedBytes(address string, streams int) (real, said float64) {
	load := func(from, to int) {
		for i := from; i < to; i++ {
			r.ok(fmt.Sprintf(address, i))
		}
		r.logs.TakeAll() // which keep addresses, too
	}
	load(0, 1) // pools and tables
	before, saidBefore := heapInUse(), r.station.Store().Bytes
	load(1, streams+1)
	return float64(heapInUse()-before) / float64(streams), float64(r.station.Store().Bytes-saidBefore) / float64(streams)
}

// TestMemory_AddressesAreCounted: strangers choose them, as long as they may be,
// and nothing else of their requests is kept.
func TestMemory_AddressesAreCounted(t *testing.T) {
	path := "/live/%05d/" + strings.Repeat("folder/", 500) + "p.m3u8"
	query := "?token=" + strings.Repeat("0123456789", 800)
	for name, address := range map[string]string{
		"short": "/live/%05d/p.m3u8", "path": path, "path, escaped": strings.ReplaceAll(path, "folder/folder/", "f%%6flder/"), "query": "/live/%05d/p.m3u8" + query,
		"parameters": "/live/%05d/p.m3u8?_HLS_x=" + query[1:4000] + "&a=1&b=2", "both": path + query, "both, two renditions": strings.Replace(path, "p.m3u8", "master.m3u8", 1) + query,
	} {
		t.Run(name, func(t *testing.T) {
			files := newVODs(seed(), short("p.m3u8"))
			r := newRig(t, nil, func(c *Config) {
				c.CacheBytes = 1 << 40
				c.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
					req.URL.Path = "/vod/" + req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]
					defer files.forget()
					return recorded(files, req), nil
				})
			})
			real, said := r.loadedBytes(address, 200)
			t.Logf("%.0f bytes a stream; said to be %.0f", real, said)
			if ratio := said / real; ratio < 0.8 || ratio > 1.25 {
				t.Errorf("said to be %.0f bytes, they are %.0f", said, real)
			}
		})
	}
}

// TestMemory_AVODOfTwoHoursTakesLittle: ten thousand of them fit into a gibibyte,
// and the books that the LRU goes by are right.
func TestMemory_AVODOfTwoHoursTakesLittle(t *testing.T) {
	for name, segment := range features {
		t.Run(name, func(t *testing.T) {
			real, said := loadedBytes(t, segment, 30)
			t.Logf("%.0f bytes a VOD, %.1f a segment; said to be %.0f", real, real/memorySegments/memoryRenditions, said)
			if ratio := said / real; ratio < 0.8 || ratio > 1.25 {
				t.Errorf("said to be %.0f bytes, they are %.0f", said, real)
			}
			if usual := name != "one file" && name != "UUIDs"; usual && real > 100<<10 {
				t.Errorf("%.0f bytes, want 100 KiB at most", real)
			}
		})
	}
}

// TestMemory_AnswersAreCounted: all live playlists of all renditions, plain and
// packed, until nobody has requested them for a while.
func TestMemory_AnswersAreCounted(t *testing.T) {
	for name, window := range map[string]time.Duration{"seg00017.ts": time.Minute, "UUIDs": time.Hour, "one file": 100 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			origin, clock := longVODs(features[name]), &stepped{}
			r := newRig(t, nil, clock.use, func(c *Config) {
				c.CacheBytes, c.Options.Window, c.Options.Epoch = 1<<40, window, epoch.Add(-3*time.Hour)
				c.Transport = roundTripper(func(req *http.Request) (*http.Response, error) { return recorded(origin, req), nil })
			})
			poll := func(streams int) {
				for i := range streams {
					for n := range memoryRenditions {
						address := fmt.Sprintf("/live/vod%02d/master.m3u8/%d.m3u8", i, n)
						r.ok(address)
						r.ok(address, "Accept-Encoding", "gzip")
					}
				}
				r.logs.TakeAll()
			}
			poll(1) // pools and tables
			before, counted := heapInUse(), r.station.Store().Bytes
			poll(9)
			clock.to(7 * time.Second) // windows move
			poll(9)
			real, said := float64(heapInUse()-before), float64(r.station.Store().Bytes-counted)
			t.Logf("%.0f bytes, counted as %.0f", real, said)
			if ratio := said / real; ratio < 0.8 || ratio > 1.25 {
				t.Errorf("counted as %.0f bytes, they are %.0f", said, real)
			}
		})
	}
}

// recorded is what a handler answers, without a network.
func recorded(handler http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Result()
}
