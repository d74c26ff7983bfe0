package playlist

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// What takes an honest playlist of this size some 20 ms must not take a
// malicious one seconds.
const (
	hostileSize  = 512 << 10
	hostileLimit = 5 * time.Second
)

func repeated(text string) string { return strings.Repeat(text, hostileSize/len(text)) }

func numbered(format string) string {
	var b strings.Builder
	for i := 0; b.Len() < hostileSize; i++ {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestDecodeMedia_TakesTimeInProportion(t *testing.T) {
	half := hostileSize / 2
	for name, lines := range map[string]string{
		"header tags and comments":   strings.Repeat("#EXT-X-VENDOR\n", half/14) + strings.Repeat("#EXT-X-VERSION:3\n", half/17),
		"header tags and cues":       strings.Repeat("#EXT-X-CUE-OUT\n", half/15) + strings.Repeat("#EXT-X-INDEPENDENT-SEGMENTS\n", half/28),
		"init sections and comments": strings.Repeat("#X\n", half/3) + "#EXT-X-I-FRAMES-ONLY\n" + strings.Repeat("#EXT-X-MAP:URI=\"a\"\n", half/19),
		"keys of one format":         repeated("#EXT-X-KEY:METHOD=AES-128,KEYFORMAT=\"x\"\n"),
		"keys of many formats":       numbered("#EXT-X-KEY:METHOD=AES-128,KEYFORMAT=\"%d\"\n"),
		"one long line of spaces":    "#EXT-X-KEY:A=" + repeated(" ") + "x",
		"one long line of commas":    "#EXT-X-KEY:" + repeated(","),
		"one long line of quotes":    "#EXT-X-KEY:" + repeated(`A="`),
		"one long cue":               "#EXT-SCTE35:" + repeated(`A="B",`),
		"one long title":             "#EXTINF:2," + repeated("x") + "\na.ts",
		"one long address":           "#EXTINF:2,\n" + repeated("%2e/"),
		"date ranges of one ID":      "#EXTINF:2,\na.ts\n" + strings.Repeat("#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\"\n", maxRanges),
		"one segment after another":  repeated("#EXTINF:2,\na.ts\n"),
		"range after range":          "#EXTINF:2,\n#EXT-X-BYTERANGE:1@0\na.ts\n" + repeated("#EXTINF:2,\n#EXT-X-BYTERANGE:1\na.ts\n"),
		"discontinuities":            "#EXT-X-KEY:METHOD=AES-128,IV=0x1,URI=\"" + strings.Repeat("x", 1000) + "\"\n" + repeated("#EXT-X-DISCONTINUITY\n#EXTINF:2,\na.ts\n"),
	} {
		start := time.Now()
		m, err := DecodeMedia([]byte(vodOf(lines)), origin, nil)
		if err == nil {
			_, err = NewLive(nil, []*Media{m}, plain{}, Options{Epoch: epoch})
		}
		if took := time.Since(start); took > hostileLimit {
			t.Errorf("%s: %v after %s, want at most %s", name, err, took, hostileLimit)
		}
		if err != nil {
			codeOf(t, err)
		}
	}
}

func TestDecodeMedia_VariablesDontGrowItWithoutBound(t *testing.T) {
	define := "#EXT-X-DEFINE:NAME=\"a\",VALUE=\"" + strings.Repeat("x", 60_000) + "\"\n"
	for name, text := range map[string]string{
		"one line":   define + "#EXTINF:2,\n" + strings.Repeat("{$a}", 1000),
		"many lines": define + strings.Repeat("#EXTINF:2,\n{$a}\n", 50_000),
	} {
		_, err := DecodeMedia([]byte(vodOf(text)), origin, nil)
		if got := codeIn(err); got != CodeTooLarge {
			t.Errorf("%s: %v, want %s", name, err, CodeTooLarge)
		}
	}
}

func TestNewLive_KeysSaidAgainDontGrowItWithoutBound(t *testing.T) {
	key := "#EXT-X-KEY:METHOD=AES-128,URI=\"data:," + strings.Repeat("x", 100_000) + "\"\n"
	m, err := DecodeMedia([]byte(vodOf(key+strings.Repeat("#EXTINF:2,\na.ts\n", 2000))), origin, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = NewLive(nil, []*Media{m}, plain{}, Options{Epoch: epoch}); codeIn(err) != CodeTooLarge {
		t.Errorf("%v, want %s", err, CodeTooLarge)
	}
}

// A substring keeps all of its string: a live stream must not hold the text of the VOD.
func TestNewLive_DoesNotKeepTheVODsText(t *testing.T) {
	const size = 32 << 20
	before := heap()
	live := liveOf(t, []byte("#EXTM3U\n#EXTINF:2,"+strings.Repeat("x", size)+"\n"+strings.Repeat("y", 10)+"\n"+
		"#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXT-X-DATERANGE:ID=\"a\",CLASS=\"b\",START-DATE=\"2020-01-01T00:00:00Z\"\n#EXTINF:4,\nz\n#EXT-X-ENDLIST"), 0)
	kept := int64(heap() - before)
	if most := int64(size + size/2); kept > most {
		t.Errorf("%d bytes are kept, want at most %d: the title, once", kept, most)
	}
	if said := int64(live.Bytes()); said < kept*9/10 {
		t.Errorf("Bytes = %d, of %d that are kept", said, kept)
	}
	runtime.KeepAlive(live)
}
