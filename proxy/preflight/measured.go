package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"vod2live/playlist"
	"vod2live/proxy/measure"
	"vod2live/proxy/media"
	"vod2live/proxy/onair"
	"vod2live/proxy/panics"
	"vod2live/proxy/problem"
	"vod2live/proxy/wire"
)

// The codes of problems in the media of a VOD.
const (
	CodeMediaLonger     = "media-longer"     // than the loop
	CodeMediaShorter    = "media-shorter"    // than the loop
	CodeMediaUnmeasured = "media-unmeasured" // for a reason that the text names
	CodeAudioLonger     = "audio-longer"     // than the video
	CodeAudioDrift      = "audio-drift"      // in players that count frames of audio
	CodeBeginsApart     = "begins-apart"     // of other renditions, or audio of video
	CodePlayersAtLoop   = "players-at-loop"  // that stop, stall or lose something there
)

const (
	measuring = 4                      // renditions measured at once
	noticed   = 100 * time.Millisecond // of media over or under the loop's length

	// Chromium adds up the difference between audio and loop at every loop if it is
	// above the first and not above the second of these; it jumps over larger ones.
	drifts     = time.Millisecond
	driftsUpTo = 40 * time.Millisecond
)

// measure reads the first and last segments of all renditions of a VOD that loops,
// and reports what they mean for the loop.
func (c *Checker) measure(ctx context.Context, r *Report, in *onair.Inspection) {
	all := make([]*measure.Rendition, len(in.Media))
	failed := make([]error, len(in.Media))
	group := errgroup.Group{}
	group.SetLimit(measuring)
	for n, m := range in.Media {
		if m == nil || r.Renditions[n].Kind == playlist.KindIFrames {
			continue
		}
		group.Go(func() (err error) {
			defer func() { failed[n] = err }()
			defer panics.Catch(&err)
			all[n], err = measure.Read(ctx, c.VOD.Client, m, r.Renditions[n].Source)
			return err
		})
	}
	_ = group.Wait() // each error is in failed
	for n, err := range failed {
		panics.Log(c.Log, err)
		if err != nil {
			r.problem(problem.Notice, CodeMediaUnmeasured, n, err.Error())
		}
	}
	found := measured{r, in, all}
	found.lengths()
	found.begins()
	found.keyFrames()
	found.players()
}

// measured is what the first and last segments of a VOD say.
type measured struct {
	*Report
	in  *onair.Inspection
	all []*measure.Rendition // nil: it was not measured
}

// lengths compares the media of each rendition with the loop.
func (r *measured) lengths() {
	for n, m := range r.all {
		if m == nil || m.Format == media.WebVTT {
			continue
		}
		if m.Unknown != nil {
			r.problem(problem.Notice, CodeMediaUnmeasured, n, "its media was not measured: "+m.Unknown.Error())
			continue
		}
		video, hasVideo := m.Length(media.Video)
		audio, hasAudio := m.Length(media.Audio)
		if !hasVideo && !hasAudio {
			continue // text, whose samples may leave out time
		}
		r.Renditions[n].MediaLength = wire.Seconds(max(video, audio))
		if r.in.Live.VOD.Tracks[n].Kept < len(r.in.Media[n].Segments) {
			continue
		}
		r.againstLoop(n, max(video, audio)-r.in.Live.VOD.Length)
		if hasVideo && hasAudio {
			r.audioOver(n, audio-video)
		}
	}
	r.separateAudio()
}

func (r *measured) againstLoop(n int, off time.Duration) {
	switch {
	case off > noticed:
		r.problem(problem.Warning, CodeMediaLonger, n, fmt.Sprintf("its media is %s longer than the loop", off))
	case off < -noticed && r.Renditions[n].GapSegments == 0:
		r.problem(problem.Warning, CodeMediaShorter, n, fmt.Sprintf("its media is %s shorter than the loop: players freeze or jump for that time at every loop", -off))
	}
}

