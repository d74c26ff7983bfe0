package e2e

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// realMedia are VODs of 8 s of 29.97 frames, with B-frames, and of AAC of 44.1 kHz, as ffmpeg makes them.
var realMedia = map[string]string{
	"TS from 10 h on":                 "-f hls -hls_time 2 -hls_playlist_type vod -output_ts_offset 36000 index.m3u8",
	"TS that wraps after 3 s":         "-f hls -hls_time 2 -hls_playlist_type vod -output_ts_offset 95439 index.m3u8",
	"TS in byte ranges":               "-f hls -hls_time 2 -hls_playlist_type vod -hls_flags single_file index.m3u8",
	"fragmented MP4":                  "-f hls -hls_time 2 -hls_playlist_type vod -hls_segment_type fmp4 index.m3u8",
	"fragmented MP4 in byte ranges":   "-f hls -hls_time 2 -hls_playlist_type vod -hls_segment_type fmp4 -hls_flags single_file index.m3u8",
	"one segment of many fragments":   "-f mp4 -movflags empty_moov+delay_moov+default_base_moof -frag_duration 500000 all.mp4",
	"many fragments, with edit lists": "-f mp4 -movflags empty_moov+delay_moov+frag_keyframe all.mp4",
}

// TestCheck_MeasuresRealMedia: check says of each how long it is, by the frames that ffprobe counts.
func TestCheck_MeasuresRealMedia(t *testing.T) {
	t.Parallel()
	for name, options := range realMedia {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(vodFolder(), "measured", strings.ReplaceAll(name, " ", "-"))
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			media := "-f lavfi -i testsrc2=size=160x90:rate=30000/1001 -f lavfi -i sine=sample_rate=44100 -t 8 -c:v libx264 -preset veryfast -bf 2 -g 60 -c:a aac"
			if err := ffmpeg(dir, fields(media, options)...); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(options, "all.mp4") {
				writeOneSegment(t, dir)
			}
			video, audio := frames(t, dir)
			want := max(float64(video)*1001/30000, float64(audio)*1024/44100)
			if got := measuredLength(t, "measured/"+filepath.Base(dir)+"/index.m3u8"); got < want-1e-5 || got > want+1e-5 {
				t.Errorf("the media lasts %.6f s, want %.6f s: %d frames of video, %d of audio", got, want, video, audio)
			}
		})
	}
}

// writeOneSegment writes the playlist of a file whose moov is an initialization section, and all the rest one segment.
func writeOneSegment(t *testing.T, dir string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "all.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	head := 0
	for string(b[head+4:head+8]) != "moof" {
		head += int(binary.BigEndian.Uint32(b[head:]))
	}
	text := fmt.Sprintf("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-MAP:URI=\"all.mp4\",BYTERANGE=\"%d@0\"\n#EXTINF:8,\n#EXT-X-BYTERANGE:%d@%d\nall.mp4\n#EXT-X-ENDLIST\n", head, len(b)-head, head)
	if err := os.WriteFile(filepath.Join(dir, "index.m3u8"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// frames are those of video and of audio that ffprobe counts.
func frames(t *testing.T, dir string) (video, audio int) {
	t.Helper()
	file := filepath.Join(dir, "index.m3u8")
	if _, err := os.Stat(filepath.Join(dir, "all.mp4")); err == nil {
		file = filepath.Join(dir, "all.mp4")
	}
	out, err := exec.Command("ffprobe", fields("-v error -count_packets -show_entries stream=codec_type,nb_read_packets -of csv=p=0", file)...).Output()
	if err != nil {
		t.Fatalf("ffprobe: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		kind, count, _ := strings.Cut(strings.TrimSpace(line), ",")
		n, _ := strconv.Atoi(strings.TrimRight(count, ","))
		if kind == "video" {
			video = n
		} else {
			audio = n
		}
	}
	if video == 0 || audio == 0 {
		t.Fatalf("ffprobe counts %q", out)
	}
	return video, audio
}

// measuredLength is how long check says that the media of a VOD is.
func measuredLength(t *testing.T, path string) float64 {
	t.Helper()
	out, _ := exec.Command(shared.binary, "check", "-json", "-segments", shared.origin.url+"/vods/"+path, "-origin", shared.origin.url+"/vods").Output() // its status is that of the findings
	var report struct {
		Renditions []struct {
			MediaLength float64 `json:"media_length_seconds"`
		}
	}
	if err := json.Unmarshal(out, &report); err != nil || len(report.Renditions) != 1 {
		t.Fatalf("check: %v\n%s", err, out)
	}
	return report.Renditions[0].MediaLength
}
