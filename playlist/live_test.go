package playlist

import (
	"bytes"
	"sync"
	"testing"
	"time"
)

func TestNewLive_TheSameVODGivesTheSameText(t *testing.T) {
	for _, s := range samples(t) {
		a, b := s.live(t, time.Minute), load(t, "testdata/"+s.name).live(t, time.Minute)
		if a.Text != b.Text || !bytes.Equal(a.Multivariant, b.Multivariant) {
			t.Errorf("%s: fingerprints %x and %x", s.name, a.Text, b.Text)
		}
		for n := range s.media {
			w, err := a.Timeline.Window(n, epoch.Add(1000*time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			if x, y := a.AppendMedia(nil, n, w), b.AppendMedia(nil, n, w); !bytes.Equal(x, y) {
				t.Errorf("%s, rendition %d:\n%s\nand\n%s", s.name, n, x, y)
			}
		}
	}
}

func TestNewLive_AnotherTextHasAnotherFingerprint(t *testing.T) {
	seen := map[[8]byte]string{}
	for name, text := range map[string]string{
		"plain":             vodOf(""),
		"a comment":         vodOf("# a"),
		"below its EXTINF":  vodOf("#EXTINF:2,\n# a\nx.ts"),
		"above its EXTINF":  vodOf("# a\n#EXTINF:2,\nx.ts"),
		"a range":           vodOf("#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\",DURATION=1"),
		"a longer range":    vodOf("#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\",DURATION=2"),
		"a key":             vodOf("#EXT-X-KEY:METHOD=AES-128,URI=\"k\""),
		"a key from 1 on":   vodOf("#EXTINF:2,\nx.ts\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\""),
		"another number":    vodOf("#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\""),
		"a discontinuity":   vodOf("#EXTINF:2,\nx.ts\n#EXT-X-DISCONTINUITY"),
		"an address longer": vodOf("#EXTINF:2,\nxx.ts"),
	} {
		live := liveOf(t, []byte(text), time.Minute)
		if other, has := seen[live.Text]; has {
			t.Errorf("%s and %s have the same fingerprint", name, other)
		}
		seen[live.Text] = name
	}
}

// Under -race this shows that a Live is only read.
func TestLive_ServesManyAtOnce(t *testing.T) {
	s := load(t, "testdata/dateranges-dated")
	live := s.live(t, time.Minute)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			w, err := live.Timeline.Window(0, epoch.Add(time.Hour+time.Duration(i)*time.Second))
			if err != nil {
				t.Error(err)
				return
			}
			live.AppendMedia(nil, 0, w)
		})
	}
	all.Wait()
}
