package onair

import (
	"fmt"
	"testing"
	"time"
)

// TestPlayout_ItemsAreLoadedAheadSpreadAmongChannels: from 15 to 18 minutes before they
// begin, evenly.
func TestPlayout_ItemsAreLoadedAheadSpreadAmongChannels(t *testing.T) {
	late := 0
	for n := range 1000 {
		lead := (&Channel{Name: fmt.Sprintf("channel%d", n)}).lead()
		if lead < 15*time.Minute || lead >= 18*time.Minute {
			t.Fatalf("channel%d loads %s ahead", n, lead)
		}
		if lead < 15*time.Minute+90*time.Second {
			late++
		}
	}
	if late < 400 || late > 600 {
		t.Errorf("%d of 1000 channels load in the later half", late)
	}
}