// audioOver reports the effect of audio that is longer than the video.
func (r *measured) audioOver(n int, over time.Duration) {
	if over > noticed {
		r.problem(problem.Warning, CodeAudioLonger, n, fmt.Sprintf("its audio lasts %s longer than the video: at every loop hls.js slides back from the live edge by that time, and Chromium's native player skips it", over))
	}
}

// separateAudio compares audio with the video of the reference, and with the loop.
func (r *measured) separateAudio() {
	reference := r.in.Live.VOD.Reference
	if r.all[reference] == nil {
		return
	}
	video, hasVideo := r.all[reference].Length(media.Video)
	drifting := reference
	for n, m := range r.all {
		if r.Renditions[n].Kind != playlist.KindAudio || m == nil || r.in.Live.LeftOut(n) != nil {
			continue
		}
		audio, known := m.Length(media.Audio)
		if known && hasVideo && r.in.Live.VOD.Tracks[n].Kept == len(r.in.Media[n].Segments) {
			r.audioOver(n, audio-video)
		}
		if drifting == reference && r.in.Multivariant.Renditions[n].Essential {
			drifting = n
		}
	}
	r.drift(drifting)
}

// drift compares the length of the audio that viewers hear with the loop.
func (r *measured) drift(n int) {
	if audio, known := r.all[n].Length(media.Audio); known && r.in.Live.VOD.Tracks[n].Kept == len(r.in.Media[n].Segments) {
		if off := (audio - r.in.Live.VOD.Length).Abs(); off > drifts && off <= driftsUpTo {
			r.problem(problem.Notice, CodeAudioDrift, n, fmt.Sprintf("its audio lasts %s, the loop %s: in Shaka and in Chromium's native player picture and sound drift apart by %s at every loop", audio, r.in.Live.VOD.Length, off))
		}
	}
}

// begins finds what begins earlier or later than the reference.
func (r *measured) begins() {
	reference := r.in.Live.VOD.Reference
	if r.all[reference] == nil {
		return
	}
	zero, known := r.all[reference].Begin(media.Video)
	for n, m := range r.all {
		if m == nil || !known {
			continue
		}
		for _, kind := range []media.Kind{media.Video, media.Audio} {
			begin, has := m.Begin(kind)
			if off := begin - zero; has && off.Abs() > noticed {
				r.problem(problem.Warning, CodeBeginsApart, n, fmt.Sprintf("its %s begins %s, the reference's video %s after the media timeline's zero: %s apart", kind, begin, zero, off.Abs()))
			}
		}
	}
}

// keyFrames looks at the first frame of fragmented MP4; firstTS has seen that of
// MPEG-TS.
func (r *measured) keyFrames() {
	for n, m := range r.all {
		if m == nil || m.Format != media.MP4 || m.First == nil {
			continue
		}
		if video := m.First.Track(media.Video); video != nil && !video.Key {
			r.problem(problem.Warning, CodeNoKeyFrame, n, "the first segment's video does not begin with a key frame: the picture may break at the loop point")
		}
	}
}

// players reports which players fail at the loop point of such a VOD, unless its
// timestamps continue.
func (r *measured) players() {
	if r.in.Continuous {
		return
	}
	has := func(format media.Format) bool {
		return slices.ContainsFunc(r.all, func(m *measure.Rendition) bool { return m != nil && m.Format == format })
	}
	separate := slices.ContainsFunc(r.Renditions, func(x Rendition) bool { return x.Kind == playlist.KindAudio })
	var said []string
	switch {
	case has(media.MP4):
		said = append(said, "VLC stops; mpv and GStreamer stall")
	case has(media.TS):
		said = append(said, "VLC and mpv stand still for up to a second")
	}
	if separate {
		said = append(said, "ffmpeg, ffplay and MPlayer lose the audio")
	}
	if len(said) > 0 {
		r.problem(problem.Notice, CodePlayersAtLoop, -1, "where timestamps restart, at the loop point: "+strings.Join(said, "; ")+". hls.js, Shaka, video.js and Chromium's native player play on")
	}
}
