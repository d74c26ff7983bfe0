package playlist

import (
	"strings"
	"testing"
	"time"
)

// Players that start at a discontinuity know only what is written after it.
func TestWriter_ADiscontinuityRepeatsWhatIsInForce(t *testing.T) {
	const (
		key  = "#EXT-X-KEY:METHOD=AES-128,IV=0x1,URI=\"%k\"\n"
		drm  = "#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,KEYFORMAT=\"drm\",URI=\"data:,x\"\n"
		init = "#EXT-X-MAP:URI=\"%i.mp4\"\n"
		rate = "#EXT-X-BITRATE:7\n"
	)
	at := func(s, folder string) string {
		return strings.NewReplacer("%k", folder+"k", "%i", folder+"i").Replace(s)
	}
	for name, c := range map[string]struct{ head, middle, want string }{
		"keys, MAP and BITRATE":  {key + drm + init + rate, "", key + drm + init + rate},
		"a key of two that ends": {key + drm + init, "#EXT-X-KEY:METHOD=NONE\n" + key, "#EXT-X-KEY:METHOD=NONE\n" + key + init},
		"MAP without its key":    {init + key, "", "#EXT-X-KEY:METHOD=NONE\n" + init + key},
	} {
		live := liveOf(t, []byte(at(vodOf(c.head+"#EXTINF:2,\nx.mp4\n#EXT-X-DISCONTINUITY\n"+c.middle+"#EXTINF:2,\ny.mp4"), "")), 8*time.Second)
		w, err := live.Timeline.Window(0, epoch.Add(12*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		text := string(live.AppendMedia(nil, 0, w))
		folder, _, _ := strings.Cut(text[strings.LastIndex(text[:strings.Index(text, "y.mp4")], "\n")+1:], "y.mp4")
		_, after, _ := strings.Cut(text, "x.mp4\n#EXT-X-DISCONTINUITY\n")
		got, _, _ := strings.Cut(after, "#EXT-X-PROGRAM-DATE-TIME")
		if want := at(c.want, folder); got != want {
			t.Errorf("%s: the discontinuity is followed by\n%swant\n%s", name, got, want)
		}
	}
}
