package proxy

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
)

// atWarn makes a Server log warnings and errors.
func atWarn(logs **observer.ObservedLogs) func(*Config) {
	return func(c *Config) {
		core, seen := observer.New(zapcore.WarnLevel)
		*logs, c.Log = seen, zap.New(core)
	}
}

// TestLog_AnOutageShowsAtWarn: eight segments that the origin fails are eight
// lines, each with what was asked and what came of it.
func TestLog_AnOutageShowsAtWarn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs *observer.ObservedLogs
		files := newVODs(seed())
		r := newRig(t, files, atWarn(&logs))
		r.ok(seedAddresses[1])
		files.fail("", status(503, ""))
		var ids []string
		for i := range 8 {
			a := r.get(fmt.Sprintf("/live/master_Layer1_%03d.ts?"+hush, i))
			if a.status != http.StatusBadGateway && a.status != http.StatusServiceUnavailable {
				t.Fatalf("segment %d: %d", i, a.status)
			}
			ids = append(ids, a.header.Get(origin.RequestIDHeader))
		}
		failed := logs.FilterMessage("request failed").FilterLevelExact(zapcore.ErrorLevel).All()
		if len(failed) != 8 {
			t.Fatalf("%d lines of 8 failed requests: %v", len(failed), logs.All())
		}
		for i, line := range failed {
			fields := line.ContextMap()
			if fields["request_id"] != ids[i] || fields["method"] != "GET" || fields["path"] != fmt.Sprintf("/live/master_Layer1_%03d.ts", i) ||
				fields["code"] == "" || fields["status"].(int64) < 500 || !strings.Contains(fmt.Sprint(fields["error"]), "503 Service Unavailable") {
				t.Errorf("line %d: %v", i, fields)
			}
		}
	})
}

// TestLog_AFloodHidesNoOtherFailure: of lines that flood, a minute has so many;
// the first of others are there all the same, whatever the logger itself samples.
func TestLog_AFloodHidesNoOtherFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs *observer.ObservedLogs
		files := newVODs(seed(), map[string]string{"live.m3u8": "#EXTM3U\n#EXTINF:4,\nx.ts\n"})
		r := newRig(t, files, func(c *Config) {
			core, seen := observer.New(zapcore.ErrorLevel)
			logs, c.Log = seen, zap.New(zapcore.NewSamplerWithOptions(core, time.Minute, 2*linesEach, 1<<30))
		})
		for range 10 * linesEach {
			r.get("/live/live.m3u8")
		}
		files.fail("a.ts", status(500, ""))
		r.get("/live/a.ts")
		if n := len(logs.All()); n != linesEach+1 {
			t.Errorf("%d lines, want %d", n, linesEach+1)
		}
		if last := logs.All()[logs.Len()-1].ContextMap(); last["code"] != failure.CodeOriginFails {
			t.Errorf("the last line is %v", last)
		}
		time.Sleep(time.Minute)
		r.get("/live/live.m3u8")
		if last := logs.All()[logs.Len()-1].ContextMap(); last["left_out"] != int64(9*linesEach) {
			t.Errorf("after a minute: %v", last)
		}
	})
}

func TestLog_WhatAViewerDoesWrongIsInfo(t *testing.T) {
	r := newRig(t, newVODs(seed()))
	for path, code := range map[string]string{
		"/live/none.m3u8": failure.CodeNotFound, "/live/none.ts": failure.CodeNotFound, "/none": failure.CodeUnknownAddress, "/live/a/../b.ts": failure.CodeBadAddress,
	} {
		r.get(path)
		lines := r.logs.FilterMessage("request failed").FilterField(zap.String("path", path)).All()
		if len(lines) != 1 || lines[0].Level != zapcore.InfoLevel || lines[0].ContextMap()["code"] != code {
			t.Errorf("%s: %v, want a line of info with %s", path, lines, code)
		}
	}
	if r.logs.FilterLevelExact(zapcore.ErrorLevel).Len()+r.logs.FilterLevelExact(zapcore.WarnLevel).Len() > 0 {
		t.Errorf("%v", r.logs.All())
	}
}

