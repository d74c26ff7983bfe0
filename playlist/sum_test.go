package playlist

import (
	"net/url"
	"testing"

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
