package origin

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/room"
)

// maxRedirects of one request are followed.
const maxRedirects = 5

// Client sends requests to the configured origins. It is safe for concurrent
// use.
type Client struct {
	origins   []*Origin
	free      map[string]connections // by origin
	counters  map[string]*metrics.Origin
	transport http.RoundTripper
	own       string      // the origin whose credentials are used if several have an address
	share     *room.Share // of the memory for loads; nil: without bounds
}

// NewClient makes a client of all origins. transport must not follow redirects
// itself; a *http.Transport does not.
func NewClient(transport http.RoundTripper, m *metrics.Metrics, origins ...*Origin) *Client {
	c := &Client{origins: origins, transport: transport, counters: map[string]*metrics.Origin{}, free: map[string]connections{}}
	for _, o := range origins {
		c.counters[o.Name], c.free[o.Name] = m.Origins.Origin(o.Name), newConnections(o)
	}
	return c
}

// Of is a client of the same origins that prefers one origin for addresses
// within several.
func (c *Client) Of(own *Origin) *Client {
	of := *c
	of.own = own.Name
	return &of
}

// Within is a client of the same origins whose playlists take their memory from
// a share.
func (c *Client) Within(share *room.Share) *Client {
	within := *c
	within.share = share
	return &within
}

// Share is where the memory of playlists is taken from; nil: it is not bounded.
func (c *Client) Share() *room.Share { return c.share }

// Mounted returns the origin of a name; nil: there is none.
func (c *Client) Mounted(name string) *Origin {
	for _, o := range c.origins {
		if o.Name == name {
			return o
		}
	}
	return nil
}

// Locate finds the origin of an address, own first, else the one with the
// longest prefix, and the escaped path below it.
func (c *Client) Locate(u *url.URL, own string) (o *Origin, path string, ok bool) {
	depth := 0
	for _, candidate := range c.origins {
		rest, d, within := candidate.rest(u)
		if within && (!ok || candidate.Name == own || o.Name != own && d > depth) {
			o, path, depth, ok = candidate, rest, d, true
		}
	}
	return o, path, ok
}

// Response is an origin's answer; its Body must be closed, which counts it. A
// read from it that stalls for longer than the origin's timeout fails with
// ErrTimeout.
type Response struct {
	*http.Response
	Address *url.URL // it finally came from, after redirects; without the origin's own params
}

// Do sends a request that begins at an address within an origin and follows
// redirects within the origins. Answers other than 200, 206, 304 and 416 are
// errors.
func (c *Client) Do(ctx context.Context, method string, address *url.URL, header http.Header) (*Response, error) {
	return c.do(ctx, address, want{method: method, header: header})
}

// do requests a resource from an address.
func (c *Client) do(ctx context.Context, address *url.URL, w want) (*Response, error) {
	for range maxRedirects + 1 {
		o, path, ok := c.Locate(address, c.own)
		if !ok {
			return nil, ErrOutside
		}
		w.object = object{path, address.RawQuery}
		a, err := c.await(ctx, o, w)
		if err != nil {
			return nil, FailedRequest(ctx, w.method, address, err)
		}
		if a.next == nil {
			return a.Response, nil
		}
		address = o.withoutParams(a.next)
		w.first = c.placeOf(address)
	}
	return nil, FailedRequest(ctx, w.method, address, fmt.Errorf("%w: there are more than %d", ErrRedirect, maxRedirects))
}

// want is a request to an origin, independent of its place.
type want struct {
	method string
	object
	header http.Header
	first  *place                                      // requested address: the target of a redirect; nil: the origin's own
	read   func(context.Context, *http.Response) error // reads the answer to its end; nil: the caller does
}

// answer is an origin's answer, or where it redirects to.
type answer struct {
	*Response
	next *url.URL // nil: nowhere
}

