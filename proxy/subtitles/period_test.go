package subtitles

import (
	"fmt"
	"testing"
	"time"

	"vod2live/playlist/webvtt"
	"vod2live/proxy/origin"
)

// TestPeriods_FewFilesAreRequestedForAClock: of a VOD whose files are gone, a slice at
// the end asks for the first few, and for those that it may have cues of.
func TestPeriods_FewFilesAreRequestedForAClock(t *testing.T) {
	var track Track
	for i := range 100 {
		start := time.Duration(i) * time.Minute
		track.files = append(track.files, file{address: fmt.Sprint(i), start: start, end: start + time.Minute, periodEnd: 100 * time.Minute})
	}
	var asked []string
	absent := func(f *file) (*webvtt.File, error) { //nolint:unparam // as periods asks for files
		asked = append(asked, f.address)
		return nil, origin.ErrNotFound
	}
	if _, err := track.periods(98*time.Minute+time.Second, 98*time.Minute+5*time.Second, absent); err != nil {
		t.Fatal(err)
	}
	if want := "[0 1 2 3 98]"; fmt.Sprint(asked) != want {
		t.Errorf("asked for %v, want %s", asked, want)
	}
	asked = nil
	only := func(f *file) (*webvtt.File, error) {
		if f.address != "2" {
			return absent(f)
		}
		asked = append(asked, f.address)
		return &webvtt.File{}, nil
	}
	if _, err := track.periods(98*time.Minute+time.Second, 98*time.Minute+5*time.Second, only); err != nil {
		t.Fatal(err)
	}
	if want := "[0 1 2 98]"; fmt.Sprint(asked) != want {
		t.Errorf("once there is a clock, asked for %v, want %s", asked, want)
	}
}
