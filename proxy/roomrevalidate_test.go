package proxy

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/onair"
)

// TestRevalidate_NoRoomIsNotTheOriginsFailure: an edit that finds no room is taken
// over once there is some.
func TestRevalidate_NoRoomIsNotTheOriginsFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		r.ok("/live/master.m3u8/1.m3u8")
		files.put("master_Layer2.m3u8", strings.Replace(seed()["master_Layer2.m3u8"], "_001.ts", "_004.ts", 1))
		end := r.occupy()
		for range 4 {
			time.Sleep(r.config.Revalidate)
			r.ok("/live/master.m3u8/1.m3u8")
			r.rest()
		}
		if state := r.snapshot("master.m3u8").State; state != onair.StateOK {
			t.Errorf("%s: nothing was wrong but the room", state)
		}
		end()
		for range 4 {
			time.Sleep(r.config.Revalidate)
			r.ok("/live/master.m3u8/1.m3u8")
			r.rest()
		}
		if a := r.ok("/live/master.m3u8/1.m3u8"); strings.Contains(a.body, "_001.ts") {
			t.Errorf("the edit has not taken over:\n%s", a.body)
		}
	})
}
