package e2e

import (
	"math"
	"os"
	"slices"
	"testing"
	"time"
)

// players are those that page/players.js knows.
var players = []string{"hls", "shaka", "videojs"}

// playAll asks for every kind in every player that can play it.
var playAll = os.Getenv("E2E_PLAYERS") == "all"

// playersOf are the players that a kind is played in.
func playersOf(k *kind) []string {
	if !playAll {
		return k.players
	}
	return slices.DeleteFunc(slices.Clone(players), func(player string) bool { return slices.Contains(k.never, player) })
}

func TestPlayer_EveryKindPlaysAcrossLoopPoints(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k *kind) {
		for _, player := range playersOf(k) {
			t.Run(player, func(t *testing.T) {
				t.Parallel()
				again(t, func(t tester) { k.play(t, player) })
			})
		}
	})
}

// play plays a kind in a player over two loop points.
func (k *kind) play(t tester, player string) {
	seen := shared.chromium.run(t, play{
		name:   fileName(t),
		player: player,
		source: k.live(shared.proxy),
		loop:   loopLength,
		text:   k.hasSubtitles(),
	})
	checkPlay(t, seen, k.allowed[player])
	if seen.Points < 2 {
		t.Errorf("the playhead crossed %d loop points, want 2", seen.Points)
	}
	if player == "hls" {
		checkFragments(t, seen, loopLength, k.breaks...)
	}
	if k.hasSubtitles() {
		checkCues(t, seen, k.cues)
	}
	if k.name == "dates" && player == "hls" {
		checkRanges(t, seen)
	}
}

// Shaka Player can't play a VOD whose audio ends earlier than its video, live or not: it plays no further than the
// audio of the plain VOD. If this fails, take the kind out of its exceptions.
func TestPlayer_ShakaStandsAtTheEndOfShorterAudioInThePlainVOD(t *testing.T) {
	if !playAll {
		t.Skip("only with E2E_PLAYERS=all")
	}
	t.Parallel()
	seen := shared.chromium.run(t, play{
		name:    fileName(t),
		player:  "shaka",
		source:  shared.origin.url + "/plain/" + kindNamed(t, "audio-shorter").name + "/master.m3u8",
		advance: loopLength - time.Second,
	})
	if seen.Advanced > 6 || seen.Late == "" {
		t.Errorf("the playhead advanced by %.1f s of 8, want a stand at the end of the audio, 5 s", seen.Advanced)
	}
}

// A player that joins picks its first segments by the edge of each rendition, so that the loop point may fall
// between audio and video; video.js then waits for ever. So players join at every segment of a loop.
func TestPlayer_EveryPlayerStartsAtEveryInstantOfALoop(t *testing.T) {
	t.Parallel()
	k := kindNamed(t, "fmp4")
	for _, player := range players {
		for phase := 500 * time.Millisecond; phase < loopLength; phase += 2 * time.Second {
			t.Run(player+" at "+phase.String(), func(t *testing.T) {
				t.Parallel()
				again(t, func(t tester) {
					seen := shared.chromium.run(t, play{
						name:    fileName(t),
						player:  player,
						source:  k.live(shared.proxy),
						advance: 2 * time.Second,
						phase:   phase,
					})
					checkPlay(t, seen, allowance{})
				})
			})
		}
	}
}

// Bit rates that change all the time, so that loop points come in both, and soon after a change.
func TestPlayer_HLSJSPlaysTwoBitRatesAcrossLoopPoints(t *testing.T) {
	t.Parallel()
	source := kindNamed(t, "ts").live(shared.proxy)
	again(t, func(t tester) {
		seen := shared.chromium.run(t, play{
			name:    fileName(t),
			player:  "hls",
			source:  source,
			loop:    loopLength,
			advance: 2 * loopLength,
			change:  3 * time.Second,
		})
		checkPlay(t, seen, allowance{})
		checkFragments(t, seen, loopLength)
		if len(seen.Levels) < 3 {
			t.Errorf("bit rates on screen: %v, want several changes", seen.Levels)
		}
	})
}

