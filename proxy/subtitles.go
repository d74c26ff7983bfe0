package proxy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/singleflight"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/playlist/webvtt"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/room"
)

const (
	maxCueBytes = 64 << 20 // of WebVTT files kept, decoded
	maxCutBytes = 16 << 20 // of slices kept
	cueOverhead = 6        // a decoded file is at most so many times its text
	sliceAge    = time.Minute
	clockTries  = 4 // files of a period that are asked for to have its clock
)

// cueFile is a WebVTT file of a rendition that is cut anew. All its times are from
// the loop's beginning.
type cueFile struct {
	address    string
	start, end time.Duration // that it is for
	period     time.Duration // when the period between discontinuities begins that it is in
	periodEnd  time.Duration // when that ends
	quoted     string        // the address with variables, as it stands in the playlist; empty: it has none
}

// cueFiles finds those of every rendition that needs them.
func cueFiles(live *playlist.Live, media []*playlist.Media) [][]cueFile {
	var all [][]cueFile
	for n, m := range media {
		track := &live.VOD.Tracks[n]
		if !track.Sliced {
			continue
		}
		if all == nil {
			all = make([][]cueFile, len(media))
		}
		all[n] = []cueFile{} // not nil, if all of it is gaps
		periods := append(periodsOf(m, track), math.MaxInt64)
		for _, f := range m.Files() {
			begin, end := periods[f.Period], periods[f.Period+1]
			all[n] = append(all[n], cueFile{f.Address.String(), max(f.Start, begin), min(f.End, end), begin, end, quoted(f.Shown)})
		}
	}
	return all
}

// periodsOf tells when timestamps may start again: at the loop's discontinuities
// where the rendition has as many of its own, whose boundaries fit less well.
func periodsOf(m *playlist.Media, track *loop.Track) []time.Duration {
	own, served := m.Periods(), []time.Duration{0}
	for i := range track.Len() {
		if track.Marked(i) {
			served = append(served, track.Start(i))
		}
	}
	if len(own) == len(served) {
		return served
	}
	return own
}

// serveSlice answers with the cues of one segment of the reference.
func (s *Server) serveSlice(w *recorder, r *http.Request, st *stream, t target) error {
	e := st.sliced(t.rendition, t.sum)
	if e == nil || t.slice >= e.live.VOD.Tracks[t.rendition].Len() {
		return origin.ErrNotFound
	}
	k := sliceKey{st.key, e.live.Text, t.rendition, t.slice}
	a, known := s.cues.cut(k)
	if !known {
		body, whole, err := s.slice(r.Context(), e, t)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		if a = newAnswer(body, hex.EncodeToString(sum[:8]), time.Time{}, time.Time{}); whole {
			a = s.cues.keep(k, a)
		}
	}
	return a.write(w, r, mimeWebVTT, s.age(sliceAge))
}

// slice cuts the cues of one segment of the reference out of the files that have
// some. It is whole if the origin has all of them.
func (s *Server) slice(ctx context.Context, e *era, t target) (body []byte, whole bool, err error) {
	track := &e.live.VOD.Tracks[t.rendition]
	from := track.Start(t.slice)
	to := from + track.Duration(t.slice)
	share := s.loading.Open() // for the files that are held while others are fetched
	defer share.Close()
	held := 0
	whole = true
	get := func(f *cueFile) (*webvtt.File, error) {
		if !share.TryTake(int64(held)) {
			return nil, room.ErrFull
		}
		held = 0
		file, err := s.cues.get(ctx, s, cueKey{t.mount, f.address, e.live.Text, f.quoted})
		if err == nil {
			held = file.Bytes()
		}
		whole = whole && !errors.Is(err, origin.ErrNotFound)
		return file, err
	}
	var periods []webvtt.Period
	files := e.cues[t.rendition]
	for i := 0; i < len(files); {
		period := samePeriod(files[i:])
		if i += len(period); period[0].period >= to || period[0].periodEnd <= from && len(periods) > 0 {
			continue // the first period is always needed: its clock is the VOD's
		}
		sources, err := sources(period, from, to, get)
		if err != nil {
			return nil, false, err
		}
		if len(sources) > 0 {
			periods = append(periods, webvtt.Period{Start: period[0].period, End: e.live.VOD.Length, Sources: sources})
		}
	}
	err = withSlot(ctx, s.loading.cuts, func() { body = webvtt.Slice(periods, from, to) })
	return body, whole, err
}

// samePeriod are those of some files that are in the period of the first.
func samePeriod(files []cueFile) []cueFile {
	n := slices.IndexFunc(files, func(f cueFile) bool { return f.period != files[0].period })
	if n < 0 {
		return files
	}
	return files[:n]
}

