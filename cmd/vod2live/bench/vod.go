package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A VOD of two hours: four video renditions and one of audio.
const (
	segments      = 1200
	segmentLength = 6 // seconds
)

var renditions = []string{"1080p", "720p", "480p", "360p", "audio"}

// multivariant is the text of its multivariant playlist.
func multivariant() string {
	var b strings.Builder
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n")
	b.WriteString(`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aud",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,URI="audio/index.m3u8"` + "\n")
	for i, size := range []string{"1920x1080", "1280x720", "854x480", "640x360"} {
		fmt.Fprintf(&b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d,RESOLUTION=%s,FRAME-RATE=25.000,CODECS=\"avc1.640028,mp4a.40.2\",AUDIO=\"aud\"\n%s/index.m3u8\n",
			6_000_000>>i, 5_000_000>>i, size, renditions[i])
	}
	return b.String()
}

// media is the text of one of its media playlists. The names of the segments
// begin with the name of the VOD.
func media(name, rendition string) []byte {
	b := make([]byte, 0, 64*segments)
	b = append(b, "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"...)
	for i := range segments {
		b = append(b, "#EXTINF:"...)
		b = strconv.AppendFloat(b, duration(i, rendition), 'f', 6, 64)
		b = append(b, ",\n"...)
		b = append(append(b, name...), '_')
		b = append(append(b, rendition...), '_')
		number := strconv.Itoa(i)
		b = append(b, "00000"[len(number):]...)
		b = append(append(b, number...), ".ts\n"...)
	}
	return append(b, "#EXT-X-ENDLIST\n"...)
}

// duration is 6 s; for audio the nearest whole number of frames.
func duration(i int, rendition string) float64 {
	if rendition != "audio" {
		return segmentLength
	}
	const rate, frame = 48_000, 1024
	frames := func(i int) int { return (i*segmentLength*rate + frame/2) / frame }
	return float64((frames(i+1)-frames(i))*frame) / rate
}

// writeVOD makes the VOD and two media segments in a folder.
func writeVOD(dir string) error {
	files := map[string][]byte{"master.m3u8": []byte(multivariant())}
	for _, rendition := range renditions {
		files[filepath.Join(rendition, "index.m3u8")] = media("movie", rendition)
	}
	for _, s := range shapes {
		files[s.file] = make([]byte, s.size)
		for i := range files[s.file] {
			files[s.file][i] = byte(i*i>>7 + i)
		}
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// origin starts an nginx that serves the VOD from files.
func (b *bench) origin() (*process, error) {
	dir := filepath.Join(b.dir, "vod")
	if err := writeVOD(dir); err != nil {
		return nil, err
	}
	return b.nginx("origin", "", "root "+dir+";")
}
