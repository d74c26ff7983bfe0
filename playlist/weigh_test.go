package playlist

import (
	"fmt"
	"strings"
	"testing"
)

func TestWeigh_CountsWhatIsRead(t *testing.T) {
	body := "\ufeff#EXTM3U\r\n\r\n#EXT-X-KEY:METHOD=NONE\r#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"\n#EXTINF:4,\n  a.ts \n\t\n#EXTINF:4,#EXTINF:4,\n #b\n#EXTINF:4,\nb.ts"
	if got, want := Weigh([]byte(body)), (Weight{len(body), 9, 2, 1, 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestWeigh_TheCostIsWhatDecodingTakes: memory is set aside by it before a playlist
// is decoded.
func TestWeigh_TheCostIsWhatDecodingTakes(t *testing.T) {
	for name, segment := range map[string]string{
		"shortest":       "#EXTINF:1,\n%d\n",
		"usual":          "#EXTINF:6.000,\nseg_%08d.ts\n",
		"long addresses": "#EXTINF:6.000,\n" + strings.Repeat("folder/", 40) + "%d.ts?token=0123456789\n",
		"dates":          "#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00Z\n#EXTINF:6.000,\nseg_%08d.ts\n",
		"unknown tags":   "#EXT-X-A\n#EXT-X-B\n#EXT-X-C\n#EXTINF:6.000,\nseg_%08d.ts\n",
		"byte ranges":    "#EXT-X-BYTERANGE:1000@%d000\n#EXTINF:6.000,\na.ts\n",
		"a key":          "#EXTINF:6.000,\nseg_%08d.ts\n",
		"keys":           "#EXT-X-KEY:METHOD=AES-128,URI=\"k%d\"\n#EXTINF:6.000,\na.ts\n",
	} {
		var b strings.Builder
		if name == "a key" {
			b.WriteString("#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n")
		}
		for i := range 5_000 {
			fmt.Fprintf(&b, segment, i)
		}
		body := []byte(vodOf(b.String()))
		taken := allocatedBy(func() {
			if _, err := DecodeMedia(body, origin, nil); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		})
		all, lasting := Weigh(body).Cost()
		if ratio := float64(taken) / float64(all); ratio > 1.6 || ratio < 0.5 || lasting > all {
			t.Errorf("%s: %d bytes were allocated, %d are reckoned", name, taken, all)
		}
	}
}

// TestDecodeMedia_ImpliedIVsTakeLittle: the line of a key may be long, and is not
// copied for each segment.
func TestDecodeMedia_ImpliedIVsTakeLittle(t *testing.T) {
	key := "#EXT-X-KEY:METHOD=AES-128,URI=\"data:," + strings.Repeat("x", 60_000) + "\"\n"
	body := []byte(vodOf(key + strings.Repeat("#EXTINF:2,\na.ts\n", 10_000)))
	allocated := allocatedBy(func() {
		if _, err := DecodeMedia(body, origin, nil); err != nil {
			t.Fatal(err)
		}
	})
	if most := uint64(20 << 20); allocated > most {
		t.Errorf("%d bytes were allocated, want at most %d", allocated, most)
	}
	keys := ""
	for i := range maxKeys - 1 {
		keys += fmt.Sprintf("#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,KEYFORMAT=\"%d\",URI=\"k\"\n", i)
	}
	body = []byte(vodOf(keys + "#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n" + strings.Repeat("#EXTINF:2,\na\n", maxImplied/maxKeys+1)))
	if _, err := DecodeMedia(body, origin, nil); codeIn(err) != CodeTooLarge {
		t.Errorf("%.200v, want %s", err, CodeTooLarge)
	}
}
