package e2e

import (
	"context"
	"encoding/json"
	"math"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// seams is how many loop points are crossed where timestamps go on.
	seams = 3

	// seamTolerance is how long a player may stand at such a loop point, how far it may leap, and the longest hole.
	seamTolerance = 100 * time.Millisecond
)

// continuousEpoch is when the loops began whose timestamps go on: so early that no reset comes during the tests, at the
// beginning of a loop of 8 s of the other tests' epoch.
var continuousEpoch = time.Now().UTC().Add(-time.Hour).Truncate(loopLength)

// continuousProxy is a vod2live whose streams' timestamps go on. The first caller starts it.
var continuousProxy = sync.OnceValues(func() (*process, error) {
	return startContinuous(continuousEpoch)
})

// startContinuous starts a vod2live whose streams' timestamps go on, and anew from the epoch.
func startContinuous(since time.Time) (*process, error) {
	p, err := startProcess("-origin", shared.origin.url+"/vods", "-timestamps", "continuous", "-window", window.String(), "-epoch", since.Format(time.RFC3339))
	if err == nil {
		keep(p)
	}
	return p, err
}

// continuous is the address of the VOD's live stream whose timestamps go on, and how long its loop is.
func (r *realVOD) continuous(t *testing.T) (address string, loop time.Duration) {
	t.Helper()
	p, err := continuousProxy()
	if err != nil {
		t.Fatal(err)
	}
	address = p.viewers + "/live" + r.path()
	if _, err := fetchText(address); err != nil {
		t.Fatal(err)
	}
	return address, p.loopOf(t, address)
}

// TestContinuous_FFmpegCopiesEveryPacketOfEveryLoop to MPEG-TS and MP4: those of the VOD, in their order, over and over,
// with timestamps that rise and leave no hole.
func TestContinuous_FFmpegCopiesEveryPacketOfEveryLoop(t *testing.T) {
	t.Parallel()
	forEachRealVOD(t, func(t *testing.T, r *realVOD) {
		address, loop := r.continuous(t)
		for _, container := range []string{"mpegts", "mp4"} {
			t.Run(container, func(t *testing.T) {
				t.Parallel()
				once, _ := copied(t, container, fields("-i", shared.origin.url+"/vods"+r.path()))
				length := seconds((seams + 1) * loop)
				looped, complaint := copied(t, container, fields("-live_start_index 0 -i", address, "-t", length))
				if complaint != "" {
					t.Errorf("ffmpeg complains: %s", complaint)
				}
				if len(looped) != len(once) || len(looped) < 2 {
					t.Fatalf("%d tracks were copied of the live stream, %d of the VOD", len(looped), len(once))
				}
				for track, packets := range looped {
					checkRepeats(t, track, packets, once[track])
					checkRises(t, track, packets)
				}
			})
		}
	})
}

// TestContinuous_FFmpegCopiesTheBuiltInVODOverItsLoops as the program serves it by default: with timestamps that rise and
// leave no hole.
func TestContinuous_FFmpegCopiesTheBuiltInVODOverItsLoops(t *testing.T) {
	t.Parallel()
	p := start(t, "-epoch", continuousEpoch.Format(time.RFC3339))
	const length, pictures = 35 * time.Second, 25
	tracks, complaint := copied(t, "mpegts", fields("-live_start_index 0 -i", p.viewers+"/live/demo.m3u8", "-t", seconds(length)))
	if complaint != "" || len(tracks) != 4 {
		t.Errorf("%d tracks, want two of pictures and two of sound; ffmpeg complains: %s", len(tracks), complaint)
	}
	for track, packets := range tracks {
		if want := pictures * int(length.Seconds()); len(packets) < want {
			t.Errorf("track %d: %d packets, want at least %d", track, len(packets), want)
		}
		checkRises(t, track, packets)
	}
}

// copiedPacket is one that ffprobe sees in a file.
type copiedPacket struct {
	Track int     `json:"stream_index"`
	Hash  string  `json:"data_hash"`
	Size  int     `json:"size,string"`
	DTS   float64 `json:"dts_time,string"` // seconds
}

// harmless are phrases of ffmpeg's warnings about any stream: subtitles it leaves out, an initialization section that it
// has, and sound in MP4.
var harmless = []string{"Can't support the subtitle", "Found duplicated MOOV Atom", "codec frame size is not set", "Last message repeated"}

