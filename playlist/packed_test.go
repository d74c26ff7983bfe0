package playlist

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestPacked_GivesBackEverySegmentFromAnyOn: texts that are alike, that are not,
// that are empty and that are long.
func TestPacked_GivesBackEverySegmentFromAnyOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := packer{numbers: map[pattern]uint64{}}
		var patterns []pattern
		var rests [][]byte
		for i := range rapid.IntRange(1, 3*keyEvery).Draw(t, "segments") {
			rest := []byte(fmt.Sprintf("../720p/seg%05d.ts?v=%d\n", i, i*i))
			if rapid.IntRange(0, 3).Draw(t, "odd") == 0 {
				rest = bytes.Repeat(rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "rest"), rapid.IntRange(1, 100).Draw(t, "times"))
			}
			above, inf := rapid.SampledFrom([]string{"a\n", "", "above\n"}).Draw(t, "above"), fmt.Sprint(rapid.IntRange(0, 300).Draw(t, "inf"))
			p.add(above, inf, rest)
			patterns, rests = append(patterns, pattern{above + "#EXT-X-PROGRAM-DATE-TIME:", "\n" + inf + "\n"}), append(rests, rest)
		}
		packed := p.pack()
		from := rapid.IntRange(0, len(rests)-1).Draw(t, "from")
		u := packed.from(from, newScratch())
		var all []byte
		for i := from; i < len(rests); i++ {
			if got := u.pattern(); got != patterns[i] {
				t.Fatalf("segment %d from %d is %q, want %q", i, from, got, patterns[i])
			}
			before := len(all)
			if all = u.appendRest(all); !bytes.Equal(all[before:], rests[i]) {
				t.Fatalf("segment %d from %d is %q, want %q", i, from, all[before:], rests[i])
			}
		}
	})
}