func TestLog_WithoutAccessLinesHasFailuresAlone(t *testing.T) {
	files := newVODs(seed())
	r := newRig(t, files, func(c *Config) { c.NoAccessLog = true })
	files.fail("a.ts", status(500, ""))
	r.ok(seedAddresses[1])
	r.get("/live/none.ts")
	r.get("/live/a.ts")
	if n, failed := r.logs.FilterMessage("request").Len(), r.logs.FilterMessage("request failed").Len(); n != 0 || failed != 1 {
		t.Errorf("%d lines of requests, %d of failed ones; want 0, 1", n, failed)
	}
}

func TestRequestID_IsInLogAnswerAndOriginRequest(t *testing.T) {
	for name, kept := range map[string]bool{"streamed": false, "from the segment cache": true} {
		t.Run(name, func(t *testing.T) {
			files := newVODs(seed())
			r := newRig(t, files, func(c *Config) {
				if kept {
					keeping(t, 16<<20)(c)
				}
			})
			var seen []string
			for range 3 * idBatch {
				id := r.ok("/live/master_Layer1_001.ts").header.Get(origin.RequestIDHeader)
				line := r.logs.All()[r.logs.Len()-1].ContextMap()
				if len(id) != idDigits || line["request_id"] != id {
					t.Fatalf("answer %q, log %v", id, line)
				}
				seen = append(seen, id)
			}
			for i, asked := range files.asked { // no request is under way
				if got := asked.Header.Get(origin.RequestIDHeader); got != seen[i] {
					t.Errorf("request %d to the origin has %q, want %q", i, got, seen[i])
				}
			}
			for i, id := range seen {
				if i > 0 && id == seen[i-1] {
					t.Errorf("two requests have %q", id)
				}
			}
		})
	}
}

func TestRequestID_OfAProxyInFrontIsKeptIfItIsOne(t *testing.T) {
	r := newRig(t, newVODs(seed()))
	for given, kept := range map[string]bool{
		"f3a1-B_.:+/=9": true, strings.Repeat("a", maxRequestID): true,
		strings.Repeat("a", maxRequestID+1): false, "": false, "a b": false, `a"b`: false, "ü": false, "a\tb": false, "a,b": false,
	} {
		for _, path := range []string{seedAddresses[1], "/live/master_Layer1_001.ts", "/live/none.ts"} {
			a := r.get(path, origin.RequestIDHeader, given)
			got := a.header.Get(origin.RequestIDHeader)
			line := r.logs.All()[r.logs.Len()-1].ContextMap()
			if (got == given && given != "") != kept || got != "" && line["request_id"] != got {
				t.Errorf("GET %s with %q: answered %q, logged %v", path, given, got, line)
			}
		}
	}
}

// TestRequestID_OfTwoHeadersIsNone: which of them would be the request's?
func TestRequestID_OfTwoHeadersIsNone(t *testing.T) {
	r := newRig(t, newVODs(seed()))
	if a := r.get("/live/none.ts", origin.RequestIDHeader, "a", origin.RequestIDHeader, "b"); len(a.header.Get(origin.RequestIDHeader)) != idDigits {
		t.Errorf("%v", a.header)
	}
}

