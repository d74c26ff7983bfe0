package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// The audio is 374 frames of AAC, to which ffmpeg adds one: with 375 it would add a segment of one frame, and the
	// loop is as long as its audio.
	source = "-f lavfi -i testsrc2=size=480x270:rate=25 -f lavfi -i sine=frequency=440:sample_rate=48000:duration=7.978667 -t 8 " +
		"-filter_complex [0:v]split=2[v0][b];[b]scale=320:180[v1]"
	codecs = "-c:v libx264 -preset veryfast -threads 1 -profile:v main -pix_fmt yuv420p -g 50 -keyint_min 50 -sc_threshold 0 " +
		"-b:v:0 400k -b:v:1 150k -c:a aac -b:a 64k -ac 2 -ar 48000 -fflags +bitexact -flags +bitexact"
	output = "-f hls -hls_time 2 -hls_playlist_type vod -hls_flags independent_segments -master_pl_name master.m3u8"

	singleFile = "single_file+independent_segments" // the value of -hls_flags that makes byte ranges
)

// muxed is a VOD of two bit rates with audio and video in one, MPEG-TS unless options say otherwise.
func muxed(options ...string) func(dir string) error {
	return func(dir string) error {
		args := fields(source, "-map [v0] -map [v1] -map 1:a -map 1:a", codecs, output)
		args = append(args, "-hls_segment_filename", "%v/seg%03d.ts")
		args = append(args, options...)
		if slices.Contains(options, singleFile) {
			name := "%v/all.ts"
			if slices.Contains(options, "fmp4") {
				name = "%v/all.mp4"
			}
			args = append(args, "-hls_segment_filename", name)
		}
		return ffmpeg(dir, append(args, "-var_stream_map", "v:0,a:0,name:270p v:1,a:1,name:180p", "%v/index.m3u8")...)
	}
}

// audioGroup is a VOD in fragmented MP4 of two bit rates with audio in a group of its own.
func audioGroup(dir string) error {
	args := fields(source, "-map 1:a -map [v0] -map [v1]", codecs, output,
		"-hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4 -hls_segment_filename %v/seg%03d.m4s")
	streams := "a:0,agroup:aud,name:audio,default:yes,language:en v:0,agroup:aud,name:270p v:1,agroup:aud,name:180p"
	return ffmpeg(dir, append(args, "-var_stream_map", streams, "%v/index.m3u8")...)
}

// audioAlone is a rendition of audio in fragmented MP4, in a folder of its own.
func audioAlone(folder string, length time.Duration, frequency, bitrate int) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return ffmpeg(folder, fields(
		fmt.Sprintf("-f lavfi -i sine=frequency=%d:sample_rate=48000 -t %g", frequency, length.Seconds()),
		fmt.Sprintf("-c:a aac -b:a %d -ac 2 -fflags +bitexact -flags +bitexact", bitrate),
		"-f hls -hls_time 2 -hls_playlist_type vod -hls_segment_type fmp4",
		"-hls_fmp4_init_filename init.mp4 -hls_segment_filename seg%03d.m4s index.m3u8")...)
}

// iframes are four I-frames in one file of MPEG-TS, each a byte range that begins where the one before ends.
func iframes(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	err := ffmpeg(folder, fields("-f lavfi -i testsrc2=size=320x180:rate=0.5 -t 8",
		"-c:v libx264 -preset veryfast -threads 1 -profile:v main -pix_fmt yuv420p -g 1 -fflags +bitexact -flags +bitexact",
		"-f hls -hls_time 2 -hls_playlist_type vod -hls_flags single_file+iframes_only",
		"-hls_segment_filename all.ts index.m3u8")...)
	if err != nil {
		return err
	}
	playlist := filepath.Join(folder, "index.m3u8")
	text, err := os.ReadFile(playlist)
	if err != nil {
		return err
	}
	first, rest, _ := strings.Cut(string(text), "@0") // ffmpeg lets every range begin at 0, which is wrong
	return os.WriteFile(playlist, []byte(first+"@0"+strings.ReplaceAll(rest, "@0", "")), 0o644)
}

// edit replaces every occurrence of some strings in a file, which must be there: old, new, old, new …
func edit(file string, pairs ...string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(string(text), pairs[i]) {
			return fmt.Errorf("%s has no %q:\n%s", file, pairs[i], text)
		}
	}
	return os.WriteFile(file, []byte(strings.NewReplacer(pairs...).Replace(string(text))), 0o644)
}

// fields splits options at white space.
func fields(options ...string) []string { return strings.Fields(strings.Join(options, " ")) }

// ffmpeg runs ffmpeg in a folder.
func ffmpeg(dir string, args ...string) error {
	return command(dir, "ffmpeg", append(fields("-hide_banner -loglevel error -y -nostdin"), args...)...)
}

// command runs a program in a folder.
func command(dir, program string, args ...string) error {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v: %w\n%s", program, args, err, out)
	}
	return nil
}
