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
	// frame is how long one of the picture is shown.
	frame = time.Second / 25

	// beats flash and beep at once, each second.
	beats = "-f lavfi -i color=black:size=480x270:rate=25,drawbox=w=iw:h=ih:color=white:t=fill:enable='lt(mod(t,1),0.08)' -t 8"
	beeps = "-f lavfi -i aevalsrc='0.8*sin(2000*PI*t)*lt(mod(t,1),0.05)':s=%d -t %g"
)

// A beating is a VOD of beats in fragmented MP4, with audio of its own rate and length in a group of its own. ffmpeg puts
// one frame of AAC before the sound, and says of the last one that it ends with the sound.
type beating struct {
	name    string
	rate    int     // samples a second
	seconds float64 // of sound
}

var beatings = []beating{
	{"21 ms shorter", 48000, 7.957334},
	{"11 ms longer, by EXTINF too", 44100, 7.98766},
	{"34 ms longer, by EXTINF 23 ms", 44100, 8},
	{"54 ms shorter, by EXTINF 77 ms", 44100, 7.9},
	{"296 ms shorter", 48000, 7.68},
}

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

// TestPlayer_PictureAndSoundStayTogetherInShaka over 15 loops, whatever the length of the audio. By EXTINF, which is
// milliseconds off, or with the picture's length, they drift apart by 5 to 21 ms in each: Chromium counts frames of audio.
func TestPlayer_PictureAndSoundStayTogetherInShaka(t *testing.T) {
	if !playAll {
		t.Skip("only with E2E_PLAYERS=all, as make test-players has it: it takes more than two minutes")
	}
	t.Parallel()
	for i, b := range beatings {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			folder := fmt.Sprintf("beats%d", i)
			if err := b.make(filepath.Join(vodFolder(), folder)); err != nil {
				t.Fatal(err)
			}
			again(t, func(t tester) { staysTogether(t, "shaka", folder) })
		})
	}
}

// staysTogether plays a VOD of beats for 15 loops. The offsets of one loop are up to a frame apart: those of the first and
// of the last third are compared.
func staysTogether(t tester, player, folder string) {
	t.Helper()
	const loops = 15
	seen := shared.chromium.run(t, play{
		name:    fileName(t) + "_" + folder,
		player:  player,
		source:  shared.proxy.viewers + "/live/" + folder + "/master.m3u8",
		advance: loops*loopLength + time.Second,
		sync:    true,
	})
	checkPlay(t, seen, allowance{})
	t.Logf("milliseconds from flash to beep: %.0f", seen.Offsets)
	third := len(seen.Offsets) / 3
	if third < loops*int(loopLength/time.Second)/6 {
		t.Fatal("too few beats were seen and heard")
	}
	first, last := median(seen.Offsets[:third]), median(seen.Offsets[2*third:])
	t.Logf("in the first loops %.0f ms, in the last %.0f ms", first, last)
	if drift := time.Duration((last - first) * float64(time.Millisecond)).Abs(); drift >= frame {
		t.Errorf("picture and sound drifted apart by %s over ten loops, want less than a frame, %s", drift, frame)
	}
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
