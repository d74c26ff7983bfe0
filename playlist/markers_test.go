package playlist

import (
	"strings"
	"testing"
)

// TestWithoutMarkers_AllTagsOfARangeWithACommandGo, wherever the command is in them; what
// only speaks of one stays.
func TestWithoutMarkers_AllTagsOfARangeWithACommandGo(t *testing.T) {
	const (
		out    = `#EXT-X-DATERANGE:SCTE35-OUT=0xFC,ID="ad",START-DATE="2020-01-01T00:00:00Z",PLANNED-DURATION=10`
		update = `#EXT-X-DATERANGE:ID="ad",DURATION=9.5`
		other  = `#EXT-X-DATERANGE:ID="text",START-DATE="2020-01-01T00:00:00Z",X-NOTE="as in ,SCTE35-OUT=0xFC"`
	)
	m, err := DecodeMedia([]byte("#EXTM3U\n#EXT-X-TARGETDURATION:6\n"+out+"\n"+other+"\n#EXTINF:6,\na.ts\n#EXT-OATCLS-SCTE35:/DA=\n"+update+"\n#EXTINF:6,\nb.ts\n#EXT-X-ENDLIST\n"), origin, nil)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, s := range withoutMarkers([]*Media{m})[0].Segments {
		for _, r := range s.ranges {
			left = append(left, r.line)
		}
		left = append(left, s.before...)
	}
	if len(left) != 1 || !strings.Contains(left[0], `ID="text"`) {
		t.Errorf("left are %q, want the range without a command", left)
	}
	if all := m.Segments[0].ranges; len(all) != 2 {
		t.Errorf("the playlist itself has %d ranges left", len(all))
	}
}
