package e2e

import (
	"slices"
	"testing"
	"time"
)

// epochOfReset is that of streams whose timestamps begin anew after so long: when they have gone on for twelve hours of
// whole loops.
func epochOfReset(loop, after time.Duration) time.Time {
	const most = 12 * time.Hour
	return time.Now().UTC().Add(after - most/loop*loop).Truncate(time.Second)
}

// TestPlayer_HLSJSCrossesAReset: where timestamps begin anew after twelve hours there is one discontinuity, and the player
// goes on.
func TestPlayer_HLSJSCrossesAReset(t *testing.T) {
	t.Parallel()
	r := realVODNamed(t, "two-languages")
	again(t, func(t tester) {
		seen := shared.chromium.run(t, play{
			name:   fileName(t),
			player: "hls",
			loop:   loopLength,
			points: seams,
			turned: func(p *play) error {
				p.since = epochOfReset(loopLength, 2*loopLength)
				proxy, err := startContinuous(p.since)
				if err == nil {
					p.source = proxy.viewers + "/live" + r.path()
				}
				return err
			},
		})
		checkPlay(t, seen, allowance{})
		if seen.Points < seams {
			t.Errorf("the playhead crossed %d loop points, want %d", seen.Points, seams)
		}
		var numbers []int64
		for _, f := range seen.Fragments {
			numbers = append(numbers, f.Discontinuity)
		}
		if got := slices.Compact(numbers); !slices.Equal(got, []int64{0, 1}) {
			t.Errorf("discontinuity sequence numbers %v came on screen, want 0 and then 1", got)
		}
	})
}

// TestContinuous_FFmpegCopiesEveryPacketOverAReset: those of the VOD, in their order, over and over.
func TestContinuous_FFmpegCopiesEveryPacketOverAReset(t *testing.T) {
	t.Parallel()
	r := realVODNamed(t, "ts")
	vod := shared.origin.url + "/vods" + r.path()
	_, loop := r.continuous(t)
	p, err := startContinuous(epochOfReset(loop, loop/2))
	if err != nil {
		t.Fatal(err)
	}
	address := p.viewers + "/live" + r.path()
	once, _ := copied(t, "mpegts", fields("-i", vod))
	looped, complaint := copied(t, "mpegts", fields("-live_start_index 0 -i", address, "-t", seconds((seams+2)*loop)))
	t.Logf("ffmpeg complains: %s", complaint)
	for track, packets := range looped {
		checkRepeats(t, track, packets, once[track])
	}
	text, err := fetchText(address)
	if err != nil {
		t.Fatal(err)
	}
	list := parseMedia(text)
	if last := list.segments[len(list.segments)-1].discontinuity; last != 1 {
		t.Errorf("the newest segment has the discontinuity sequence number %d, want 1: no reset was crossed", last)
	}
}

// realVODNamed is one that is there.
func realVODNamed(t *testing.T, name string) *realVOD {
	t.Helper()
	i := slices.IndexFunc(realVODs, func(r *realVOD) bool { return r.name == name })
	if i < 0 {
		t.Fatalf("no real VOD is called %s", name)
	}
	if err := realVODs[i].made(); err != nil {
		t.Fatal(err)
	}
	return realVODs[i]
}