// askPlaces requests from the places of an origin in turn until one does not
// fail. The error is a PausedError if all of them are paused.
func (c *Client) askPlaces(ctx context.Context, o *Origin, w want) (a *answer, err error) {
	least := time.Duration(math.MaxInt64)
	places := o.inOrder(w.first)
	for i, p := range places {
		patience := o.Timeout
		if i+1 < len(places) {
			patience /= time.Duration(len(places)) // all may be requested within the time that the caller has
		}
		wait, may := c.mayAsk(ctx, p, w, patience)
		if !may {
			least = min(least, wait)
			continue
		}
		if a, err = c.askPlace(ctx, p, w, patience); err == nil || !Sick(err) {
			return a, err
		}
	}
	if err == nil {
		err = &PausedError{least, places[0].health.lastCause()}
	}
	return nil, err
}

// askPlace sends a request to one of the places of an origin, and notes the
// outcome.
func (c *Client) askPlace(ctx context.Context, p *place, w want, patience time.Duration) (*answer, error) {
	began := time.Now()
	if w.read != nil {
		within, dog := watch(ctx, patience) // all of it
		defer dog.stop()
		ctx = within
	}
	req, err := p.request(ctx, w.method, w.object, w.header.Clone())
	if err != nil {
		return nil, err
	}
	resp, next, err := c.ask(p, w.object, req, patience)
	if err == nil && next == nil && w.read != nil {
		err = readAll(resp, func(resp *http.Response) error { return w.read(ctx, resp) })
	}
	now := time.Now()
	p.health.note(w.object, err, began, now)
	if err != nil {
		return nil, FailedRequest(ctx, w.method, req.URL, err)
	}
	if body, watched := resp.Body.(*watchedBody); watched {
		body.failed = func(err error) { p.health.note(w.object, err, now, time.Now()) }
	}
	return &answer{&Response{resp, p.origin.withoutParams(req.URL)}, next}, nil
}

// ask makes one request for an object; next is the target of a redirect.
func (c *Client) ask(p *place, o object, req *http.Request, patience time.Duration) (resp *http.Response, next *url.URL, err error) {
	var said s3Error
	resp, said, err = c.send(p, o, req, patience)
	if err != nil {
		c.counters[p.origin.Name].Done(outcome(err))
		return nil, nil, err
	}
	next, err = c.redirect(p.origin, resp, said)
	if next == nil && err == nil {
		err = check(req, resp, said)
	}
	if err != nil {
		fail(resp, err)
	}
	if err != nil || next != nil {
		_ = resp.Body.Close()
	}
	return resp, next, err
}

// send makes one request with the origin's own header. The error body of S3 is
// read within the time for headers.
func (c *Client) send(p *place, o object, req *http.Request, patience time.Duration) (*http.Response, s3Error, error) {
	if id := RequestID(req.Context()); id != "" {
		req.Header[RequestIDHeader] = []string{id}
	}
	maps.Copy(req.Header, p.origin.Header)
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
		delete(req.Header, "Host")
	}
	if _, set := req.Header["User-Agent"]; !set {
		req.Header.Set("User-Agent", "vod2live")
	}
	ctx, dog := watch(req.Context(), patience)
	ctx, connected := connecting(ctx)
	start := time.Now()
	a := attempts{client: c, place: p, object: o, request: req.WithContext(ctx), patience: patience / 2, began: start}
	resp, err := a.roundTrip()
	if err != nil {
		defer dog.stop()
		return nil, s3Error{}, dog.explain(unreached(err, connected()))
	}
	if resp.Request == nil { // a transport may leave that out
		resp.Request = req
	}
	counter := c.counters[p.origin.Name]
	counter.Headers(time.Since(start))
	said := says(resp)
	dog.rest()
	dog.timeout = p.origin.Timeout
	body := &watchedBody{ReadCloser: resp.Body, dog: dog, counter: counter, outcome: metrics.OK}
	if resp.StatusCode == http.StatusNotModified {
		body.outcome = metrics.NotModified
	}
	resp.Body = body
	return resp, said, nil
}
