package mask

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestShorten_CutsNoCharacterInTwo(t *testing.T) {
	for _, c := range []struct {
		text string
		most int
		want string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "abc"},
		{"aüb", 2, "a"},
		{"aüb", 3, "aü"},
		{"日本", 5, "日"},
		{"𝄞", 3, ""},
		{"", 0, ""},
		{"a", 0, ""},
		{strings.Repeat("\x80", 9), 8, strings.Repeat("\x80", 8)},
	} {
		if got := Shorten(c.text, c.most); got != c.want {
			t.Errorf("Shorten(%q, %d) = %q, want %q", c.text, c.most, got, c.want)
		}
	}
	for most := range 40 {
		if got := Shorten(strings.Repeat("aü日𝄞", 4), most); !utf8.ValidString(got) || len(got) > most || len(got) < most-3 {
			t.Errorf("to %d: %q of %d bytes", most, got, len(got))
		}
	}
}
