package proxy

import (
	"fmt"
	"path"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestServer_SeedCase plays the VOD of the README: two media playlists, bit
// rates 134200 and 290400, four 4-second segments each.
func TestServer_SeedCase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(seed()), func(c *Config) { c.Options.Epoch = epoch })
		time.Sleep(40 * time.Second)

		const multivariant = "#EXTM3U\n" +
			"#EXT-X-STREAM-INF:PROGRAM-ID=1,BANDWIDTH=134200\nmaster.m3u8/0.m3u8\n" +
			"#EXT-X-STREAM-INF:PROGRAM-ID=1,BANDWIDTH=290400\nmaster.m3u8/1.m3u8\n"
		if a := r.ok("/live/master.m3u8"); a.body != multivariant {
			t.Errorf("multivariant playlist:\n%s\nwant:\n%s", a.body, multivariant)
		}

		for segment := 10; segment < 40; segment++ { // it was published last
			for layer := 1; layer <= 2; layer++ {
				address := fmt.Sprintf("/live/master.m3u8/%d.m3u8", layer-1)
				want := seedWindow(layer, segment-8, segment)
				if a := r.ok(address); a.body != want {
					t.Fatalf("layer %d after segment %d:\n%s\nwant:\n%s", layer, segment, a.body, want)
				}
				if a := r.ok(address, "Accept-Encoding", "gzip"); a.header.Get("Content-Encoding") != "gzip" || a.unpacked(t) != want {
					t.Errorf("gzipped, layer %d: %s", layer, a.header)
				}
			}
			time.Sleep(4 * time.Second)
		}
		newest := readPlaylist(t, r.ok("/live/master.m3u8/1.m3u8").body).newest()
		if a := r.ok(path.Join("/live/master.m3u8", newest.uri)); !strings.HasPrefix(a.body, "master_Layer2_") {
			t.Errorf("segment: %.40s", a.body)
		}
	})
}

// seedWindow is the playlist of segments [from, to) since the epoch, the way
// one writes it by hand.
func seedWindow(layer, from, to int) string {
	head := max(0, (from-1)/4) // loop points that have left; before segment 4 is the first
	text := fmt.Sprintf("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:%d\n#EXT-X-DISCONTINUITY-SEQUENCE:%d\n", from, head)
	for g := from; g < to; g++ {
		if g%4 == 0 && g > 0 {
			text += "#EXT-X-DISCONTINUITY\n"
		}
		date := epoch.Add(time.Duration(4*g) * time.Second).Format("2006-01-02T15:04:05.000Z")
		text += fmt.Sprintf("#EXT-X-PROGRAM-DATE-TIME:%s\n#EXTINF:4.0,\n../master_Layer%d_%03d.ts\n", date, layer, g%4+1)
	}
	return text
}
