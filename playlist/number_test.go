package playlist

import (
	"strings"
	"testing"
	"time"
)

// TestNumbers_AreServedAsTheyAreUnlessTheyAreVeryLong: a million digits would
// stand in every window.
func TestNumbers_AreServedAsTheyAreUnlessTheyAreVeryLong(t *testing.T) {
	million := strings.Repeat("0", 1_000_000)
	for written, want := range map[string]string{
		"4":                                     "4",
		"3.9999999990000001":                    "3.9999999990000001",
		"4.0000":                                "4.0000",
		"4.000000000000000000":                  "4.000000000000000000",
		"4." + strings.Repeat("1", maxNumber-2): "4." + strings.Repeat("1", maxNumber-2),
		"4." + strings.Repeat("1", maxNumber-1): "4.111111111",
		"4." + million:                          "4.000",
		million + "4.25":                        "4.250",
		"4.123456789" + million:                 "4.123456789",
	} {
		live := liveOf(t, []byte(vodOf("#EXTINF:"+written+",title, too\nx.ts")), 0)
		if text := mediaAt(t, live, epoch.Add(time.Minute)); !strings.Contains(text, "\n#EXTINF:"+want+",title, too\n") {
			t.Errorf("%.40s… is on air as:\n%.400s", written, text)
		}
	}
	for tag, want := range map[string]string{
		"#EXT-X-BITRATE:" + strings.Repeat("1", 1_000_000): "",
		"#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\",DURATION=1." + million + ",PLANNED-DURATION=" + million + "2.5,X-A=\"b\"": ",DURATION=1.000,PLANNED-DURATION=2.500,X-A=\"b\"",
		"#EXT-X-DATERANGE:ID=\"a\",START-DATE=\"2020-01-01T00:00:00Z\",DURATION=1.0000,X-A=\"b\"":                                                ",DURATION=1.0000,X-A=\"b\"",
	} {
		live := liveOf(t, []byte(vodOf(tag)), 0)
		text := mediaAt(t, live, epoch.Add(time.Minute))
		if len(text) > 10_000 || !strings.Contains(text, want) {
			t.Errorf("%.100s…: %d bytes\n%.2000s", tag, len(text), text)
		}
	}
}
