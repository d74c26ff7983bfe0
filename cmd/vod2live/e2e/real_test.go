package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// realVOD is a VOD as a packager makes it of real media: pictures that are reordered, sound that begins before them, and no
// two packets that are equal.
type realVOD struct {
	name  string
	entry string // the playlist that players are given
	made  func() error
	cues  []cue // that its subtitles show

	// The EXTINFs of audio by shaka-packager and by ffmpeg's DASH muxer leave out the frame before the sound, of 21 ms. Shaka
	// Player begins each segment where they say, so that a hole is left at the end of the loop.
	shortEXTINF bool
}

// realVODs are the kinds of packaging that timestamps can be moved in. A new one is a line here.
var realVODs = []*realVOD{
	newRealVOD("two-languages", "master.m3u8", twoLanguages),
	newRealVOD("edit-lists", "index.m3u8", remuxed(ntsc, hlsOutput, "-hls_time 6 -hls_segment_type fmp4 index.m3u8")),
	newRealVOD("packager", "master.m3u8", packaged("init_segment=%[1]s-init.mp4,segment_template=%[1]s-$Number$.m4s")), // tfdt of 32 bits
	newRealVOD("byte-ranges", "master.m3u8", packaged("output=%s.mp4")),
	newRealVOD("several-moofs", "master.m3u8", remuxed(film, "-f dash -seg_duration 2 -frag_type duration -frag_duration 0.5 -hls_playlist 1 all.mpd")),
	newRealVOD("packed-audio", "master.m3u8", packaged("segment_template=%s-$Number$.ts", "segment_template=%s-$Number$.aac")),
	newRealVOD("ts", "index.m3u8", remuxed(ntsc, hlsOutput, "-hls_time 6 index.m3u8")), // segments of 6.006 s
	newRealVOD("ts-byte-ranges", "index.m3u8", remuxed(ntsc, hlsOutput, "-hls_time 6 -hls_flags single_file index.m3u8")),
	newRealVOD("ts-from-10-h", "index.m3u8", remuxed(ntsc, hlsOutput, "-hls_time 6 -output_ts_offset 36000 index.m3u8")),
	newRealVOD("ts-that-wraps", "index.m3u8", remuxed(ntsc, hlsOutput, "-hls_time 6 -output_ts_offset 95438 index.m3u8")), // after 4 s
	hevc,
}

const (
	hlsOutput = "-f hls -hls_playlist_type vod -hls_flags independent_segments"
	noises    = "anoisesrc=sample_rate=%d:amplitude=0.1:seed=%d:duration=%g"
	h264      = "-c:v libx264 -preset veryfast -threads 1 -profile:v main -pix_fmt yuv420p -bf 2 -sc_threshold 0 -b:v 300k"
	encoding  = "-c:a aac -b:a 64k -ac 2 -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu"
)

// film is eight seconds of 25 pictures each, with sound in two languages; ntsc is twelve of 29.97, with sound of
// 44.1 kHz, which does not end with the picture. ffmpeg puts a frame before the sound.
var (
	film = encoded("film.mp4", "-f lavfi -i testsrc2=size=320x180:rate=25", "-f lavfi -i "+fmt.Sprintf(noises, 48000, 1, 7.978667),
		"-f lavfi -i "+fmt.Sprintf(noises, 48000, 2, 7.978667), "-map 0 -map 1 -map 2 -t 8 -g 50 -keyint_min 50", h264)
	ntsc = encoded("ntsc.mp4", "-f lavfi -i testsrc2=size=320x180:rate=30000/1001", "-f lavfi -i "+fmt.Sprintf(noises, 44100, 3, 11.97),
		"-t 12.012 -g 180 -keyint_min 180", h264)
	h265 = encoded("hevc.mp4", "-f lavfi -i testsrc2=size=320x180:rate=25", "-f lavfi -i "+fmt.Sprintf(noises, 48000, 4, 7.978667),
		"-t 8 -c:v libx265 -preset ultrafast -pix_fmt yuv420p -x265-params keyint=50:min-keyint=50:scenecut=0:open-gop=0:log-level=error -b:v 200k")
)

// hevc is what Debian's Chromium can't decode.
var hevc = newRealVOD("hevc", "index.m3u8", remuxed(h265, hlsOutput, "-hls_time 2 -hls_segment_type fmp4 -tag:v hvc1 index.m3u8"))

// encoded is a file beside the VODs that is made at the first call.
func encoded(name string, options ...string) func() (file string, err error) {
	return sync.OnceValues(func() (string, error) {
		file := filepath.Join(shared.dir, name)
		return file, ffmpeg(shared.dir, fields(append(options, encoding, file)...)...)
	})
}

