package onair

import (
	"strings"
	"testing"

	"vod2live/proxy/origin"
)

// FuzzIdentity: what of a viewer's query becomes part of a stream's identity, and
// of addresses in its playlists.
func FuzzIdentity(f *testing.F) {
	for _, query := range []string{"", "token=a", "a=1&_HLS_msn=7&CMCD=x&b=2", "&&=&", "%43MCD=1", "a=\"\r\n#EXTM3U", "\x00=\xff", "_HLS_", "a=1;b=2"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, policy := range []origin.Query{{}, {Names: []string{"token", "a"}}, {Ignore: true}} {
			kept := identity(query, policy)
			if i := strings.IndexFunc(kept, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '"' }); i >= 0 {
				t.Errorf("identity(%q) = %q", query, kept)
			}
			if again := identity(kept, policy); again != kept {
				t.Errorf("identity(%q) = %q, and of that %q", query, kept, again)
			}
			for pair := range strings.SplitSeq(kept, "&") {
				if name, _, _ := strings.Cut(pair, "="); name == "CMCD" || strings.HasPrefix(name, "_HLS_") {
					t.Errorf("identity(%q) = %q", query, kept)
				}
			}
		}
	})
}

// TestQuery_CanStandInAnAttribute: what a viewer writes does not break the
// playlist's text.
func TestQuery_CanStandInAnAttribute(t *testing.T) {
	for query, want := range map[string]string{
		"":                     "",
		"a=1&b=2":              "a=1&b=2",
		"CMCD=x":               "",
		"_HLS_msn=1&_HLS_part": "",
		"&&a&":                 "a",
		"CMCDx=1&x_HLS_=2":     "CMCDx=1&x_HLS_=2",
		`a="b"`:                "a=%22b%22",
		"a=\xff\x01é":          "a=%FF%01%C3%A9",
		"a=%22%zz":             "a=%22%zz",
		"a b=1#c":              "a%20b=1%23c",
	} {
		if got := identity(query, origin.Query{}); got != want {
			t.Errorf("identity(%q) = %q, want %q", query, got, want)
		}
	}
}
