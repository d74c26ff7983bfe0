package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

const (
	// frame is how long one of the picture is shown.
	frame = time.Second / 25

	// beats flash and beep at once, each second. Their audio ends a frame of AAC before the picture does.
	beats = "-f lavfi -i color=black:size=480x270:rate=25,drawbox=w=iw:h=ih:color=white:t=fill:enable='lt(mod(t,1),0.08)' -t 8"
	beeps = "-f lavfi -i aevalsrc='0.8*sin(2000*PI*t)*lt(mod(t,1),0.05)':s=48000 -t 7.957334"
)

// beating makes a VOD of beats in fragmented MP4, with audio in a group of its own.
func beating(dir string) error {
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
	if err := ffmpeg(filepath.Join(dir, "audio"), fields(beeps, "-c:a aac -b:a 64k -ac 2", output)...); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "master.m3u8"), []byte("#EXTM3U\n#EXT-X-VERSION:7\n"+
		"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",DEFAULT=YES,URI=\"audio/index.m3u8\"\n"+
		"#EXT-X-STREAM-INF:BANDWIDTH=500000,RESOLUTION=480x270,CODECS=\"avc1.4d4015,mp4a.40.2\",AUDIO=\"a\"\nvideo/index.m3u8\n"), 0o644)
}

// TestPlayer_PictureAndSoundStayTogetherInShaka over 15 loops. They drifted apart by 21 ms in each while the loop was as
// long as the picture: Chromium counts frames of audio.
func TestPlayer_PictureAndSoundStayTogetherInShaka(t *testing.T) {
	if !playAll {
		t.Skip("only with E2E_PLAYERS=all, as make test-players has it: it takes more than two minutes")
	}
	t.Parallel()
	const loops = 15
	dir := filepath.Join(vodFolder(), "beats")
	if err := beating(dir); err != nil {
		t.Fatal(err)
	}
	again(t, func(t tester) {
		seen := shared.chromium.run(t, play{
			name:    fileName(t),
			player:  "shaka",
			source:  shared.proxy.viewers + "/live/beats/master.m3u8",
			advance: loops*loopLength + time.Second,
			sync:    true,
		})
		checkPlay(t, seen, allowance{})
		t.Logf("milliseconds from flash to beep: %.0f", seen.Offsets)
		n := len(seen.Offsets) / loops
		if n < int(loopLength/time.Second)/2 {
			t.Fatal("too few beats were seen and heard")
		}
		first, last := median(seen.Offsets[n:2*n]), median(seen.Offsets[len(seen.Offsets)-n:])
		t.Logf("in the second loop %.0f ms, in the last %.0f ms", first, last)
		if drift := time.Duration((last - first) * float64(time.Millisecond)).Abs(); drift >= frame {
			t.Errorf("picture and sound drifted apart by %s in %d loops, want less than a frame, %s", drift, loops, frame)
		}
	})
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