// TestPlayer_HLSJSPlaysTheBuiltInVODAcrossLoopPoints, over which its timestamps continue.
func TestPlayer_HLSJSPlaysTheBuiltInVODAcrossLoopPoints(t *testing.T) {
	t.Parallel()
	p := start(t, "-window", window.String(), "-epoch", continuousEpoch.Format(time.RFC3339))
	source := p.viewers + "/live/demo.m3u8"
	if _, err := fetchText(source); err != nil {
		t.Fatal(err)
	}
	again(t, func(t tester) {
		seen := shared.chromium.run(t, play{
			name:   fileName(t),
			player: "hls",
			source: source,
			loop:   p.loopOf(t, source),
			points: seams,
			since:  continuousEpoch,
		})
		checkPlay(t, seen, allowance{})
		checkSeams(t, seen, false)
	})
}

// busy is what a play is allowed that can't be played again.
var busy = allowance{stand: 3 * time.Second, leap: 3 * time.Second}

// checkPlay holds the figures of a play against what a viewer expects: it goes on.
func checkPlay(t tester, seen figures, allowed allowance) {
	t.Helper()
	t.Logf("crossed %d loop points; behind the clock by %.1f s", seen.Points, seen.Behind)
	t.Logf("advanced %.1f s in %d samples; longest stand %.2f s, leap %.2f s; %d waits; frames %d, dropped %d; %dx%d; levels %v",
		seen.Advanced, seen.Samples, seen.LongestStand, seen.LongestLeap, seen.Waiting, seen.Frames, seen.Dropped,
		seen.Width, seen.Height, seen.Levels)
	t.Logf("survived: %v; console: %q", seen.NonFatal, seen.Log)
	if len(seen.Fatal) > 0 {
		t.Errorf("the player gave up: %q", seen.Fatal)
	}
	if seen.Late != "" {
		t.Errorf("the playhead advanced by %.1f s only: %s", seen.Advanced, seen.Late)
	}
	if most := max(time.Second, allowed.stand).Seconds(); seen.LongestStand >= most {
		t.Errorf("the playhead stood for %.2f s, want less than %g", seen.LongestStand, most)
	}
	if most := max(time.Second, allowed.leap).Seconds(); seen.LongestLeap >= most {
		t.Errorf("the playhead leapt %.2f s ahead of the clock, want less than %g", seen.LongestLeap, most)
	}
	if seen.Width == 0 {
		t.Error("there was no picture")
	}
}

// checkFragments wants hls.js to count one discontinuity per loop, at the loop point, and those that the VOD has.
func checkFragments(t tester, seen figures, loop time.Duration, breaks ...time.Duration) {
	t.Helper()
	for i, f := range seen.Fragments {
		if i == 0 {
			continue
		}
		before := seen.Fragments[i-1]
		rise := f.Discontinuity - before.Discontinuity
		want := discontinuityNumber(f.Date, loop, breaks) - discontinuityNumber(before.Date, loop, breaks)
		if rise != want || rise < 0 {
			t.Errorf("from %s to %s the discontinuity rises by %d, want %d", clock(before.Date), clock(f.Date), rise, want)
		}
	}
	if len(seen.Fragments) == 0 {
		t.Error("no fragment came on screen")
	}
}

// discontinuityNumber counts the discontinuities up to a segment that begins at a date.
func discontinuityNumber(date float64, loop time.Duration, breaks []time.Duration) int64 {
	number := loopNumber(date, loop) * int64(1+len(breaks))
	at := time.UnixMilli(int64(date)+500).Sub(epoch) % loop
	for _, instant := range breaks {
		if at >= instant {
			number++
		}
	}
	return number
}

// loopNumber is the loop in which a segment lies that begins at a date, in milliseconds: loops are counted from the
// epoch. Dates are floored to milliseconds, so half a second is added.
func loopNumber(date float64, loop time.Duration) int64 {
	return int64(math.Floor((date + 500 - float64(epoch.UnixMilli())) / (float64(loop) / float64(time.Millisecond))))
}

func clock(date float64) string { return time.UnixMilli(int64(date)).UTC().Format("15:04:05.000") }
