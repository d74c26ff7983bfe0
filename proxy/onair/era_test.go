package onair

import (
	"testing"

	"vod2live/playlist"
	"vod2live/proxy/problem"
)

// TestEra_AllThatAChannelKeepsIsCounted: each part adds to what it takes.
func TestEra_AllThatAChannelKeepsIsCounted(t *testing.T) {
	bare := (&era{live: &playlist.Live{}}).weighCast()
	for name, e := range map[string]*era{
		"problems": {live: &playlist.Live{}, problems: make([]problem.Problem, 10)}, "listed addresses": {live: &playlist.Live{}, listed: make([]uint64, 10)},
	} {
		if size := e.weighCast(); size < bare+80 {
			t.Errorf("%s: %d bytes, %d without", name, size, bare)
		}
	}
	both := &era{live: &playlist.Live{}, problems: make([]problem.Problem, 10), listed: make([]uint64, 10), cast: make([]*play, 10)}
	want := 10*1024 + 10*listedBytes + 10*256
	if size := both.weighCast(); size < want {
		t.Errorf("%d bytes for all, want at least %d", size, want)
	}
}
