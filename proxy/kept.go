package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"vod2live/proxy/origin"
	"vod2live/proxy/route"
	"vod2live/proxy/segmentcache"
)

// serveKept answers from the segment cache, which fetches missing resources
// from the origin.
func (all *resources) serveKept(w *recorder, r *http.Request, m *resourcesOf, path, query string) error {
	if m.origin.Signed() {
		query = ""
	}
	query = route.WithoutCMCD(query)
	a, err := all.kept.Get(r.Context(), &segmentcache.Request{
		Origin: m.same, Path: path, Query: query, Method: r.Method, Header: r.Header, Fetch: m.fetcher(path, query, w.identify()),
	})
	if err != nil {
		return err
	}
	defer a.Close()
	if a.Direct != nil {
		return relay(w, a.Direct)
	}
	a.Header(w.Header())
	w.WriteHeader(a.Status)
	if w.head || !origin.HasBody(a.Status) {
		return nil
	}
	return streamKept(r.Context(), w, a)
}

// fetcher requests one resource from the origin, with the id of the first
// request for it.
func (m *resourcesOf) fetcher(path, query, id string) segmentcache.Fetch {
	return func(ctx context.Context, method string, header http.Header) (segmentcache.Response, error) {
		address, err := m.origin.URL(path, query)
		if err != nil {
			return segmentcache.Response{}, err
		}
		header["Accept-Encoding"] = origin.Identity
		resp, err := m.ask(origin.WithRequestID(ctx, id), method, address, header)
		if err != nil {
			return segmentcache.Response{}, err
		}
		from, _, _ := m.client.Locate(resp.Address, m.origin.Name)
		return segmentcache.Response{Response: resp.Response, Elsewhere: from != m.origin}, nil
	}
}

// lame is a write that shows a slow viewer.
const lame = time.Second

// streamKept writes directly from the memory of the cache: everything available
// to viewers that keep up, small pieces to the others.
func streamKept(ctx context.Context, w *recorder, a *segmentcache.Answer) error {
	control := http.NewResponseController(w)
	flush := func() { // what an origin sends slowly is not held back
		_ = control.SetWriteDeadline(time.Now().Add(viewerStall)) // not every ResponseWriter can
		_ = control.Flush()                                       // nor that; a failure shows at the next write
	}
	quick := false
	for {
		p, err := a.Next(ctx, flush)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return origin.BodyError(err)
		}
		for len(p) > 0 {
			n := len(p)
			if !quick {
				n = min(n, smallBuffer)
			}
			start := time.Now()
			_ = control.SetWriteDeadline(start.Add(patience(n)))
			if _, err := w.Write(p[:n]); err != nil {
				return clientGone(err)
			}
			p, quick = p[n:], time.Since(start) < lame
		}
	}
}

// patience is how long a write may take: viewerStall for what others get at a
// time, longer for more.
func patience(n int) time.Duration {
	return viewerStall * time.Duration(max(n/largeBuffer, 1))
}
