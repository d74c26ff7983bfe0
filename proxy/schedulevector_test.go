package proxy

import (
	"flag"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/schedule"
)

var update = flag.Bool("update", false, "write testdata/schedule.json; raise schedule.Layout if numbers changed")

// TestSchedule_IsLockedAsByEveryReleaseOfThisLayout: a release that lays VODs out
// otherwise must say so by another version of the layout.
func TestSchedule_IsLockedAsByEveryReleaseOfThisLayout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{t: t, files: newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3, 1), vodOf("slate", 4, 4, 4, 4, 4), parted("broken"))}
		o := wish(t,
			era(-time.Hour, "", "a b broken"),
			era(20*time.Minute, "b", "broken a"),
			`{"at":"2000-01-01T00:40:00Z","wait":"10s","play":[{"vod":"live/broken/master.m3u8","in":"5s","out":"14s","title":"A part"}],"loop":["live/a/master.m3u8"]}`,
			`{"at":"2000-01-01T00:50:00Z","play":[{"vod":"live/broken/master.m3u8","breaks":{"at":["4s","13s"],"between":true,"slate":"live/a/master.m3u8","for":9,"mark":["cue"]}}],"loop":["live/b/master.m3u8"]}`,
			`{"at":"2000-01-01T01:00:01Z","play":["live/b/master.m3u8"],"end":true}`,
		)
		o.Slate = &schedule.Item{Origin: "live", Path: "slate/master.m3u8"}
		w.publish(o)
		const golden = "testdata/schedule.json"
		if *update {
			if err := os.WriteFile(golden, []byte(w.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if w.text != string(want) {
			t.Errorf("it is locked as\n%s\nand was as\n%s\nIf numbers, sums or stretches differ, raise schedule.Layout, and run with -update.", w.text, want)
		}
		w.on().ok(news)
	})
}

// parted is a VOD with a discontinuity in it.
func parted(folder string) map[string]string {
	files := vodOf(folder, 4, 4, 3, 2, 4)
	for path, text := range files {
		files[path] = strings.Replace(text, "#EXTINF:3,", "#EXT-X-DISCONTINUITY\n#EXTINF:3.5,", 1)
	}
	return files
}
