package proxy

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"vod2live/proxy/background"
	"vod2live/proxy/failure"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
	"vod2live/proxy/route"
	"vod2live/proxy/segmentcache"
	"vod2live/proxy/sniff"
)

// resources are segments, keys and whatever else is handed through from the origins.
type resources struct {
	of       map[string]*resourcesOf
	station  *onair.Station
	kept     *segmentcache.Cache // nil: none are
	requests *Requests
	timeout  time.Duration
}

// resourcesOf are those of one origin.
type resourcesOf struct {
	origin  *origin.Origin
	client  *origin.Client
	same    string // distinguishes origins with other segments
	retries budget
}

func newResources(c *Config, station *onair.Station) *resources {
	all := &resources{of: map[string]*resourcesOf{}, station: station, kept: c.Segments, requests: c.Requests, timeout: c.Timeout}
	for _, o := range c.Origins {
		all.of[o.Name] = &resourcesOf{o, station.ClientOf(o), o.Identity(), budget{tokens: retryBurst}}
	}
	return all
}

// serve hands a resource through, and notes the failure of one that a channel has.
func (all *resources) serve(w *recorder, r *http.Request, t route.Target) error {
	m := all.of[t.Mount]
	err := all.transfer(w, r, m, t.Path)
	if failedByOrigin(r, err) {
		all.station.SegmentFailed(m.origin.Name, t.Path, err)
	}
	return err
}

// failedByOrigin reports whether a transfer failed, and neither the viewer nor this
// server is the reason.
func failedByOrigin(r *http.Request, err error) bool {
	ours := errors.Is(err, errClientGone) || errors.Is(err, failure.ErrCrowded) || errors.Is(err, origin.ErrBusy)
	return err != nil && !ours && r.Context().Err() == nil
}

// transfer passes a resource through once its connection has room for it.
func (all *resources) transfer(w *recorder, r *http.Request, m *resourcesOf, path string) error {
	if !all.requests.hasRoom() {
		return failure.ErrCrowded
	}
	if c := connectionOf(r); c != nil {
		if err := c.transfers.Acquire(r.Context(), 1); err != nil {
			return context.Canceled
		}
		defer c.transfers.Release(1)
	}
	return all.hand(w, r, m, path)
}

// hand hands a segment, a key or anything else through from the origin.
func (all *resources) hand(w *recorder, r *http.Request, m *resourcesOf, path string) error {
	w.giveTime(all.timeout)
	// The VOD's playlist may contain it, whatever query: is set to.
	query, known := all.station.Listed(m.origin, path, m.origin.WithoutParams(r.URL.RawQuery))
	if all.kept != nil && known {
		return all.serveKept(w, r, m, path, query)
	}
	address, err := m.origin.URL(path, query)
	if err != nil {
		return err
	}
	header := http.Header{"Accept-Encoding": origin.Identity}
	copyHeader(header, r.Header, toOrigin)
	resp, err := m.ask(origin.WithRequestID(r.Context(), w.identify()), r.Method, address, header)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return relay(w, resp.Response)
}

// ask requests a resource from the origin, and once more if that may help.
// The answer's header is the part that viewers may see.
func (m *resourcesOf) ask(ctx context.Context, method string, address *url.URL, header http.Header) (*origin.Response, error) {
	m.retries.earn()
	resp, err := m.client.Do(ctx, method, address, header)
	if origin.Retryable(err) && m.retries.take() && background.Pause(ctx, background.Jitter(segmentPause)) {
		resp, err = m.client.Do(ctx, method, address, header)
	}
	if err != nil {
		return nil, err
	}
	if err := sniff.Refuse(m.origin, address.EscapedPath(), resp); err != nil {
		return nil, err
	}
	resp.Header = forViewers(address.Path, resp.Response)
	return resp, nil
}
