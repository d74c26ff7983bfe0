package e2e

import (
	"encoding/json"
	"fmt"
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"

	"vod2live/proxy/media"
)

// alike is how much two tracks may come apart: a tick of each.
const alike = 50e-6 // s

// TestContinuous_PictureAndSoundAreAsFarApartAsInTheVOD after hundreds of loops: every packet of every track is moved by the
// same time and a whole number of loops. Times are those that ffprobe reads, before any player looks at them.
func TestContinuous_PictureAndSoundAreAsFarApartAsInTheVOD(t *testing.T) {
	t.Parallel()
	forEachRealVOD(t, func(t *testing.T, r *realVOD) {
		address, loop := r.continuous(t)
		vod := timedPackets(t, shared.origin.url+"/vods"+r.path())
		live := timedPackets(t, fmt.Sprintf("-live_start_index 0 -read_intervals %%+%s %s", seconds(loop+2*time.Second), address))
		at := map[string]float64{}
		for _, p := range vod {
			at[p.key()] = p.time
		}
		first, moved, loops := math.NaN(), 0, map[float64]int{}
		for _, p := range live {
			before, known := at[p.key()]
			if !known {
				continue // cut by ffprobe at another byte
			}
			by := p.time - before
			if math.IsNaN(first) {
				first = by
			}
			k := math.Round((by - first) / loop.Seconds())
			if wrap := media.Wrap / float64(media.Clock); strings.HasPrefix(r.name, "ts") && math.Abs(by-first) > wrap/2 {
				k, by = math.Round((by-first-math.Copysign(wrap, by-first))/loop.Seconds()), by-math.Copysign(wrap, by-first)
			}
			if off := by - first - k*loop.Seconds(); math.Abs(off) > alike {
				t.Fatalf("%s of %.6f s is at %.6f s: %.1f µs off from where the others are moved to", p.Kind, before, p.time, off*1e6)
			}
			moved++
			loops[k]++
		}
		if moved < len(live)*9/10 || moved < len(vod) || len(loops) < 2 {
			t.Fatalf("of %d packets %d are known, of the VOD's %d, in loops %v", len(live), moved, len(vod), loops)
		}
		t.Logf("%d packets in %d loops; the first is moved by %.6f s", moved, len(loops), first)
	})
}

// timedPacket is one that ffprobe reads, and when it is shown.
type timedPacket struct {
	Kind  string `json:"codec_type"`
	Track int    `json:"stream_index"`
	Ticks int64  `json:"pts"`
	Hash  string `json:"data_hash"`
	time  float64
}

func (p timedPacket) key() string { return fmt.Sprint(p.Track, p.Hash) }

// timedPackets are those of picture and sound.
func timedPackets(t *testing.T, input string) (all []timedPacket) {
	t.Helper()
	out, err := exec.Command("ffprobe", fields("-v error -show_data_hash adler32 -show_entries stream=time_base:packet=codec_type,stream_index,pts,data_hash -of json", input)...).Output()
	if err != nil {
		t.Fatalf("ffprobe %s: %v", input, err)
	}
	var seen struct {
		Packets []timedPacket
		Streams []struct {
			Base string `json:"time_base"`
		}
	}
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatal(err)
	}
	for _, p := range seen.Packets {
		if p.Kind != "video" && p.Kind != "audio" {
			continue
		}
		p.time = float64(p.Ticks) / float64(number(t, strings.TrimPrefix(seen.Streams[p.Track].Base, "1/")))
		all = append(all, p)
	}
	return all
}
