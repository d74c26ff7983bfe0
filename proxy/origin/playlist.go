package origin

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"vod2live/proxy/room"
)

// MaxPlaylist is the most bytes of a playlist that are read, unpacked.
const MaxPlaylist = 16 << 20

// Validators are those of an answer, for a conditional request.
type Validators struct {
	ETag, LastModified string
}

// Playlist is a playlist as an origin has it.
type Playlist struct {
	Body       []byte
	Address    *url.URL // it finally came from
	Validators Validators
	Unchanged  bool // the validators still hold; there is no Body

	share *room.Share
}

// Playlist fetches a playlist, or another resource as a whole. With
// validators the request is conditional. All of it takes at most the origin's
// timeout.
func (c *Client) Playlist(ctx context.Context, address *url.URL, have Validators) (*Playlist, error) {
	o, _, ok := c.Locate(address, c.own)
	if !ok {
		return nil, ErrOutside
	}
	ctx, dog := watch(context.WithValue(ctx, playlistKey{}, true), o.Timeout)
	defer dog.stop()
	p := &Playlist{share: c.share}
	resp, err := c.do(ctx, address, want{method: http.MethodGet, header: have.header(), read: p.read})
	if err != nil {
		return nil, FailedRequest(ctx, http.MethodGet, address, dog.explain(err))
	}
	p.Address = resp.Address
	if p.Unchanged {
		p.Validators = have
	}
	return p, nil
}

// Read requests an address and reads the answer to its end with a function, which may
// be called once more after a failure. It takes a connection for playlists, and all of
// it takes at most the origin's timeout.
func (c *Client) Read(ctx context.Context, address *url.URL, header http.Header, read func(*http.Response) error) error {
	o, _, ok := c.Locate(address, c.own)
	if !ok {
		return ErrOutside
	}
	ctx, dog := watch(context.WithValue(ctx, playlistKey{}, true), o.Timeout)
	defer dog.stop()
	w := want{method: http.MethodGet, header: header, read: func(_ context.Context, resp *http.Response) error { return read(resp) }}
	if _, err := c.do(ctx, address, w); err != nil {
		return FailedRequest(ctx, http.MethodGet, address, dog.explain(err))
	}
	return nil
}

// Release gives the memory of the body back, which must not be used any more.
func (p *Playlist) Release() {
	p.share.Give(int64(cap(p.Body)))
	p.Body = nil
}

// read takes what an origin answers.
func (p *Playlist) read(ctx context.Context, resp *http.Response) (err error) {
	*p = Playlist{
		share:      p.share,
		Validators: Validators{resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")},
		Unchanged:  resp.StatusCode == http.StatusNotModified,
	}
	switch {
	case p.Unchanged:
	case resp.StatusCode != http.StatusOK:
		return &StatusError{Code: resp.StatusCode}
	default:
		p.Body, err = readBody(ctx, resp, p.share)
	}
	return err
}

// readAll reads an answer, closes it and counts its outcome.
func readAll(resp *http.Response, read func(*http.Response) error) error {
	defer resp.Body.Close()
	err := read(resp)
	if err != nil {
		fail(resp, err)
	}
	return err
}

func (v Validators) header() http.Header {
	h := http.Header{"Accept-Encoding": {"gzip"}}
	if v.ETag != "" {
		h.Set("If-None-Match", v.ETag)
	}
	if v.LastModified != "" {
		h.Set("If-Modified-Since", v.LastModified)
	}
	return h
}

// readBody reads all of a body within the limit, unpacked.
func readBody(ctx context.Context, resp *http.Response, share *room.Share) ([]byte, error) {
	if resp.ContentLength > MaxPlaylist {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, resp.ContentLength, MaxPlaylist)
	}
	body, length := io.Reader(resp.Body), resp.ContentLength
	coding := Codings(resp.Header)
	switch coding {
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(resp.Body)
		if err != nil {
			return nil, broken(err)
		}
		body, length, coding = unpacked, -1, identity
	}
	g := gatherer{share: share, most: MaxPlaylist + 1}
	if length >= 0 {
		g.most = int(length) + 1 // to see the end
	}
	if err := g.read(ctx, body); err != nil {
		return nil, err
	}
	if coding != "" && coding != identity && !isPlain(g.data) {
		share.Give(int64(cap(g.data)))
		return nil, fmt.Errorf("%w: Content-Encoding %.80q", ErrBody, coding)
	}
	return g.data, nil
}

// isPlain reports whether a body is an uncompressed playlist, whatever its
// header says.
func isPlain(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(body, []byte("\ufeff")), []byte("#EXTM3U"))
}

// broken makes the error of a body that can't be read.
func broken(err error) error {
	if errors.Is(err, room.ErrFull) || errors.Is(err, ErrTooLarge) {
		return err
	}
	corrupt := errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum)
	var unpackable flate.CorruptInputError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, ErrTimeout):
		return errStalled
	case corrupt, errors.As(err, &unpackable):
		return fmt.Errorf("%w: %w", ErrBody, err)
	}
	return fmt.Errorf("%w: %w", errBroken, err)
}