// sources are the files of one period that a slice may have cues of, and before
// them the first that the origin has: its clock is the period's.
func sources(period []cueFile, from, to time.Duration, get func(*cueFile) (*webvtt.File, error)) (all []webvtt.Source, err error) {
	for i := range period {
		f := &period[i]
		within := f.start < to && f.end > from
		if !within && (len(all) > 0 || i >= clockTries) {
			continue
		}
		file, err := get(f)
		if errors.Is(err, origin.ErrNotFound) || errors.Is(err, errNoCues) {
			continue // a slice without cues harms no player, a 404 ends hls.js
		}
		if err != nil {
			return nil, err
		}
		all = append(all, webvtt.Source{File: file, Start: f.start, End: f.end})
	}
	return all, nil
}

// errNoCues is of a file of no bytes, as some packagers write where nothing is
// said.
var errNoCues = errors.New("the WebVTT file is empty")

// cueKey is a file as one mount has it, which may ask with other credentials than
// another, and as one version of a VOD has it.
type cueKey struct {
	mount, address string
	vod            [8]byte
	quoted         string // see cueFile
}

// sliceKey is a slice of a stream as it was loaded.
type sliceKey struct {
	stream           key
	vod              [8]byte
	rendition, slice int
}

// cueCache keeps WebVTT files, decoded, and slices of them, ready for all
// viewers.
type cueCache struct {
	fetches  singleflight.Group
	mu       sync.Mutex // guards all below
	files    *simplelru.LRU[cueKey, sizedFile]
	bytes    int
	cuts     *simplelru.LRU[sliceKey, *answer]
	cutBytes int
}

type sizedFile struct {
	*webvtt.File
	bytes int
}

func newCueCache() *cueCache {
	c := &cueCache{}
	c.files, _ = simplelru.NewLRU(math.MaxInt, func(_ cueKey, f sizedFile) { c.bytes -= f.bytes })
	c.cuts, _ = simplelru.NewLRU(math.MaxInt, func(_ sliceKey, a *answer) { c.cutBytes -= cutSize(a) })
	return c
}

// cutSize is about what a slice takes, plain and packed.
func cutSize(a *answer) int { return 2*len(a.body) + 1024 }

func (c *cueCache) cut(k sliceKey) (*answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cuts.Get(k)
}

// keep keeps a slice, and returns the one that another viewer's request has kept
// meanwhile, if one has: it is packed once for all.
func (c *cueCache) keep(k sliceKey, a *answer) *answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, known := c.cuts.Get(k); known {
		return kept
	}
	c.cuts.Add(k, a)
	for c.cutBytes += cutSize(a); c.cutBytes > maxCutBytes && c.cuts.Len() > 1; {
		c.cuts.RemoveOldest()
	}
	return a
}

// get returns a file, fetched once for all who wait for it.
func (c *cueCache) get(ctx context.Context, s *Server, k cueKey) (*webvtt.File, error) {
	c.mu.Lock()
	f, known := c.files.Get(k)
	c.mu.Unlock()
	if known {
		return f.File, nil
	}
	fetched := c.fetches.DoChan(fmt.Sprint(k), func() (file any, err error) {
		defer panics.Catch(&err)
		if !s.begin() {
			return nil, context.Canceled
		}
		defer s.work.Done()
		return c.fetch(s, k)
	})
	patience := time.NewTimer(s.config.Timeout + viewerSlack)
	defer patience.Stop()
	select {
	case result := <-fetched:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*webvtt.File), nil
	case <-patience.C:
		return nil, errLoading
	case <-ctx.Done():
		return nil, context.Canceled
	}
}

func (c *cueCache) fetch(s *Server, k cueKey) (*webvtt.File, error) {
	u, err := url.Parse(k.address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(s.context, loadTimeouts*s.config.Timeout, origin.ErrTimeout)
	defer cancel()
	share := s.loading.Open()
	defer share.Close()
	p, err := s.mounts[k.mount].client.Within(share).Playlist(origin.Quoted(ctx, k.quoted), u, origin.Validators{})
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(p.Body)) == 0 {
		return nil, errNoCues
	}
	file, err := s.parse(ctx, share, p.Body)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	size := file.Bytes()
	c.files.Remove(k)
	c.files.Add(k, sizedFile{file, size})
	for c.bytes += size; c.bytes > maxCueBytes && c.files.Len() > 1; {
		c.files.RemoveOldest()
	}
	return file, nil
}

// parse decodes a file once there is room for it, and few others are being decoded.
func (s *Server) parse(ctx context.Context, share *room.Share, body []byte) (file *webvtt.File, err error) {
	if err := share.Take(ctx, int64(cueOverhead*len(body))); err != nil {
		return nil, err
	}
	if refused := withSlot(ctx, s.loading.parses, func() { file, err = webvtt.Parse(body) }); refused != nil {
		return nil, refused
	}
	if err != nil {
		return nil, bodyError(err)
	}
	return file, nil
}
