package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

func TestQuery_GoesWithTheAddressItStandsInOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		files.put("master.m3u8", strings.ReplaceAll(seed()["master.m3u8"], "master_Layer2.m3u8", "master_Layer2.m3u8?own=1"))
		r := newRig(t, files)
		a := r.ok("/live/master.m3u8?token=s3cr3t&CMCD=bl%3D1&_HLS_msn=7&user=7&_HLS_skip=YES")
		if got := files.last(t, "master.m3u8").URL.RawQuery; got != "token=s3cr3t&user=7" {
			t.Errorf("the origin was asked with ?%s", got)
		}
		for path, want := range map[string]string{"master_Layer1.m3u8": "", "master_Layer2.m3u8": "own=1"} {
			if got := files.last(t, path).URL.RawQuery; got != want {
				t.Errorf("the origin was asked for %s?%s, want ?%s", path, got, want)
			}
		}
		for n, address := range addressesIn(a.body) {
			if want := fmt.Sprintf("master.m3u8/%d.m3u8?token=s3cr3t&user=7", n); address != want {
				t.Errorf("rendition %d is at %s, want %s", n, address, want)
			}
			r.ok("/live/" + address)
		}
		if n := files.count("master.m3u8"); n != 1 {
			t.Errorf("the origin was asked %d times for one stream", n)
		}
	})
}

func TestQuery_IsPartOfTheStreamsIdentity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		files.fail("master.m3u8", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.RawQuery != "token="+hush {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			fmt.Fprint(w, seed()["master.m3u8"])
		})
		r := newRig(t, files)
		r.ok("/live/master.m3u8?token=s3cr3t")
		r.ok("/live/master.m3u8?token=s3cr3t&CMCD=sid")
		r.ok("/live/master.m3u8?_HLS_msn=1&token=s3cr3t")
		for _, other := range []string{"", "?token=other", "?token=s3cr3t&more=1"} {
			if a := r.get("/live/master.m3u8" + other); a.status != 502 && a.status != 403 {
				t.Errorf("GET %s: %d: another's token let this viewer in", other, a.status)
			}
		}
	})
}

func TestQuery_OfASegmentGoesToTheOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		files.put("p.m3u8", "#EXTM3U\n#EXTINF:4,\na.ts?sig=s3cr3t\n#EXTINF:4,\nb.ts?n=1&m=2\n#EXT-X-ENDLIST\n")
		files.put("a.ts", "media")
		r := newRig(t, files)
		p := readPlaylist(t, r.ok("/live/p.m3u8").body)
		if uri := p.first().uri; uri != "a.ts?sig=s3cr3t" && uri != "b.ts?n=1&m=2" {
			t.Errorf("segment %s", uri)
		}
		r.ok("/live/a.ts?sig=s3cr3t&CMCD=x")
		if got := files.last(t, "a.ts").URL.RawQuery; got != "sig=s3cr3t&CMCD=x" {
			t.Errorf("the origin was asked with ?%s", got)
		}
	})
}

// TestQuery_StaysInItsPlace: HTTP/2 lets a viewer send what would end the line of
// a request to the origin.
func TestQuery_StaysInItsPlace(t *testing.T) {
	for name, change := range map[string]func(*Config){"streamed": func(*Config) {}, "kept": nil} {
		synctest.Test(t, func(t *testing.T) {
			if change == nil {
				change = keeping(t, 16<<20)
			}
			files := newVODs(seed())
			r := newRig(t, files, change)
			for _, path := range []string{"/live/master.m3u8", aSegment} {
				req := request(http.MethodGet, path)
				req.URL.RawQuery = "a HTTP/1.0\tb=\"é#c"
				r.send(req)
				got := files.last(t, strings.TrimPrefix(path, "/live/"))
				if want := "a%20HTTP/1.0%09b=%22%C3%A9%23c"; got.URL.RawQuery != want || got.Proto != "HTTP/1.1" {
					t.Errorf("%s: %s was asked with ?%s by %s, want ?%s", name, path, got.URL.RawQuery, got.Proto, want)
				}
			}
		})
	}
}

// TestQuery_LoadsOfFormsLeaveSlotsToOthers: what has not begun to answer takes none.
func TestQuery_LoadsOfFormsLeaveSlotsToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(short("p.m3u8"), short("other.m3u8"))
		files.fail("p.m3u8", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		r := newRig(t, files)
		statuses := make(chan int, 2*maxLoads)
		for i := range 2 * maxLoads {
			go func() { statuses <- r.get(fmt.Sprintf("/live/p.m3u8?form=%d", i)).status }()
		}
		synctest.Wait()
		r.ok("/live/other.m3u8")
		for range 2 * maxLoads {
			if got := <-statuses; got != 504 {
				t.Errorf("status %d, want 504", got)
			}
		}
	})
}
