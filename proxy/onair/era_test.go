package onair

import (
	"testing"

	"vod2live/proxy/problem"
)

// TestEra_AllThatAChannelKeepsIsCounted: each part adds to what it takes.
func TestEra_AllThatAChannelKeepsIsCounted(t *testing.T) {
	bare := (&era{}).weighCast()
	for name, e := range map[string]*era{
		"problems": {problems: make([]problem.Problem, 10)}, "segments": {segments: make([]uint64, 10)}, "listed addresses": {listed: make([]uint64, 10)},
	} {
		if size := e.weighCast(); size < bare+80 {
			t.Errorf("%s: %d bytes, %d without", name, size, bare)
		}
	}
	both := &era{problems: make([]problem.Problem, 10), segments: make([]uint64, 10), listed: make([]uint64, 10)}
	want := 10*1024 + 10*8 + 10*listedBytes
	if size := both.weighCast(); size < want {
		t.Errorf("%d bytes for all, want at least %d", size, want)
	}
}
