package proxy

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/zap"
)

// TestLog_ARefusedPlaylistHasItsAddress, as a failed request has: of a VOD with many
// renditions the operator must know which URL to look at. Secrets in it are masked, and
// the viewer sees nothing of it.
func TestLog_ARefusedPlaylistHasItsAddress(t *testing.T) {
	const layer2 = "GET http://origin.test/vod/master_Layer2.m3u8"
	live := strings.TrimSuffix(seed()["master_Layer2.m3u8"], "#EXT-X-ENDLIST\n")
	variable := strings.Replace(withChild("{$t}.m3u8?sig={$t}")["master.m3u8"], "#EXTM3U\n", "#EXTM3U\n#EXT-X-DEFINE:NAME=\"t\",VALUE=\""+hush+"\"\n", 1)
	for name, c := range map[string]struct {
		failing string
		answer  http.HandlerFunc
		master  string
		want    string
	}{
		"a page at the VOD's address": {"master.m3u8", text("<html>"), "", "GET http://origin.test/vod/master.m3u8?***: not-a-playlist: "},
		"a page for a rendition":      {"master_Layer2.m3u8", text("<html>"), "", layer2 + ": not-a-playlist: "},
		"a live rendition":            {"master_Layer2.m3u8", text(live), "", layer2 + ": no-endlist: "},
		"a query":                     {"master_Layer2.m3u8", text("<html>"), withChild("master_Layer2.m3u8?sig=" + hush)["master.m3u8"], layer2 + "?***: not-a-playlist: "},
		"a variable":                  {hush + ".m3u8", text("<html>"), variable, "GET {$t}.m3u8?***: not-a-playlist: "},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(seed())
				if c.master != "" {
					files.put("master.m3u8", c.master)
				}
				files.fail(c.failing, c.answer)
				r := newRig(t, files)
				if a := r.get("/live/master.m3u8?token=" + hush); a.status != http.StatusBadGateway || strings.Contains(a.body, "origin.test") {
					t.Errorf("%d %s", a.status, a.body)
				}
				var got []string
				for _, line := range r.logs.FilterMessage("stream not loaded").All() {
					got = append(got, line.ContextMap()["error"].(string))
				}
				if len(got) != 1 || !strings.HasPrefix(got[0], c.want) {
					t.Errorf("%q, want one that begins with %q", got, c.want)
				}
			})
		})
	}
}

// TestLog_AChannelOnAirHasOnlyWhatIsTrueOfAllOfIt: its model, and the length of the item
// that is on air, would pass for the channel's. One that plays a single VOD has both.
func TestLog_AChannelOnAirHasOnlyWhatIsTrueOfAllOfIt(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		fields string
	}{
		"of a list": {looping("a b"), "bytes items mount path renditions target_duration took window"},
		"of a VOD":  {channels("news", "a/master.m3u8"), "bytes length mount path renditions segments target_duration took vod window"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, newVODs(vodOf("a", 4, 4), vodOf("b", 4, 4, 4)), c.change)
				<-r.station.Tried()
				lines := r.logs.FilterMessage("stream loaded").FilterField(zap.String("mount", "news")).All()
				if len(lines) != 1 {
					t.Fatalf("%v", lines)
				}
				fields := lines[0].ContextMap()
				if got := strings.Join(slices.Sorted(maps.Keys(fields)), " "); got != c.fields || fields["items"] != nil && fields["items"] != int64(2) {
					t.Errorf("%v, want %s", fields, c.fields)
				}
			})
		})
	}
}
