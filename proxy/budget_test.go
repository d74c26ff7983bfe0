package proxy

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
)

// budgetServer has VODs and a channel of two on air, with addresses that go back.
func budgetServer(t *testing.T) *rig {
	t.Helper()
	files := newVODs(vodOf("a", 4, 4), vodOf("b", 4, 4))
	large := []byte(numbered(large8))
	r := newRig(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/large.ts") {
			_, _ = w.Write(large) // itself allocates nothing
			return
		}
		files.ServeHTTP(w, r)
	}), looping("a b"), func(c *Config) {
		c.Log, c.DVR, c.Channels[0].DVR = zap.NewNop(), 24*time.Hour, 24*time.Hour
	})
	<-r.station.Tried()
	return r
}

// The budgets of requests that are answered without a request to the origin: they do not
// grow with the VOD, the channel, the token or the view.
func TestBudget_WhatIsOnAirAllocatesNextToNothing(t *testing.T) {
	r := budgetServer(t)
	for _, c := range []struct {
		address string
		most    float64
	}{
		{"/live/a/master.m3u8/0.m3u8", 0},
		{"/news/master.m3u8/0.m3u8", 0},
		{"/live/a/master.m3u8/0.m3u8?token=abc", 1},
		{"/live/a/master.m3u8/0.m3u8?dvr=600&_HLS_skip=YES", 2},
		{"/news/master.m3u8/0.m3u8?dvr=600&_HLS_skip=YES", 2},
	} {
		r.ok(c.address)
		req, w := request(http.MethodGet, c.address, "Accept-Encoding", "gzip"), newQuiet()
		if n := testing.AllocsPerRun(200, func() { clear(w.header); r.ServeHTTP(w, req) }); n > c.most {
			t.Errorf("%s: %v allocations, want no more than %v", c.address, n, c.most)
		}
	}
}

// large8 is the size of a large segment.
const large8 = 8 << 20

// The budget of a segment that passes through: its bytes go through buffers that others
// have had before.
func TestBudget_ASegmentPassesThroughWithoutMemoryForItsBytes(t *testing.T) {
	r := budgetServer(t)
	req, w := request(http.MethodGet, "/live/large.ts"), newQuiet()
	const rounds = 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		clear(w.header)
		r.ServeHTTP(w, req)
	}
	runtime.ReadMemStats(&after)
	if w.bytes != rounds*large8 {
		t.Fatalf("%d bytes came, want %d", w.bytes, rounds*large8)
	}
	if each := (after.TotalAlloc - before.TotalAlloc) / rounds; each > large8/4 { // pools lose some of their buffers under -race
		t.Errorf("%d bytes are allocated for a segment of %d", each, large8)
	}
}