// newRealVOD is a VOD that a function makes in an empty folder at the first call.
func newRealVOD(name, entry string, build func(dir string) error) *realVOD {
	r := &realVOD{name: name, entry: entry}
	if name == "two-languages" {
		r.cues = captions
	}
	r.shortEXTINF = slices.Contains([]string{"packager", "byte-ranges", "several-moofs"}, name)
	r.made = sync.OnceValue(func() error {
		if err := os.MkdirAll(r.dir(), 0o755); err != nil {
			return err
		}
		if err := build(r.dir()); err != nil {
			return fmt.Errorf("make VOD %s: %w", r.name, err)
		}
		return nil
	})
	return r
}

func (r *realVOD) dir() string { return filepath.Join(vodFolder(), "real", r.name) }

// path is that of the VOD beneath the origin's, and beneath the mount.
func (r *realVOD) path() string { return "/real/" + r.name + "/" + r.entry }

// remuxed is one rendition of a file, of picture and first sound.
func remuxed(source func() (string, error), options ...string) func(dir string) error {
	return func(dir string) error {
		file, err := source()
		if err != nil {
			return err
		}
		return ffmpeg(dir, fields("-i", file, "-map 0:v -map 0:a:0 -c copy", strings.Join(options, " "))...)
	}
}

// packaged is what shaka-packager makes of the film, by its options for picture and for sound; one is for both.
func packaged(outputs ...string) func(dir string) error {
	return func(dir string) error {
		file, err := film()
		if err != nil {
			return err
		}
		script, err := filepath.Abs(filepath.Join("node_modules", "shaka-packager", "index.js"))
		if err != nil {
			return err
		}
		args := []string{script}
		for i, kind := range []string{"video", "audio"} {
			output := fmt.Sprintf(outputs[min(i, len(outputs)-1)], kind)
			args = append(args, fmt.Sprintf("in=%s,stream=%s,playlist_name=%s.m3u8,hls_group_id=a,hls_name=a,%s", file, kind, kind, output))
		}
		args = append(args, "--segment_duration=2", "--hls_master_playlist_output=master.m3u8", "--hls_playlist_type=VOD", "--quiet")
		return command(dir, "node", args...)
	}
}

// twoLanguages is the film in fragmented MP4, with cues that have identifiers, in a file for each segment.
func twoLanguages(dir string) error {
	file, err := film()
	if err != nil {
		return err
	}
	args := fields("-i", file, "-map 0:a:0 -map 0:a:1 -map 0:v -c copy", hlsOutput,
		"-hls_time 2 -hls_segment_type fmp4 -hls_fmp4_init_filename init.mp4 -hls_segment_filename %v-seg%03d.m4s -master_pl_name master.m3u8")
	streams := "a:0,agroup:a,name:en,default:yes,language:en a:1,agroup:a,name:de,language:de v:0,agroup:a,name:video"
	if err := ffmpeg(dir, append(args, "-var_stream_map", streams, "%v.m3u8")...); err != nil {
		return err
	}
	if err := edit(filepath.Join(dir, "master.m3u8"), "RESOLUTION", "CODECS=\"avc1.4d400d,mp4a.40.2\",RESOLUTION"); err != nil {
		return err
	}
	list := fmt.Sprintf(subtitleList, 2)
	files := map[string]string{}
	for i := range 4 {
		from := time.Duration(i) * 2 * time.Second
		name := fmt.Sprintf("seg%03d.vtt", i)
		files[name] = numbered(webVTT(0, 0, overlapping(captions, from, from+2*time.Second)))
		list += "#EXTINF:2.000000,\n" + name + "\n"
	}
	return addSubtitles(dir, list, files)
}

// numbered gives each cue an identifier, as many tools do: the same in each file that shows it.
func numbered(text string) string {
	blocks := strings.Split(text, "\n\n")
	for i, block := range blocks {
		for n, c := range captions {
			if strings.HasSuffix(block, "\n"+c.text) {
				blocks[i] = strconv.Itoa(n+1) + "\n" + block
			}
		}
	}
	return strings.Join(blocks, "\n\n")
}

// forEachRealVOD runs a test for every kind of real media, in parallel.
func forEachRealVOD(t *testing.T, test func(t *testing.T, r *realVOD)) {
	for _, r := range realVODs {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			if err := r.made(); err != nil {
				t.Fatal(err)
			}
			test(t, r)
		})
	}
}
