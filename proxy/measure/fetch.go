package measure

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"vod2live/playlist"
	"vod2live/proxy/media"
	"vod2live/proxy/origin"
)

// errCut: a segment is longer than the part that is read.
var errCut = fmt.Errorf("%w: its last segment", media.ErrTooLarge)

// fetcher fetches parts of a rendition's resources.
type fetcher struct {
	client *origin.Client
	media  *playlist.Media
	shown  string // address of the playlist
}

// quote is a segment's address as errors may name it. The value of a variable in the address of a playlist is in those
// of its segments, too.
func (f *fetcher) quote(i int) string {
	if strings.Contains(f.shown, "{$") {
		return f.shown + ", segment " + f.media.Shown(i)
	}
	return f.media.Shown(i)
}

// quoteInit is the same of an initialization section. Which variables its address has is not known.
func (f *fetcher) quoteInit() string {
	if f.media.HasVariables || strings.Contains(f.shown, "{$") {
		return "{$…}, the initialization section of " + f.quote(0)
	}
	return ""
}

// init reads an initialization section.
func (f *fetcher) init(ctx context.Context, m *playlist.Map) (in *media.Init, err error) {
	uri, byteRange := m.Resource()
	err = f.get(origin.Quoted(ctx, f.quoteInit()), part{uri, byteRange, maxInit}, func(r io.Reader) (err error) {
		in, err = media.ReadInit(r)
		return err
	})
	if errors.Is(err, errCut) {
		err = nil // what follows the moov is of no interest
	}
	return in, err
}

// segment reads a segment up to a limit; errCut: it is longer.
func (f *fetcher) segment(ctx context.Context, i int, most int64, in *media.Init) (format media.Format, s *media.Segment, err error) {
	p := part{f.media.Segments[i].URI, f.media.Segments[i].ByteRange, most}
	err = f.get(origin.Quoted(ctx, f.quote(i)), p, func(r io.Reader) (err error) {
		buffered := bufio.NewReaderSize(r, 4<<10)
		head, _ := buffered.Peek(512)
		switch format = media.Detect(head); {
		case format == media.WebVTT:
			return nil
		case format == media.Unknown:
			return ErrFormat
		case format == media.MP4 && in == nil:
			return fmt.Errorf("%w: MP4 without an initialization section", media.ErrMalformed)
		}
		s, err = media.Read(buffered, format, in)
		return err
	})
	return format, s, err
}

// part is the beginning of a resource, or of a byte range of it.
type part struct {
	uri, byteRange string
	most           int64
}

// bounds are the first byte and the number of bytes to request: one more than needed shows
// whether there are more.
func (p part) bounds() (first, length int64) {
	length = p.most + 1
	if n, o, ranged := strings.Cut(p.byteRange, "@"); ranged {
		size, _ := strconv.ParseInt(n, 10, 64)
		first, _ = strconv.ParseInt(o, 10, 64)
		length = min(length, size)
	}
	return first, length
}

// get requests a part and reads it.
func (f *fetcher) get(ctx context.Context, p part, read func(io.Reader) error) error {
	address, err := f.media.Resolve(p.uri)
	if err != nil {
		return ErrElsewhere
	}
	if _, _, within := f.client.Locate(address, ""); !within {
		return ErrElsewhere
	}
	first, length := p.bounds()
	header := http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", first, first+length-1)}, "Accept-Encoding": origin.Identity}
	var outcome error // of the read bytes: the origin has not failed
	err = f.client.Read(ctx, address, header, func(resp *http.Response) error {
		if resp.StatusCode != http.StatusPartialContent && (resp.StatusCode != http.StatusOK || first > 0) {
			outcome = ErrPart
			return nil
		}
		body := &limited{from: resp.Body, left: min(length, p.most)}
		if outcome = read(body); outcome == nil {
			outcome = body.end(length > p.most)
		}
		return body.err
	})
	return cmp.Or(err, outcome)
}

// limited reads a part, and keeps the error of its source: a part that breaks off is not a short one.
type limited struct {
	from io.Reader
	left int64
	err  error
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left == 0 || l.err != nil {
		return 0, io.EOF
	}
	n, err := l.from.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		l.err = origin.BodyError(err)
	}
	if err != nil {
		err = io.EOF
	}
	return n, err
}

// end reads what the reader left, and reports whether there is more than the
// part.
func (l *limited) end(mayBeCut bool) error {
	_, _ = io.Copy(io.Discard, l) // its error is kept
	if mayBeCut && l.left == 0 && l.err == nil {
		if n, _ := io.ReadFull(l.from, make([]byte, 1)); n > 0 {
			return errCut
		}
	}
	return nil
}
