package preflight

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"vod2live/playlist"
	"vod2live/playlist/webvtt"
	"vod2live/proxy/failure"
	"vod2live/proxy/media"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/problem"
)

const (
	asked    = 8        // concurrent segment requests
	examples = 5        // of missing ones that are named
	peek     = 64 << 10 // bytes of a first segment that are looked at
)

// media examines the first segment of each rendition and, if requested, whether all
// segments exist.
func (c *Checker) media(ctx context.Context, r *Report, in *onair.Inspection) {
	for n, m := range in.Media {
		if m == nil || in.Live != nil && in.Live.LeftOut(n) != nil {
			continue
		}
		if err := c.rendition(ctx, r, n, m); err != nil {
			panics.Log(c.Log, err)
			r.refused(n, err)
		}
	}
	if c.Segments && in.Live != nil {
		c.measure(ctx, r, in)
	}
}

// rendition looks at one rendition. The error is a panic that was caught.
func (c *Checker) rendition(ctx context.Context, r *Report, n int, m *playlist.Media) (err error) {
	defer panics.Catch(&err)
	c.first(ctx, r, n, m)
	if c.Segments {
		return c.all(ctx, r, n, m)
	}
	return nil
}

// first looks at the first segment that is no gap, if its format is one that can
// be looked at.
func (c *Checker) first(ctx context.Context, r *Report, n int, m *playlist.Media) {
	i := slices.IndexFunc(m.Segments, func(s playlist.Segment) bool { return !s.Gap })
	if i < 0 {
		return
	}
	address, err := m.Resolve(m.Segments[i].URI)
	if err != nil {
		return
	}
	if _, _, within := c.VOD.Client.Locate(address, ""); !within {
		return
	}
	ctx = origin.Quoted(ctx, r.quote(n, m.Shown(i)))
	encrypted := len(m.Segments[i].Keys) > 0
	switch format, part := r.Renditions[n].Format, m.Segments[i].ByteRange; {
	case encrypted:
		c.firstOfAny(ctx, r, n, address)
	case format == formatTS:
		c.firstTS(ctx, r, n, address, part)
	case format == formatWebVTT && part == "":
		c.firstWebVTT(ctx, r, n, address)
	default:
		c.firstOfAny(ctx, r, n, address)
	}
}

// quote is a segment's address as its playlist has it. The value of a variable in
// the address of a playlist is in those of its segments, too.
func (r *Report) quote(n int, shown string) string {
	if source := r.Renditions[n].Source; strings.Contains(source, "{$") {
		return source + ", segment " + shown
	}
	return shown
}

// firstOfAny looks whether the origin has the first segment.
func (c *Checker) firstOfAny(ctx context.Context, r *Report, n int, address *url.URL) {
	resp, err := c.VOD.Client.Do(ctx, http.MethodHead, address, http.Header{})
	if err != nil {
		r.firstFails(n, err)
		return
	}
	_ = resp.Body.Close()
}

func (r *Report) firstFails(n int, err error) {
	r.problem(problem.Error, segmentCode(err), n, "the first segment: "+err.Error())
}

// segmentCode is the code of a segment that can't be had: a redirect needs a
// setting, all else a look at the origin.
func segmentCode(err error) string {
	if errors.Is(err, origin.ErrRedirect) {
		return failure.CodeRedirectRefused
	}
	return CodeSegmentMissing
}

// firstWebVTT looks whether its cues can be read, by players or to be cut.
func (c *Checker) firstWebVTT(ctx context.Context, r *Report, n int, address *url.URL) {
	p, err := c.VOD.Client.Playlist(ctx, address, origin.Validators{})
	if err != nil {
		r.problem(problem.Warning, segmentCode(err), n, "the first file of subtitles: "+err.Error())
		return
	}
	if _, err := webvtt.Parse(p.Body); err != nil && len(bytes.TrimSpace(p.Body)) > 0 {
		r.problem(problem.Warning, CodeBadWebVTT, n, "the first file of subtitles can't be read: "+err.Error())
	}
}

