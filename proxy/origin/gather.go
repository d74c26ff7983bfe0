package origin

import (
	"context"
	"errors"
	"fmt"
	"io"

	"vod2live/proxy/room"
)

// leastBody is the initial room for a body, whatever its stated length.
const leastBody = 16 << 10

// gatherer collects a body. It takes memory from a share as the body arrives.
type gatherer struct {
	share *room.Share
	most  int // bytes of room, of which the last shows the end
	data  []byte
}

// read reads to the end. Nothing is taken where it fails.
func (g *gatherer) read(ctx context.Context, body io.Reader) error {
	err := g.readAll(ctx, body)
	if err != nil {
		g.share.Give(int64(cap(g.data)))
		return broken(err)
	}
	return nil
}

func (g *gatherer) readAll(ctx context.Context, body io.Reader) error {
	for {
		if err := g.widen(ctx); err != nil {
			return err
		}
		n, err := body.Read(g.data[len(g.data):cap(g.data)])
		g.data = g.data[:len(g.data)+n]
		if len(g.data) > MaxPlaylist {
			return fmt.Errorf("%w: at most %d bytes", ErrTooLarge, MaxPlaylist)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// widen makes more room if there is none. A body that exceeds its stated length
// is too large, or its end is still to come.
func (g *gatherer) widen(ctx context.Context) error {
	have := cap(g.data)
	if len(g.data) < have {
		return nil
	}
	want := max(leastBody, 2*have)
	if have < g.most {
		want = min(want, g.most)
	}
	if err := g.take(ctx, int64(want)); err != nil {
		return err
	}
	g.data = append(make([]byte, 0, want), g.data...)
	g.share.Give(int64(have))
	return nil
}

// take waits for room without letting the origin be blamed for it.
func (g *gatherer) take(ctx context.Context, n int64) error {
	if g.share.TryTake(n) {
		return nil
	}
	return ourTurn(ctx, func() error { return g.share.Take(ctx, n) })
}
