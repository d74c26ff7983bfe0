package preflight

import (
	"strings"
	"testing"

	"vod2live/proxy/failure"
)

// TestCheck_ASegmentThatRedirectsNamesTheSettingThatAllowsIt, and where it leads,
// without what may be a secret.
func TestCheck_ASegmentThatRedirectsNamesTheSettingThatAllowsIt(t *testing.T) {
	for _, name := range []string{"s0.ts", "s0.m4s", "s0.aac", "s0.vtt"} {
		for _, all := range []bool{false, true} {
			f := files{"master.m3u8": playlistOf("#EXT-X-MAP:URI=\"init\"", "#EXTINF:4,", name), name: "302 https://cdn.test/films/" + name + "?token=hunter2"}
			var text string
			for _, p := range check(t, f, all).Problems {
				if p.Code == failure.CodeRedirectRefused {
					text = p.Text
				}
			}
			for _, want := range []string{"/" + name + ": ", "302 Found to https://cdn.test/films/" + name + "?***", "add another origin with url: https://cdn.test "} {
				if !strings.Contains(text, want) || strings.Contains(text, "hunter2") {
					t.Errorf("%s: %q lacks %q", name, text, want)
				}
			}
		}
	}
}
