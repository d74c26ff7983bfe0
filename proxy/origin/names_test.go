package origin

import "testing"

func TestNames_MatchTheLastElement(t *testing.T) {
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"manifest(*)", "movie.ism/manifest(format=m3u8-aapl)", true},
		{"manifest(*)", "movie.ism/manifest%28format%3Dm3u8-aapl%29", true},
		{"manifest(*)", "manifest()", true},
		{"manifest(*)", "a/manifest(x)/b", false},
		{"manifest(*)", "Manifest(x)", false},
		{"manifest(*)", "manifest(x).ts", false},
		{"manifest(*)", "a-manifest(x)", false},
		{"stream.php", "a/b/stream.php", true},
		{"stream.php", "streamXphp", false},
		{"stream.php", "stream.php/0.m3u8", false},
		{"*", "anything", true},
		{"*.hls", ".hls", true},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"a*b*c", "a-b-c-b-c", true},
		{"a*b*c", "acb", false},
		{"a*bc*bc", "abc", false},
		{"*x*", "abc", false},
		{"my list", "my%20list", true},
		{"100%", "100%", true},
		{"a*", "", false},
	} {
		if got := (Names{"other", c.pattern}).Match(c.path); got != c.want {
			t.Errorf("%q matches %q: %v, want %v", c.pattern, c.path, got, c.want)
		}
	}
	if Names(nil).Match("x") {
		t.Error("no pattern matches x")
	}
}