// TestLog_AChannelOffAirIsToldWhenThatChanges, not at each of the attempts to
// load it, and loudly enough for -log-level warn.
func TestLog_AChannelOffAirIsToldWhenThatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs *observer.ObservedLogs
		files := newVODs(movies("a"))
		files.fail("", status(503, ""))
		r := newRig(t, files, channels("news", "a/master.m3u8"), atWarn(&logs))
		<-r.station.Tried()
		var viewers sync.WaitGroup // so many that the origin is paused
		for i := range 8 {
			viewers.Go(func() {
				for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); time.Sleep(time.Second) {
					r.get(fmt.Sprintf("/live/a/%d.ts", i))
				}
			})
		}
		viewers.Wait()
		files.fail("", nil)
		files.fail("a/master.m3u8", text("#EXTM3U\n#EXTINF:4,\nx.ts\n"))
		time.Sleep(5 * time.Minute)
		files.fail("a/master.m3u8", nil)
		time.Sleep(5 * time.Minute)
		var got []string
		for _, line := range logs.FilterField(zap.String("mount", "news")).All() {
			got = append(got, fmt.Sprint(line.Level, " ", line.Message, " ", line.ContextMap()["code"]))
		}
		const offAir = "channel off air; vod2live retries every few seconds "
		if want := []string{"error " + offAir + "unreachable", "error " + offAir + "no-endlist", "warn channel back on air <nil>"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// TestLog_AStreamThatIsNotRevalidatedIsToldOnce for as long as that lasts.
func TestLog_AStreamThatIsNotRevalidatedIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		r := newRig(t, files)
		poll := func() {
			for range 60 {
				r.ok(seedAddresses[1])
				time.Sleep(4 * time.Second)
			}
		}
		poll()
		files.fail("", status(503, ""))
		poll()
		files.fail("", nil)
		poll()
		if cut, back := r.logs.FilterMessage("stream not revalidated; it plays on").Len(), r.logs.FilterMessage("stream revalidated again").Len(); cut != 1 || back != 1 {
			t.Errorf("%d lines when it began, %d when it ended; want one each", cut, back)
		}
	})
}

// TestRequestID_OfALoadIsTheFirstViewers: its line and its requests to the origin
// have the id of the request that it was for.
func TestRequestID_OfALoadIsTheFirstViewers(t *testing.T) {
	files := newVODs(seed())
	r := newRig(t, files)
	a := r.ok(seedAddresses[1], origin.RequestIDHeader, "first")
	r.ok(seedAddresses[0], origin.RequestIDHeader, "second")
	if got := a.header.Get(origin.RequestIDHeader); got != "first" {
		t.Errorf("the answer has %q", got)
	}
	for _, asked := range files.asked { // no request is under way
		if got := asked.Header.Get(origin.RequestIDHeader); got != "first" {
			t.Errorf("the request for %s has %q", asked.URL, got)
		}
	}
	if n := len(files.asked); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
	if lines := r.logs.FilterMessage("stream loaded").FilterField(zap.String("request_id", "first")).Len(); lines != 1 {
		t.Errorf("%d lines of the load", lines)
	}
}

// TestLog_AViewerWhoLeavesWithinASegmentIsNoFailure: the end of the connection shows
// while the origin is read, as nothing was to be written.
func TestLog_AViewerWhoLeavesWithinASegmentIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs()
		files.fail("1.ts", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "x")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		var logs *observer.ObservedLogs
		r := newRig(t, files, func(c *Config) {
			core, seen := observer.New(zapcore.InfoLevel)
			logs, c.Log = seen, zap.New(core)
		})
		ctx, leave := context.WithCancel(t.Context())
		defer time.AfterFunc(time.Second, leave).Stop()
		r.send(request(http.MethodGet, "/live/1.ts").WithContext(ctx))
		lines := logs.FilterMessage("request failed").All()
		if len(lines) != 1 {
			t.Fatalf("%d lines, want 1: %v", len(lines), logs.All())
		}
		if fields := lines[0].ContextMap(); lines[0].Level != zapcore.InfoLevel || fields["code"] != nil {
			t.Errorf("the line has level %s: %v", lines[0].Level, fields)
		}
	})
}

// TestLog_AnUnknownAddressHasItsReason: the viewer's answer is the same for all.
func TestLog_AnUnknownAddressHasItsReason(t *testing.T) {
	r := newRig(t, newVODs(seed()), channels("news", "a.m3u8"))
	for path, want := range map[string]string{
		"/films/a.m3u8":    "no origin or channel has the name of the first path element",
		"/news/index.m3u8": "news is a channel: its address is /news/master.m3u8",
		"/live/movie/":     "a folder; a stream has the address of a playlist, such as /live/movie/master.m3u8",
	} {
		r.get(path)
		lines := r.logs.FilterMessage("request failed").All()
		if got := fmt.Sprint(lines[len(lines)-1].ContextMap()["error"]); got != "nothing is mounted at this address: "+want {
			t.Errorf("%s: %s", path, got)
		}
	}
}