// firstTS looks at the beginning of the first segment: playback at the loop point
// starts there.
func (c *Checker) firstTS(ctx context.Context, r *Report, n int, address *url.URL, byteRange string) {
	from := int64(0)
	if _, offset, ranged := strings.Cut(byteRange, "@"); ranged {
		from, _ = strconv.ParseInt(offset, 10, 64)
	}
	resp, err := c.VOD.Client.Do(ctx, http.MethodGet, address, http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", from, from+peek-1)}})
	if err != nil {
		r.firstFails(n, err)
		return
	}
	defer resp.Body.Close()
	head, err := media.Read(io.LimitReader(resp.Body, peek), media.TS, nil)
	switch {
	case err != nil || !head.Tables:
		r.problem(problem.Warning, CodeNoPAT, n, "the first segment does not begin with PAT and PMT: players may stall at the loop point")
	case head.Track(media.Video) != nil && !head.Track(media.Video).Key:
		r.problem(problem.Warning, CodeNoKeyFrame, n, "the first segment's video does not begin with a key frame: the picture may break at the loop point")
	}
}

// all requests each segment of a rendition by HEAD. The error is a panic.
func (c *Checker) all(ctx context.Context, r *Report, n int, m *playlist.Media) error {
	var mu sync.Mutex // guards the lists
	var missing, odd, redirected []string
	elsewhere := 0
	group := errgroup.Group{}
	group.SetLimit(asked)
	for i := range m.Segments {
		s, address := &m.Segments[i], m.Shown(i)
		group.Go(func() (err error) {
			defer panics.Catch(&err)
			size, wrong := c.ask(origin.Quoted(ctx, r.quote(n, address)), m, s)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(wrong, origin.ErrOutside):
				elsewhere++
			case errors.Is(wrong, origin.ErrRedirect) && !s.Gap:
				redirected = append(redirected, wrong.Error())
			case wrong != nil && !s.Gap:
				missing = append(missing, wrong.Error())
			case wrong == nil && size >= 0 && size < needed(s):
				odd = append(odd, fmt.Sprintf("%s: %d bytes, its range needs %d", address, size, needed(s)))
			}
			return nil
		})
	}
	err := group.Wait() // all but a panic is in the lists
	r.list(problem.Error, CodeSegmentMissing, n, missing)
	r.list(problem.Error, failure.CodeRedirectRefused, n, redirected)
	r.list(problem.Error, CodeSegmentSize, n, odd)
	if elsewhere > 0 {
		r.problem(problem.Warning, CodeSegmentElsewhere, n, fmt.Sprintf("%d segments are on a host that is not a configured origin: players fetch them there, and they were not checked", elsewhere))
	}
	return err
}

func (r *Report) list(severity problem.Severity, code string, n int, found []string) {
	if len(found) > 0 {
		slices.Sort(found) // they were requested at once
		r.problem(severity, code, n, fmt.Sprintf("%d of its segments: %s", len(found), strings.Join(found[:min(len(found), examples)], "; ")))
	}
}

// ask returns the size of a segment's resource; -1: the origin does not report
// it.
func (c *Checker) ask(ctx context.Context, m *playlist.Media, s *playlist.Segment) (size int64, err error) {
	address, err := m.Resolve(s.URI)
	if err != nil {
		return 0, err
	}
	resp, err := c.VOD.Client.Do(ctx, http.MethodHead, address, http.Header{})
	if err != nil {
		return 0, err
	}
	_ = resp.Body.Close()
	return resp.ContentLength, nil
}

// needed is how large the resource must be at least.
func needed(s *playlist.Segment) int64 {
	length, offset, ranged := strings.Cut(s.ByteRange, "@")
	if !ranged {
		return 1
	}
	n, _ := strconv.ParseInt(length, 10, 64)
	from, _ := strconv.ParseInt(offset, 10, 64)
	return from + n
}
