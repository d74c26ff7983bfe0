package main

import (
	"strconv"
	"testing"

	"vod2live/proxy/origin"
)

func TestLimits_LeaveFilesForAcceptAndTheOperator(t *testing.T) {
	for _, connections := range []string{"", "1", "100", "1000000"} {
		for _, files := range []int64{64, 256, 1024, 4096, 20000, 1 << 20} {
			o := &options{memory: 512 << 20}
			o.connections, _ = strconv.Atoi(connections)
			l := o.limitsWith(files)
			if l.connections < 1 || l.playlists < 1 || l.segments < 1 {
				t.Errorf("-connections %q, %d files: %+v", connections, files, l)
			}
			if open := l.connections + slack(l.playlists) + slack(l.segments); open > files-files/12 {
				t.Errorf("-connections %q, %d files: %d may be open: %+v", connections, files, open, l)
			}
		}
	}
}

func TestLimits_OriginsShareConnections(t *testing.T) {
	l := limits{playlists: 90, segments: 300}
	all := []*origin.Origin{{}, {}, {}}
	l.share(all)
	for _, one := range all {
		if one.PlaylistConnections != 30 || one.SegmentConnections != 100 {
			t.Errorf("an origin of three has %d and %d connections of 90 and 300", one.PlaylistConnections, one.SegmentConnections)
		}
	}
}

// TestLimits_FollowMemory: a request under way and a connection count 64 KiB.
func TestLimits_FollowMemory(t *testing.T) {
	o := &options{memory: 512 << 20}
	if l := o.limitsWith(1 << 20); l.requests != 8192 || l.connections != 8192 || l.segments != 8192 {
		t.Errorf("with 512 MiB: %+v", l)
	}
	o.connections = 10_000
	if l := o.limitsWith(1 << 20); l.requests != 10_000 || l.connections != 10_000 {
		t.Errorf("with -connections 10000: %+v", l)
	}
	if l := o.limitsWith(1024); l.connections != 1024/5*3 {
		t.Errorf("with -connections 10000 and 1,024 files: %+v", l)
	}
}