// complaintIn is the first line of ffmpeg's log that is not harmless.
func complaintIn(log string) string {
	for line := range strings.Lines(log) {
		if !slices.ContainsFunc(harmless, func(phrase string) bool { return strings.Contains(line, phrase) }) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// copied copies picture and sound with ffmpeg and returns the packets of each track, in the order of the tracks, and what
// ffmpeg complains of.
func copied(t *testing.T, container string, input []string) (tracks [][]copiedPacket, complaint string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*startTimeout)
	defer cancel()
	file := filepath.Join(t.TempDir(), "copied")
	args := slices.Concat(fields("-hide_banner -nostdin -loglevel warning"), input, fields("-map 0:v -map 0:a -c copy -copypriorss 1 -f", container, file))
	out, err := exec.CommandContext(ctx, "ffmpeg", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg %v: %v\n%s", args, err, out)
	}
	options := ""
	if container == "mp4" {
		options = "-ignore_editlist 1" // or it leaves out the frame that ffmpeg puts before the sound
	}
	text, err := exec.Command("ffprobe", fields(options, "-v error -show_data_hash adler32 -show_entries packet=stream_index,size,dts_time,data_hash -of json", file)...).Output()
	if err != nil {
		t.Fatalf("ffprobe: %v", err)
	}
	var seen struct{ Packets []copiedPacket }
	if err := json.Unmarshal(text, &seen); err != nil {
		t.Fatal(err)
	}
	for _, p := range seen.Packets {
		for len(tracks) <= p.Track {
			tracks = append(tracks, nil)
		}
		tracks[p.Track] = append(tracks[p.Track], p)
	}
	return tracks, complaintIn(string(out))
}

// checkRepeats wants the packets to be those of the VOD, from anywhere in it on, over and over. In MPEG-TS a zero byte before
// a start code belongs to the packet before it, if there is one. So in later loops the VOD's first packet is a byte shorter
// and its last one a byte longer, and the first and the last packet that were copied are left out.
func checkRepeats(t *testing.T, track int, packets, vod []copiedPacket) {
	t.Helper()
	if len(packets) < seams*len(vod) {
		t.Fatalf("track %d: %d packets, want %d loops of %d", track, len(packets), seams, len(vod))
	}
	packets = packets[1 : len(packets)-1]
	place := slices.IndexFunc(vod, func(p copiedPacket) bool { return p.Hash == packets[0].Hash })
	if place < 0 || packets[0].Hash == "" {
		t.Fatalf("track %d: the second packet, %q, is none of the VOD", track, packets[0].Hash)
	}
	for i, p := range packets {
		want := (place + i) % len(vod)
		moved := want == len(vod)-1 && p.Size == vod[want].Size+1 || want == 0 && p.Size == vod[want].Size-1
		if p.Hash == vod[want].Hash || moved {
			continue
		}
		got := slices.IndexFunc(vod, func(v copiedPacket) bool { return v.Hash == p.Hash })
		t.Fatalf("track %d: packet %d, at %.3f s, is number %d of the VOD's %d, want number %d", track, i, p.DTS, got, len(vod), want)
	}
}

// checkRises wants each packet to be decoded after the one before, without a hole.
func checkRises(t *testing.T, track int, packets []copiedPacket) {
	t.Helper()
	longest := 0.0
	for i := 1; i < len(packets); i++ {
		step := packets[i].DTS - packets[i-1].DTS
		if step <= 0 || step > seamTolerance.Seconds() {
			t.Errorf("track %d: packet %d, at %.3f s, comes %.3f s after the one before", track, i, packets[i].DTS, step)
		}
		longest = math.Max(longest, step)
	}
	t.Logf("track %d: %d packets, at most %.3f s apart", track, len(packets), longest)
}

// seamless are the players and kinds of media that are played in every run, each kind of packaging once.
var seamless = map[string][]string{
	"two-languages": {"hls", "shaka"},
	"packager":      {"shaka"}, // with a hole
	"packed-audio":  {"hls"},
	"ts":            {"videojs"},
	"several-moofs": {"videojs"},
}

// TestPlayer_CrossesLoopPointsWithoutASeamWhereTimestampsGoOn in every kind of real media: players neither stand nor leap, and
// nothing is missing in their buffers. All cues are shown in every loop.
func TestPlayer_CrossesLoopPointsWithoutASeamWhereTimestampsGoOn(t *testing.T) {
	t.Parallel()
	forEachRealVOD(t, func(t *testing.T, r *realVOD) {
		plays := seamless[r.name]
		if playAll && r != hevc {
			plays = players
		}
		for _, player := range plays {
			t.Run(player, func(t *testing.T) {
				t.Parallel()
				again(t, func(tt tester) { r.playContinuous(t, tt, player) })
			})
		}
	})
}

func (r *realVOD) playContinuous(t *testing.T, tt tester, player string) {
	address, loop := r.continuous(t)
	seen := shared.chromium.run(tt, play{
		name:   fileName(tt),
		player: player,
		source: address,
		loop:   loop,
		points: seams,
		since:  continuousEpoch,
		text:   len(r.cues) > 0,
	})
	checkPlay(tt, seen, allowance{})
	checkSeams(tt, seen, player == "shaka" && r.shortEXTINF)
	if len(r.cues) > 0 {
		checkCues(tt, seen, r.cues)
	}
}

// jumpOfShaka is how far Shaka Player leaps over a hole of one frame of audio.
const jumpOfShaka = 500 * time.Millisecond

// checkSeams wants that nothing came of the loop points but, where it is expected, a leap over a hole.
func checkSeams(t tester, seen figures, hole bool) {
	t.Helper()
	t.Logf("at loop points the longest stand was %.2f s, leap %.2f s; %d holes", seen.SeamStand, seen.SeamLeap, seen.Holes)
	if seen.Points < seams {
		t.Errorf("the playhead crossed %d loop points, want %d", seen.Points, seams)
	}
	leap, holes := seamTolerance, 0
	complaints := seen.Complaints
	if hole {
		leap, holes = jumpOfShaka, 1
		complaints = slices.DeleteFunc(slices.Clone(complaints), func(c string) bool { return strings.HasPrefix(c, "gap jumped") })
	}
	if seen.SeamStand > seamTolerance.Seconds() || seen.SeamLeap > leap.Seconds() {
		t.Errorf("at a loop point the playhead stood for %.2f s or leapt %.2f s, want at most %v and %v", seen.SeamStand, seen.SeamLeap, seamTolerance, leap)
	}
	if seen.Holes > holes || len(complaints) > 0 {
		t.Errorf("%d holes in the buffer, complaints %q; want %d holes and no complaint", seen.Holes, complaints, holes)
	}
}
