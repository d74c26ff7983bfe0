package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// rate is one of the bit rates of a ladder.
type rate struct{ width, height, kbits int }

// ladder is a VOD for a channel: short, and unlike the others.
type ladder struct {
	rates     []rate
	segment   time.Duration
	length    time.Duration
	hue       int      // of the picture, so that one sees which item plays
	languages []string // of audio in a group of its own, in fragmented MP4; none: muxed into MPEG-TS
}

var (
	threeRates = []rate{{480, 270, 400}, {320, 180, 150}, {256, 144, 90}}
	fiveRates  = []rate{{640, 360, 700}, {480, 270, 350}, {426, 240, 250}, {320, 180, 140}, {160, 90, 60}}
)

// make makes the VOD in a folder.
func (l ladder) make(dir string) error {
	// As for all VODs here: ffmpeg adds a frame to the audio.
	const frame = 1024.0 / 48_000
	sound := max(1, int(l.length.Seconds()/frame+0.5)) - 1
	args := fields(fmt.Sprintf("-f lavfi -i testsrc2=size=640x360:rate=25,hue=h=%d -f lavfi -i sine=frequency=%d:sample_rate=48000:duration=%.6f -t %g",
		l.hue, 300+2*l.hue, float64(sound)*frame, l.length.Seconds()))
	filter, maps, streams := fmt.Sprintf("[0:v]split=%d", len(l.rates)), []string{}, []string{}
	for n := range l.rates {
		filter += fmt.Sprintf("[s%d]", n)
	}
	for n, r := range l.rates {
		filter += fmt.Sprintf(";[s%d]scale=%d:%d[v%d]", n, r.width, r.height, n)
		maps = append(maps, "-map", fmt.Sprintf("[v%d]", n))
		name := fmt.Sprintf("v:%d,agroup:aud,name:%dp", n, r.height)
		if len(l.languages) == 0 {
			maps = append(maps, "-map", "1:a")
			name = fmt.Sprintf("v:%d,a:%d,name:%dp", n, n, r.height)
		}
		streams = append(streams, name)
	}
	for n, language := range l.languages {
		maps = append(maps, "-map", "1:a")
		name := fmt.Sprintf("a:%d,agroup:aud,name:%s,language:%s", n, language, language)
		if n == 0 {
			name += ",default:yes"
		}
		streams = append(streams, name)
	}
	gop := int(l.segment.Seconds() * 25)
	args = append(args, "-filter_complex", filter)
	args = append(args, maps...)
	args = append(args, fields("-c:v libx264 -preset veryfast -threads 1 -profile:v main -pix_fmt yuv420p -sc_threshold 0",
		fmt.Sprintf("-g %d -keyint_min %d", gop, gop), "-c:a aac -b:a 64k -ac 2 -ar 48000 -fflags +bitexact -flags +bitexact")...)
	for n, r := range l.rates {
		args = append(args, fmt.Sprintf("-b:v:%d", n), fmt.Sprintf("%dk", r.kbits))
	}
	args = append(args, fields(fmt.Sprintf("-f hls -hls_time %g -hls_playlist_type vod -hls_flags independent_segments -master_pl_name master.m3u8", l.segment.Seconds()))...)
	names := "%v/seg%03d.ts"
	if len(l.languages) > 0 {
		args, names = append(args, fields("-hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4")...), "%v/seg%03d.m4s"
	}
	return ffmpeg(dir, append(args, "-hls_segment_filename", names, "-var_stream_map", strings.Join(streams, " "), "%v/index.m3u8")...)
}

// mediaPlaylists are those of a VOD's renditions.
func mediaPlaylists(dir string) ([]string, error) {
	all, err := filepath.Glob(filepath.Join(dir, "*", "index.m3u8"))
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("no playlists in %s", dir)
	}
	return all, err
}

// breaksBefore puts a discontinuity before a segment of every rendition. The media goes on there.
func breaksBefore(segment int) func(dir string) error {
	return func(dir string) error {
		playlists, err := mediaPlaylists(dir)
		for _, playlist := range playlists {
			if err != nil {
				break
			}
			var text []byte
			if text, err = os.ReadFile(playlist); err != nil {
				break
			}
			parts := strings.SplitAfter(string(text), "\n#EXTINF")
			parts = slices.Insert(parts, segment+1, "#EXT-X-DISCONTINUITY\n#EXTINF")
			joined := strings.Replace(strings.Join(parts, ""), "\n#EXTINF#EXT-X-DISCONTINUITY", "\n#EXT-X-DISCONTINUITY", 1)
			err = os.WriteFile(playlist, []byte(joined), 0o644)
		}
		return err
	}
}

// The VODs of two channels whose loops are of 11.2 s: of each four that are unlike. All
// lengths are whole frames of the picture and of AAC, else players leap over holes.
var (
	tsModel  = newKind("channel-ts-model", ladder{threeRates, 1920 * time.Millisecond, 3840 * time.Millisecond, 0, nil}.make)
	tsWide   = newKind("channel-ts-wide", ladder{fiveRates, 960 * time.Millisecond, 2880 * time.Millisecond, 60, nil}.make)
	tsSecret = newKind("channel-ts-secret", encrypted(tsBroken, key("a", 0), key("b", 1).withIV(ivB)))
	tsBroken = newKind("channel-ts-broken", func(dir string) error {
		if err := (ladder{threeRates, 960 * time.Millisecond, 1920 * time.Millisecond, 120, nil}).make(dir); err != nil {
			return err
		}
		return breaksBefore(1)(dir)
	})
	tsBare = newKind("channel-ts-bare", ladder{threeRates[:1], 1280 * time.Millisecond, 3840 * time.Millisecond, 180, nil}.make,
		entering("270p/index.m3u8"))

	mp4Model = newKind("channel-mp4-model", from(newKind("channel-mp4-plain", ladder{threeRates, 1920 * time.Millisecond, 3840 * time.Millisecond, 0, []string{"en", "de"}}.make), subtitlesInSegments))
	mp4Wide  = newKind("channel-mp4-wide", ladder{fiveRates, 960 * time.Millisecond, 2880 * time.Millisecond, 60, []string{"fr"}}.make)
	// Without a discontinuity of its own: of demuxed VODs with some, video.js now and then waits for ever.
	mp4Secret  = newKind("channel-mp4-secret", encrypted(mp4Clear, key("a", 0).withIV(ivA).coveringInit()))
	mp4Clear   = newKind("channel-mp4-clear", ladder{threeRates, 960 * time.Millisecond, 1920 * time.Millisecond, 120, []string{"en"}}.make)
	mp4Clipped = newKind("channel-mp4-clipped", ladder{threeRates, 1280 * time.Millisecond, 3840 * time.Millisecond, 180, []string{"de", "en"}}.make)
)
