package playlist

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/url"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestSum_APlainAddressHasThePathThatItResolvesTo, which the sums of items depend on in
// every process.
func TestSum_APlainAddressHasThePathThatItResolvesTo(t *testing.T) {
	bases := rapid.SampledFrom([]string{"http://a", "http://a/", "http://a/m.m3u8", "https://a:1/b/c%2Fd/m.m3u8?x=/y/", "http://a/b//./c/../m", "http://a/%C3%A4 b/é/m.m3u8"})
	refs := rapid.StringOfN(rapid.SampledFrom([]rune("ab9/./..-_%2F?#:~ é")), 0, 12, -1)
	plainOnes := 0
	rapid.Check(t, func(t *rapid.T) {
		base, ref := bases.Draw(t, "base"), refs.Draw(t, "ref")
		address, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		m := &Media{address: address}
		if got, want := m.pathIn(m.path("."), ref), m.path(ref); got != want {
			t.Fatalf("%q in %s: %q, not %q", ref, base, got, want)
		}
		if needsNothing(ref) {
			plainOnes++
		}
	})
	if plainOnes == 0 || !needsNothing("720p/seg-00001_a.ts") {
		t.Error("no address was plain")
	}
}

// The fingerprint is of the lines as package fmt prints them: while a new version of the
// program is rolled out, old and new processes answer with the same ETag.
func TestText_FingerprintIsOfTheLinesAsPrinted(t *testing.T) {
	changes, ranges := 0, 0
	for _, s := range samples(t) {
		for n, text := range s.live(t, time.Minute).media {
			got, want := sha256.New(), sha256.New()
			text.hash(got)
			want.Write(text.header)
			fmt.Fprintln(want, text.opening, text.last)
			text.segments.hash(want)
			for l := range text.lines() {
				fmt.Fprintln(want, l.segment, l.text)
				changes++
			}
			for _, r := range text.ranges {
				fmt.Fprintln(want, r.segment, r.start, r.end, r.until, r.text)
				ranges++
			}
			if !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
				t.Errorf("%s, rendition %d: another fingerprint than that of the lines", s.name, n)
			}
		}
	}
	if changes == 0 || ranges == 0 {
		t.Errorf("%d lines of keys and %d ranges, want some", changes, ranges)
	}
}
