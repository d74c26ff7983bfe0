package playlist

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// ladder describes a VOD of the tests.
type ladder struct {
	name      string
	bare      bool  // one media playlist
	rates     int   // variant streams
	separate  bool  // fMP4 with audio of its own; else MPEG-TS with audio in it
	segments  []int // durations of the video's segments, in milliseconds
	breaks    []int // segments with a discontinuity before them
	audio     []int // durations of the audio's segments, in milliseconds
	spoken    []string
	subtitles []string
	keys      string // EXT-X-KEY lines above every other segment
	frames    bool   // it has an I-frame playlist
	ranges    bool   // EXT-X-DATERANGE at its second segment, that lasts for 40 s
}

// source builds the VOD, and the texts of its media playlists.
func (l ladder) source(t failer) (vod Source, texts []string) {
	t.Helper()
	base := &url.URL{Scheme: "http", Host: "origin.test", Path: "/vod/" + l.name + "/master.m3u8"}
	if l.bare {
		texts = []string{l.video("b", l.segments)}
	} else {
		m, err := DecodeMultivariant([]byte(l.multivariant()), base)
		if err != nil {
			t.Fatal(err)
		}
		vod.Multivariant = m
		for _, r := range m.Renditions {
			texts = append(texts, l.playlist(strings.TrimSuffix(r.Address.Path[len("/vod/"+l.name+"/"):], ".m3u8")))
		}
	}
	for _, text := range texts {
		m, err := DecodeMedia([]byte(text), base, nil)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		vod.Media = append(vod.Media, m)
	}
	return vod, texts
}

func (l ladder) multivariant() string {
	text, groups := "#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n", ""
	if l.separate {
		groups += `,AUDIO="sound"`
		for i, language := range l.spoken {
			text += mediaLine("AUDIO", fmt.Sprintf(`GROUP-ID="sound",NAME="%s",LANGUAGE="%s",CHANNELS="2"%s`, language, language, [2]string{"", ",DEFAULT=YES"}[max(1-i, 0)]), "a-"+language+".m3u8")
		}
	}
	if len(l.subtitles) > 0 {
		groups += `,SUBTITLES="text"`
	}
	for _, language := range l.subtitles {
		text += mediaLine("SUBTITLES", fmt.Sprintf(`GROUP-ID="text",NAME="%s",LANGUAGE="%s"`, language, language), "s-"+language+".m3u8")
	}
	for i := range l.rates {
		text += variantLine(fmt.Sprintf("BANDWIDTH=%d,RESOLUTION=%dx%d,%s%s", 1000*(i+1), 320*(i+1), 180*(i+1), avc, groups), fmt.Sprintf("v%d.m3u8", i))
	}
	if l.frames {
		text += iFrameLine(`BANDWIDTH=100,CODECS="avc1.64001f"`, "frames.m3u8")
	}
	return text
}

// playlist is the text of a media playlist by its name.
func (l ladder) playlist(name string) string {
	switch name[0] {
	case 'a':
		return l.sound(name)
	case 's':
		return l.words(name)
	case 'f':
		text := l.video(name, l.segments)
		return strings.Replace(text, "#EXTM3U\n", "#EXTM3U\n#EXT-X-I-FRAMES-ONLY\n", 1)
	}
	return l.video(name, l.segments)
}

func seconds(ms int) string { return fmt.Sprintf("%d.%03d", ms/1000, ms%1000) }

func (l ladder) head() string {
	return "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n"
}

func (l ladder) video(name string, durations []int) string {
	text, ext := l.head(), "ts"
	if l.separate {
		text, ext = text+"#EXT-X-MAP:URI=\""+name+"-init.mp4\"\n", "m4s"
	}
	for i, ms := range durations {
		for _, at := range l.breaks {
			if at == i {
				text += "#EXT-X-DISCONTINUITY\n"
			}
		}
		if l.ranges && i == 0 {
			text += "#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00Z\n"
		}
		if l.ranges && i == 1 {
			text += "#EXT-X-DATERANGE:ID=\"r\",START-DATE=\"2020-01-01T00:00:05Z\",END-DATE=\"2020-01-01T00:00:45Z\"\n"
		}
		if l.keys != "" && i%2 == 0 {
			text += l.keys + "\n"
		} else if l.keys != "" {
			text += "#EXT-X-KEY:METHOD=NONE\n"
		}
		text += fmt.Sprintf("#EXTINF:%s,\n%s-%d.%s\n", seconds(ms), name, i, ext)
	}
	return text + "#EXT-X-ENDLIST\n"
}

// sound has a discontinuity at the boundary nearest to each of the video's.
func (l ladder) sound(name string) string {
	durations := l.audio
	if durations == nil {
		durations = l.segments
	}
	l.breaks = nearest(l.breaks, l.segments, durations)
	return l.video(name, durations)
}

func nearest(breaks, video, audio []int) (all []int) {
	for _, at := range breaks {
		instant, best, from := 0, 0, 0
		for _, ms := range video[:at] {
			instant += ms
		}
		for i, begin := 0, 0; i < len(audio); i++ {
			if off := max(begin-instant, instant-begin); i == 0 || off < from {
				best, from = i, off
			}
			begin += audio[i]
		}
		all = append(all, best)
	}
	return all
}

// words are segments of WebVTT along the video, or one file where there are breaks.
func (l ladder) words(name string) string {
	text, sum := l.head(), 0
	for i, ms := range l.segments {
		if sum += ms; len(l.breaks) == 0 {
			text += fmt.Sprintf("#EXTINF:%s,\n%s-%d.vtt\n", seconds(ms), name, i)
		}
	}
	if len(l.breaks) > 0 {
		text += fmt.Sprintf("#EXTINF:%s,\n%s.vtt\n", seconds(sum), name)
	}
	return text + "#EXT-X-ENDLIST\n"
}

// length of the video.
func (l ladder) length() (sum time.Duration) {
	for _, ms := range l.segments {
		sum += time.Duration(ms) * time.Millisecond
	}
	return sum
}

// durationsOf is a number of equal durations, then some others.
func durationsOf(n, ms int, rest ...int) (all []int) {
	for range n {
		all = append(all, ms)
	}
	return append(all, rest...)
}
