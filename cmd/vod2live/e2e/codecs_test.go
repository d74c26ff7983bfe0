package e2e

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vod2live/proxy/media"
)

// packings are ways to encode and to pack, by ffmpeg's options. The pictures have B-frames where the codec has them.
var packings = map[string]string{
	"ts mpeg2 mp2":        "-c:v mpeg2video -bf 2 -g 12 -c:a mp2 -ar 48000 -f mpegts",
	"ts h264 mp3 22 kHz":  "-c:v libx264 -preset ultrafast -bf 2 -g 12 -c:a libmp3lame -ar 22050 -f mpegts",
	"ts h264 ac3 44 kHz":  "-c:v libx264 -preset ultrafast -bf 3 -b_strategy 0 -g 12 -c:a ac3 -ar 44100 -f mpegts",
	"ts h264 eac3":        "-c:v libx264 -preset ultrafast -g 12 -c:a eac3 -ar 48000 -f mpegts",
	"ts hevc aac 96 kHz":  "-c:v libx265 -preset ultrafast -x265-params log-level=error -g 12 -c:a aac -ar 96000 -f mpegts",
	"ts aac 8 kHz mono":   "-vn -c:a aac -ar 8000 -ac 1 -f mpegts",
	"fmp4 h264 ac3":       "-c:v libx264 -preset ultrafast -bf 2 -g 12 -c:a ac3 -ar 48000 -movflags delay_moov+frag_keyframe+default_base_moof -f mp4",
	"fmp4 h264 eac3 cmaf": "-c:v libx264 -preset ultrafast -bf 2 -g 12 -c:a eac3 -ar 48000 -movflags delay_moov+cmaf+frag_keyframe -f mp4",
	"fmp4 frame by frame": "-c:v libx264 -preset ultrafast -bf 2 -g 12 -c:a aac -movflags empty_moov+frag_every_frame -f mp4",
	"fmp4 vp9 opus":       "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus -ar 48000 -movflags empty_moov+frag_keyframe -f mp4",
	"fmp4 60 fps":         "-r 60000/1001 -c:v libx264 -preset ultrafast -bf 2 -g 12 -c:a aac -ar 32000 -movflags empty_moov+frag_keyframe -f mp4",
}

// TestRead_EveryCodecAsFFprobeReadsIt: of what ffmpeg writes, the number of frames and where they begin and end; and so
// again once it is moved.
func TestRead_EveryCodecAsFFprobeReadsIt(t *testing.T) {
	t.Parallel()
	for name, options := range packings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			input := "-f lavfi -i testsrc2=size=160x90:rate=25 -f lavfi -i " + fmt.Sprintf(noises, 48000, 1, 2.5)
			if err := ffmpeg(dir, fields(input, "-t 2 -pix_fmt yuv420p -threads 1", options, "file")...); err != nil {
				t.Fatal(err)
			}
			whole := readText(t, filepath.Join(dir, "file"))
			format := media.Detect([]byte(whole[:512]))
			in, _ := media.ReadInit(strings.NewReader(whole)) // nil for MPEG-TS
			checkTracks(t, whole, format, in, filepath.Join(dir, "file"))

			change := media.Change{Ticks: media.Offset{Place: 86_400e9, Timescale: 1}.Ticks, Init: in}
			moved := filepath.Join(dir, "moved")
			text := shift(t, []byte(whole), format, change)
			writeText(t, moved, text)
			checkTracks(t, text, format, in, moved)
		})
	}
}

// checkTracks compares the timestamps that we read with those of ffprobe.
func checkTracks(t *testing.T, text string, format media.Format, in *media.Init, file string) {
	t.Helper()
	s, err := media.Read(strings.NewReader(text), format, in)
	if err != nil {
		t.Fatal(err)
	}
	want := probeTracks(t, file, format)
	if len(s.Tracks) != len(want) {
		t.Fatalf("%d tracks, want %d", len(s.Tracks), len(want))
	}
	for _, track := range s.Tracks {
		w := want[track.Kind.String()]
		if w != nil && strings.HasSuffix(t.Name(), "cmaf") {
			w.shown = w.begin // pictures may be shown before their decoding time there: ffprobe moves all of them by the most
		}
		if w == nil || track.Begin&(media.Wrap-1) != w.begin&(media.Wrap-1) || track.Shown&(media.Wrap-1) != w.shown&(media.Wrap-1) {
			t.Fatalf("%s: %+v, ffprobe reads %+v", filepath.Base(file), track, w)
		}
		tolerance := int64(2) // ticks
		if format == media.MP4 && track.Kind == media.Audio {
			tolerance = track.Frame // the last one is cut off, and ffprobe gives the duration of others
		}
		if off := (track.End - w.end) & (media.Wrap - 1); min(off, media.Wrap-off) > tolerance || track.Frames != w.frames {
			t.Errorf("%s: %d frames to %d, ffprobe reads %+v", filepath.Base(file), track.Frames, track.End, w)
		}
	}
}

// probedTrack is what ffprobe reads of one.
type probedTrack struct {
	frames            int
	begin, shown, end int64
}

func probeTracks(t *testing.T, file string, format media.Format) map[string]*probedTrack {
	t.Helper()
	options := "-v error -show_entries packet=codec_type,pts,dts,duration -of json"
	if format == media.MP4 {
		options = "-ignore_editlist 1 " + options
	}
	out, err := exec.Command("ffprobe", fields(options, file)...).Output()
	if err != nil {
		t.Fatalf("ffprobe: %v", err)
	}
	var seen struct {
		Packets []struct {
			Kind     string `json:"codec_type"`
			PTS      int64  `json:"pts"`
			DTS      int64  `json:"dts"`
			Duration int64  `json:"duration"`
		}
	}
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatal(err)
	}
	tracks := map[string]*probedTrack{}
	for _, p := range seen.Packets {
		track := tracks[p.Kind]
		if track == nil {
			track = &probedTrack{begin: p.DTS, shown: p.PTS}
			tracks[p.Kind] = track
		}
		track.frames++
		track.shown = min(track.shown, p.PTS)
		track.end = max(track.end, p.DTS+p.Duration)
	}
	return tracks
}
