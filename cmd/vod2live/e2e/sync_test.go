package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

const (
	// beats flash and beep at once, each second.
	beats = "-f lavfi -i color=black:size=480x270:rate=25,drawbox=w=iw:h=ih:color=white:t=fill:enable='lt(mod(t,1),0.08)' -t 8"
	beeps = "-f lavfi -i aevalsrc='0.8*sin(2000*PI*t)*lt(mod(t,1),0.05)':s=%d -t %g"

	// beatLoops is how many loops of beats are played; drift is how far picture and sound may come apart in the ten between
	// the first third and the last. Those that do drift do so by 5 ms or more in each loop.
	beatLoops = 15
	drift     = 20 * time.Millisecond
)

// A beating is a VOD of beats in fragmented MP4, with audio of its own rate and length in a group of its own. ffmpeg puts
// one frame of AAC before the sound, and says of the last one that it ends with the sound.
type beating struct {
	name    string
	rate    int     // samples a second
	seconds float64 // of sound

	continuous []string // the players that play it with timestamps that continue
}

var beatings = []beating{
	{"21 ms shorter", 48000, 7.957334, []string{"shaka", "native", "hls", "videojs"}},
	{"11 ms longer, by EXTINF too", 44100, 7.98766, nil},
	{"34 ms longer, by EXTINF 23 ms", 44100, 8, []string{"shaka", "native"}},
	{"54 ms shorter, by EXTINF 77 ms", 44100, 7.9, nil}, // two pictures overlap: Chromium's own player drifts by 40 ms
	{"296 ms shorter", 48000, 7.68, nil},                // more than may lack where timestamps continue
}

// folder is beneath that of the VODs.
func (b beating) folder() string { return fmt.Sprintf("beats-%d-%g", b.rate, b.seconds) }

func (b beating) make(dir string) error {
	for _, folder := range []string{"video", "audio"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			return err
		}
	}
	output := "-fflags +bitexact -flags +bitexact -f hls -hls_time 2 -hls_playlist_type vod -hls_flags independent_segments " +
		"-hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4 -hls_segment_filename seg%03d.m4s index.m3u8"
	video := "-c:v libx264 -preset veryfast -threads 1 -profile:v main -pix_fmt yuv420p -g 50 -keyint_min 50 -sc_threshold 0 -b:v 400k"
	if err := ffmpeg(filepath.Join(dir, "video"), fields(beats, video, output)...); err != nil {
		return err
	}
	if err := ffmpeg(filepath.Join(dir, "audio"), fields(fmt.Sprintf(beeps, b.rate, b.seconds), "-c:a aac -b:a 64k -ac 2", output)...); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "master.m3u8"), []byte("#EXTM3U\n#EXT-X-VERSION:7\n"+
		"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",DEFAULT=YES,URI=\"audio/index.m3u8\"\n"+
		"#EXT-X-STREAM-INF:BANDWIDTH=500000,RESOLUTION=480x270,CODECS=\"avc1.4d4015,mp4a.40.2\",AUDIO=\"a\"\nvideo/index.m3u8\n"), 0o644)
}

// TestPlayer_PictureAndSoundStayTogether over 15 loops, whatever the length of the audio: in Shaka where timestamps restart
// and where they continue, in the other players where they continue. By EXTINF, which is milliseconds off, or with the
// picture's length, they drift apart by 5 to 21 ms in each: Chromium counts frames of audio. Its own player drifts by 23 to
// 27 ms where they restart, whatever the length.
func TestPlayer_PictureAndSoundStayTogether(t *testing.T) {
	if !playAll {
		t.Skip("only with E2E_PLAYERS=all, as make test-players has it: it takes minutes")
	}
	t.Parallel()
	for _, b := range beatings {
		if err := b.make(filepath.Join(vodFolder(), b.folder())); err != nil {
			t.Fatal(err)
		}
		for _, player := range b.continuous {
			t.Run(player+" continuous "+b.name, func(t *testing.T) {
				t.Parallel()
				p, err := continuousProxy()
				if err != nil {
					t.Fatal(err)
				}
				again(t, func(t tester) { staysTogether(t, player, p, b.folder()) })
			})
		}
		t.Run("shaka restart "+b.name, func(t *testing.T) {
			t.Parallel()
			again(t, func(t tester) { staysTogether(t, "shaka", shared.proxy, b.folder()) })
		})
	}
}

// staysTogether plays a VOD of beats for some loops and compares the first and the last third. Pictures are shown at one
// of 60 instants a second, so the offset of one beat is up to 17 ms off: means are compared.
func staysTogether(t tester, player string, p *process, folder string) {
	t.Helper()
	seen := shared.chromium.run(t, play{
		name:    fileName(t),
		player:  player,
		source:  p.viewers + "/live/" + folder + "/master.m3u8",
		advance: beatLoops*loopLength + time.Second,
		sync:    true,
	})
	checkPlay(t, seen, allowance{})
	t.Logf("milliseconds from flash to beep: %.0f", seen.Offsets)
	third := len(seen.Offsets) / 3
	if third < beatLoops*int(loopLength/time.Second)/6 {
		t.Fatal("too few beats were seen and heard")
	}
	first, last := middle(seen.Offsets[:third]), middle(seen.Offsets[2*third:])
	t.Logf("in the first loops %.1f ms, in the last %.1f ms", first, last)
	if apart := time.Duration((last - first) * float64(time.Millisecond)).Abs(); apart >= drift {
		t.Errorf("picture and sound came apart by %s over ten loops, want less than %s", apart, drift)
	}
}

// middle is the mean of the middle half.
func middle(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	quarter := len(sorted) / 4
	sum := 0.0
	for _, x := range sorted[quarter : len(sorted)-quarter] {
		sum += x
	}
	return sum / float64(len(sorted)-2*quarter)
}
