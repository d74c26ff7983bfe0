package vod

import (
	"strings"
	"testing"
)

func TestUnsigned_IsEqualForValuesOfQueriesAlone(t *testing.T) {
	const base = "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"k?a=1&b=2\",IV=0x1\n#EXTINF:4,\ns.ts?a=1&b=2\n#EXTINF:4,\nt.ts?a=1\n"
	for name, c := range map[string]struct {
		text string
		same bool
	}{
		"values":          {strings.NewReplacer("a=1", "a=9", "b=2", "b=").Replace(base), true},
		"a path":          {strings.Replace(base, "t.ts", "u.ts", 1), false},
		"names":           {strings.Replace(base, "b=2\n", "c=2\n", 1), false},
		"a missing name":  {strings.Replace(base, "&b=2\n", "\n", 1), false},
		"a duration":      {strings.Replace(base, ":4", ":5", 1), false},
		"an IV":           {strings.Replace(base, "0x1", "0x2", 1), false},
		"a key's path":    {strings.Replace(base, "k?", "l?", 1), false},
		"a tag's comment": {base + "#x?a=1\n", false},
	} {
		sums := [2][32]byte{{1}, {2}}
		if got := unsigned([]byte(base), sums[0]) == unsigned([]byte(c.text), sums[1]); got != c.same {
			t.Errorf("another %s: equal is %t, want %t", name, got, c.same)
		}
	}
	if sum := [32]byte{7}; unsigned([]byte("#EXTM3U\ns.ts?n=1\ns.ts?n=2\n"), sum) != sum {
		t.Error("queries that tell segments of one path apart are ignored")
	}
	if sum := [32]byte{7}; unsigned([]byte("#EXTM3U\ns.ts?n=1\ns.ts?n=1\n"), sum) == sum {
		t.Error("byte ranges of one path are not taken for signed")
	}
}
