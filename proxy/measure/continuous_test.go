package measure

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"vod2live/playlist"
	"vod2live/proxy/media"
)

// soundLength is 131 frames of AAC.
const soundLength = 131*1024*time.Second/44100 + 1

// measured reads playlists of some lines each.
func (r *rig) measured(t *testing.T, lists ...string) (all []*Rendition, media []*playlist.Media) {
	t.Helper()
	for _, lines := range lists {
		m := r.media(t, lines)
		one, err := Read(context.Background(), r.client, m, "")
		if err != nil {
			t.Fatal(err)
		}
		all, media = append(all, one), append(media, m)
	}
	return all, media
}

func TestContinue_LoopsGoOnFromTheReferencesFirstTimestamp(t *testing.T) {
	const mp4 = "#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:1.001,\nfirst.m4s\n#EXTINF:1.001,\nfirst.m4s\n#EXTINF:1.001,\nlast.m4s"
	r := newRig(t)
	all, lists := r.measured(t, tsVOD, mp4)
	for reference, start := range []int64{132006, 0} {
		c, err := Continue(all[reference:reference+1], lists[reference:reference+1], 0, soundLength)
		if err != nil {
			t.Fatal(err)
		}
		if want := int64(12 * time.Hour / soundLength); c.Start != start || c.Loops != want {
			t.Errorf("%+v, want a start at %d, and %d loops", c, start, want)
		}
		if got := c.Offset(c.Loops + 2); got.Place != 2*soundLength {
			t.Errorf("the second loop after the timestamps began anew is at %v", got.Place)
		}
	}
}

func TestContinue_WhatCanNotGoOnIsNamed(t *testing.T) {
	r := newRig(t)
	r.files["/a.vtt"], r.files["/other.mp4"] = []byte("WEBVTT\n\n"), r.files["/init.mp4"]
	for name, c := range map[string]struct {
		lists  []string
		length time.Duration
		want   string
	}{
		"a query":                   {[]string{strings.ReplaceAll(tsVOD, ".ts", ".ts?t=1")}, soundLength, CodeSegmentQuery},
		"two init sections":         {[]string{"#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:1.001,\nfirst.m4s\n#EXTINF:1.001,\nfirst.m4s\n#EXT-X-MAP:URI=\"other.mp4\"\n#EXTINF:1.001,\nlast.m4s"}, soundLength, CodeUnmeasured},
		"encrypted":                 {[]string{"#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n" + tsVOD}, soundLength, CodeUnmeasured},
		"its own discontinuities":   {[]string{strings.Replace(tsVOD, "\nmiddle", "\nmiddle.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:1,\nmiddle", 1)}, soundLength, CodeUnmeasured},
		"EXTINFs that are longer":   {[]string{strings.Replace(tsVOD, "1.001", "1.2", 1)}, soundLength, CodeMediaLonger},
		"EXTINFs that are shorter":  {[]string{strings.Replace(tsVOD, "1.001", "0.9", 1)}, soundLength, CodeMediaShorter},
		"audio that is longer":      {[]string{tsVOD}, 2930 * time.Millisecond, CodeMediaLonger},
		"video that is shorter":     {[]string{tsVOD}, 3110 * time.Millisecond, CodeMediaShorter},
		"the second rendition":      {[]string{tsVOD, strings.Replace(tsVOD, "1.001", "1.2", 1)}, soundLength, CodeMediaLonger},
		"nothing":                   {[]string{tsVOD, "#EXTINF:3.0,\na.vtt"}, soundLength, ""},
		"no timestamp of reference": {[]string{"#EXTINF:3.0,\na.vtt"}, soundLength, CodeUnmeasured},
	} {
		all, lists := r.measured(t, c.lists...)
		_, err := Continue(all, lists, 0, c.length)
		tagged, is := errors.AsType[*Tagged](err)
		if is != (c.want != "") || is && tagged.Code != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if is && len(c.lists) > 1 && tagged.Rendition != 1 {
			t.Errorf("%s: rendition %d, want 1", name, tagged.Rendition)
		}
	}
}

func TestContinue_TimestampsOf32BitsMustFitForTwelveHours(t *testing.T) {
	r := newRig(t)
	_, lists := r.measured(t, tsVOD)
	for timescale, fits := range map[uint32]bool{90_000: true, 100_000: false} {
		track := media.Track{Kind: media.Video, Timescale: timescale, End: 3 * int64(timescale), Narrow: true}
		one := &Rendition{Playlist: 3003 * time.Millisecond, Format: media.MP4, First: &media.Segment{Tracks: []media.Track{track}}}
		one.Last = one.First
		_, err := Continue([]*Rendition{one}, lists, 0, 3*time.Second)
		if tagged, is := errors.AsType[*Tagged](err); is == fits || is && tagged.Code != CodeTimescale {
			t.Errorf("%d ticks a second: %v, want them to fit: %t", timescale, err, fits)
		}
	}
}
