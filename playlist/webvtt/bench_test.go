package webvtt

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// film is a file of n cues of three seconds, one every four seconds.
func film(n int) string {
	var b strings.Builder
	b.WriteString("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\nSTYLE\n::cue { color: white }\n\n")
	for i := range n {
		start := time.Duration(i) * 4 * time.Second
		fmt.Fprintf(&b, "%d\n%s --> %s line:90%%\nThis is what is said\nin cue %d of the film.\n\n",
			i, appendTimestamp(nil, start), appendTimestamp(nil, start+3*time.Second), i)
	}
	return b.String()
}

func BenchmarkParse_10kCues(b *testing.B) {
	body := []byte(film(10_000))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSlice_SixSecondsOf10kCues(b *testing.B) {
	files := []*File{mustParse(b, film(10_000))}
	b.ReportAllocs()
	for b.Loop() {
		Slice(one(files...), 5*time.Hour, 5*time.Hour+6*time.Second)
	}
}

func BenchmarkSlice_AllOf10kCues(b *testing.B) {
	files := []*File{mustParse(b, film(10_000))}
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(len(Slice(one(files...), always, ever))))
	}
}

// Two hostile files of 100,000 cues each, all at once, all in both, on time lines a fraction of a millisecond apart.
func BenchmarkSlice_200kOverlappingCues(b *testing.B) {
	var cues strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&cues, "00:00.%03d --> 01:00.000\n%d\n\n", i*7%1000, i)
	}
	files := []*File{
		mustParse(b, withMap("MPEGTS:0,LOCAL:00:00.000", cues.String())),
		mustParse(b, withMap("MPEGTS:30,LOCAL:00:00.000", cues.String())),
	}
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(len(Slice(one(files...), 10*time.Second, 16*time.Second))))
	}
}
