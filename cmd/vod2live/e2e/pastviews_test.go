package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// deltaCounter stands between players and vod2live.
type deltaCounter struct {
	url    string
	asked  atomic.Int64 // requests for a delta update
	deltas atomic.Int64 // answers with one
	failed atomic.Int64 // answers of 400 and above
}

func newDeltaCounter(t *testing.T, viewers string) *deltaCounter {
	t.Helper()
	target, err := url.Parse(viewers)
	if err != nil {
		t.Fatal(err)
	}
	c := &deltaCounter{}
	through := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Del("Accept-Encoding") // so that playlists can be read
		},
		ModifyResponse: c.count,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) {}, // a player that has left
	}
	server := httptest.NewServer(through)
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func (c *deltaCounter) count(r *http.Response) error {
	if r.StatusCode >= http.StatusBadRequest {
		c.failed.Add(1)
	}
	if !strings.Contains(r.Request.URL.RawQuery, "_HLS_skip=") {
		return nil
	}
	c.asked.Add(1)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if strings.Contains(string(body), "#EXT-X-SKIP:") {
		c.deltas.Add(1)
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	return nil
}

// check wants delta updates for the players that ask for them, and no failed request.
func (c *deltaCounter) check(t tester, player string) {
	t.Helper()
	t.Logf("%d requests for delta updates, %d answered with one; %d requests failed", c.asked.Load(), c.deltas.Load(), c.failed.Load())
	if c.failed.Load() > 0 {
		t.Errorf("%d requests failed", c.failed.Load())
	}
	if player != "videojs" && c.deltas.Load() == 0 {
		t.Errorf("%d delta updates were requested, and none was answered with", c.asked.Load())
	}
}

// pastPlayers plays an address of a vod2live that goes back so far, in each player, and has a function check it.
// video.js plays with E2E_PLAYERS=all only.
func pastPlayers(t *testing.T, dvr time.Duration, test func(t tester, p *process, c *deltaCounter, player string)) {
	t.Parallel()
	kindNamed(t, "ts")
	p := start(t, append(proxyArgs(), "-dvr", dvr.String())...)
	for _, player := range players {
		if player == "videojs" && !playAll {
			continue // it loses its place now and then, as deploy/TIMESHIFT.md says
		}
		t.Run(player, func(t *testing.T) {
			t.Parallel()
			again(t, func(trial tester) { test(trial, p, newDeltaCounter(t, p.viewers), player) })
		})
	}
}

// stream is the address of the live stream.
func (c *deltaCounter) stream() string { return c.url + "/live/ts/master.m3u8" }

// speed is how fast players come from the past to now, and how close they come. At twice the speed video.js has
// lost media at a joint; so it stays behind.
func speed(player string) (rate float64, edge time.Duration) {
	if player == "videojs" {
		return 0, 0
	}
	return 2, 12 * time.Second
}

// own is what a player does by itself: video.js goes to the live edge soon after its start, in one play of four.
func own(player string, ago time.Duration) allowance {
	if player == "videojs" {
		return allowance{leap: ago}
	}
	return allowance{}
}

// The setting is shorter than the play: nobody is cut off once the instant lies before it.
func TestPlayer_StartsOverAndComesToTheEdgeFromBeyondTheSetting(t *testing.T) {
	const dvr, ago = 30 * time.Second, 26 * time.Second
	pastPlayers(t, dvr, func(t tester, p *process, c *deltaCounter, player string) {
		var from time.Time
		rate, edge := speed(player)
		seen := shared.chromium.run(t, play{
			name: fileName(t), player: player, source: c.stream(), loop: loopLength, rate: rate, edge: edge,
			part: func(now time.Time) string {
				from = now.Add(-ago).Truncate(time.Second)
				return fmt.Sprintf("start=%d", from.Unix())
			},
		})
		checkPlay(t, seen, own(player, ago))
		checkBegan(t, seen, from)
		if seen.Points < 2 {
			t.Errorf("the playhead crossed %d loop points, want 2", seen.Points)
		}
		c.check(t, player)
		late, err := fetch(fmt.Sprintf("%s/live/ts/master.m3u8?start=%d", p.viewers, from.Unix()), "")
		if err != nil || late.status != http.StatusNotFound {
			t.Errorf("the multivariant playlist after the play: %d, %v; want 404, as it is beyond the setting", late.status, err)
		}
	})
}

// checkBegan wants that playback began at an instant: at the segment that has it.
func checkBegan(t tester, seen figures, from time.Time) {
	t.Helper()
	began := time.UnixMilli(int64(seen.Began)).Sub(from)
	t.Logf("half a second after its start the playhead was %v after the instant", began)
	if began < -2*time.Second || began > 2*time.Second {
		t.Errorf("playback began at %s, %v from the instant", clock(seen.Began), began)
	}
}

// The end lies ahead when the play begins, so that the playlist grows and then ends.
func TestPlayer_CatchesUpToTheEndOfAnInterval(t *testing.T) {
	const ago, length = 16 * time.Second, 24 * time.Second
	pastPlayers(t, time.Hour, func(t tester, _ *process, c *deltaCounter, player string) {
		var from time.Time
		rate, _ := speed(player)
		seen := shared.chromium.run(t, play{
			name: fileName(t), player: player, source: c.stream(), loop: loopLength, advance: length, rate: rate, ends: true,
			part: func(now time.Time) string {
				from = now.Add(-ago).Truncate(time.Second)
				return fmt.Sprintf("start=%d&end=%d", from.Unix(), from.Add(length).Unix())
			},
		})
		checkPlay(t, seen, allowance{})
		checkBegan(t, seen, from)
		if !seen.Ended {
			t.Error("the media did not end")
		}
		if seen.Duration < length.Seconds()-0.5 || seen.Duration > length.Seconds()+4 {
			t.Errorf("the media lasted %.2f s, want %g and up to a segment on both sides", seen.Duration, length.Seconds())
		}
		c.check(t, player)
	})
}

// Two hours are 900 loops.
func TestPlayer_SeeksInAWindowOfTwoHours(t *testing.T) {
	const dvr = 2 * time.Hour
	pastPlayers(t, dvr, func(t tester, _ *process, c *deltaCounter, player string) {
		seeks := []time.Duration{80 * time.Second, 300 * time.Second, time.Hour, 7190 * time.Second, 7000 * time.Second, 100 * time.Second, 30 * time.Second}
		seen := shared.chromium.run(t, play{name: fileName(t), player: player, source: c.stream() + "?dvr=2h", advance: 30 * time.Second, seeks: seeks})
		t.Logf("seeks: %+v; fatal %q, late %q, %v", seen.Seeks, seen.Fatal, seen.Late, seen.NonFatal)
		if len(seen.Fatal) > 0 || len(seen.Seeks) != len(seeks) {
			t.Errorf("%d of %d seeks, fatal %q, %s", len(seen.Seeks), len(seeks), seen.Fatal, seen.Late)
		}
		for _, s := range seen.Seeks {
			if s.Late < -1 || s.Late > 3+s.Took || s.Took > 10 {
				t.Errorf("sought %g s before the clock: played %.1f s from there after %.1f s", s.Behind, s.Late, s.Took)
			}
		}
		c.check(t, player)
	})
}
