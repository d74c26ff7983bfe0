package main

import (
	"math"
	"syscall"

	"vod2live/proxy"
	"vod2live/proxy/origin"
)

// perConnection is the share of -memory for one connection, and for one
// request under way.
const perConnection = 64 << 10

// limits follow from memory and open files. Of the files two fifths are for
// viewers, a tenth is for playlists from origins, a twelfth stays free for the
// operator's listener, for accept and for occasional files, and nearly all of
// the rest is for segments from origins.
type limits struct {
	connections         int64 // of viewers
	requests            int64 // of viewers, under way
	playlists, segments int64 // connections to all origins that may be in use
}

func (o *options) limits() limits { return o.limitsWith(openFiles()) }

// limitsWith divides this many files. -connections gets at most three fifths.
func (o *options) limitsWith(files int64) limits {
	memory := o.memory / perConnection
	l := limits{connections: min(memory, files/5*2), playlists: min(memory, files/10)}
	if o.connections > 0 {
		l.connections = min(int64(o.connections), files/5*3)
	}
	l.connections, l.playlists = max(l.connections, 1), max(l.playlists, 1)
	l.requests = max(memory, l.connections)
	l.segments = max(min(memory, unslack(files-files/12-l.connections-slack(l.playlists))), 1)
	return l
}

// slack adds to connections in use those being closed, and those of viewers
// that left before they were made.
func slack(inUse int64) int64 { return inUse + inUse/8 + 1 }

func unslack(open int64) int64 { return (open - 1) / 9 * 8 }

// openFiles is how many files the process may have open. The runtime has raised
// the soft limit to the hard one.
func openFiles() int64 {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return math.MaxInt32
	}
	return int64(min(files.Cur, math.MaxInt32))
}

func (l limits) network() *proxy.Network {
	return proxy.NewNetwork(slack(l.playlists), slack(l.segments))
}

// leastShare is how many connections each origin may use, however many there are.
const leastShare = 4

// share gives each origin as many connections.
func (l limits) share(origins []*origin.Origin) {
	for _, one := range origins {
		one.PlaylistConnections = max(l.playlists/int64(len(origins)), leastShare)
		one.SegmentConnections = max(l.segments/int64(len(origins)), leastShare)
	}
}
