package proxy

import (
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"
)

var seedAddresses = []string{"/live/master.m3u8", "/live/master.m3u8/0.m3u8", "/live/master.m3u8/1.m3u8"}

// TestServer_ReplicasAnswerAlike starts Servers at different instants; one is
// the same that was stopped and started again.
func TestServer_ReplicasAnswerAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := newVODs(seed())
		first := newRig(t, from)
		first.ok("/live/master.m3u8/0.m3u8")
		time.Sleep(13*time.Hour + 1234567*time.Microsecond)
		second := newRig(t, from)
		for range 50 {
			sameAnswers(t, first, second)
			time.Sleep(1700 * time.Millisecond)
		}
		before := readPlaylist(t, first.ok(seedAddresses[1]).body)
		first.Close()
		time.Sleep(8 * time.Second)
		restarted := newRig(t, from)
		sameAnswers(t, restarted, second)
		after := readPlaylist(t, restarted.ok(seedAddresses[1]).body)
		if after.sequence != before.sequence+2 {
			t.Errorf("EXT-X-MEDIA-SEQUENCE:%d, want %d after %d and two segments", after.sequence, before.sequence+2, before.sequence)
		}
	})
}

func sameAnswers(t *testing.T, a, b *rig) {
	t.Helper()
	for _, address := range seedAddresses {
		for _, encoding := range []string{"identity", "gzip"} {
			x, y := a.ok(address, "Accept-Encoding", encoding), b.ok(address, "Accept-Encoding", encoding)
			x.header.Del("X-Request-Id") // of an answer that had to load
			y.header.Del("X-Request-Id")
			if x.body != y.body || !maps.EqualFunc(x.header, y.header, func(v, w []string) bool { return fmt.Sprint(v) == fmt.Sprint(w) }) {
				t.Fatalf("%s at %s:\n%v\n%s\nand\n%v\n%s", address, time.Now(), x.header, x.unpacked(t), y.header, y.unpacked(t))
			}
		}
	}
}
