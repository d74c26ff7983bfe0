package origin

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/panics"
)

// A request that was sent just before a place went down may never be answered,
// though the place is back: its connection is dead, or the server has forgotten it.
// So a request without headers after lost is made once more beside the first as
// soon as a later request has been answered, if the place had answered nothing for
// silence before. If no other request can show that, a witness is requested once a
// second.
const (
	lost    = time.Second
	silence = lost / 2
	look    = lost / 10 // how often it is checked whether a request is lost
)

// overtaken reports whether the place was silent when a request began, and
// has answered a later one.
func (h *health) overtaken(began time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.back.After(began)
}

// silent returns the witness to be requested of a place that answers nothing, to
// see whether it is back; nil: none, or not now.
func (h *health) silent(o object, now time.Time) *object {
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Sub(h.good) < lost || now.Sub(h.looked) < pause || now.Before(h.until) {
		return nil
	}
	h.looked = now
	if h.paused {
		h.until = now.Add(pause) // this is the probe
	}
	return h.witnesses.of(o)
}

// attempts are the first request for an object and possibly a second one. The
// first answer counts. A slow first request is not ended for the second: the
// second may be no faster.
type attempts struct {
	client   *Client
	place    *place
	object   object
	request  *http.Request
	patience time.Duration // with credentials
	began    time.Time
	answered atomic.Bool // one of both, which counts
}

// roundTrip makes a request, twice if need be.
func (a *attempts) roundTrip() (*http.Response, error) {
	first, endFirst := context.WithCancel(a.request.Context())
	waiting, firstEnded := context.WithCancel(a.request.Context())
	other := make(chan *http.Response, 1)
	timer := time.AfterFunc(lost, func() {
		defer close(other)
		defer panics.Survive(nil) // the first may panic, too, and is guarded

		if resp := a.again(waiting); resp != nil { //nolint:bodyclose // the caller does
			other <- resp
			endFirst()
		}
	})
	resp, err := a.send(first)
	firstEnded()
	if timer.Stop() || err == nil && a.answered.CompareAndSwap(false, true) {
		return resp, err
	}
	if err == nil { // the second was answered before
		_ = resp.Body.Close()
	}
	if resp := <-other; resp != nil {
		return resp, nil
	}
	return nil, err
}

// send makes one of the requests. Its context ends with that of both.
func (a *attempts) send(ctx context.Context) (*http.Response, error) {
	return a.place.origin.roundTrip(a.client.transport, a.request.WithContext(ctx), a.patience)
}

// again makes the second request if the first is lost; nil: it does not count. It
// ends with its headers, or with the answer of the first at the latest.
func (a *attempts) again(waiting context.Context) *http.Response {
	if !a.lost(waiting) {
		return nil
	}
	resp, err := a.send(a.request.Context())
	a.client.counters[a.place.origin.Name].Done(metrics.Canceled) // one of both is
	if err != nil {
		return nil
	}
	if !a.answered.CompareAndSwap(false, true) {
		_ = resp.Body.Close()
		return nil
	}
	return resp
}

// lost waits until the first request is overtaken; false: it has ended.
func (a *attempts) lost(waiting context.Context) bool {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-waiting.Done():
			return false
		}
		if a.place.health.overtaken(a.began) {
			return true
		}
		if witness := a.place.health.silent(a.object, time.Now()); witness != nil {
			go a.client.seeWhether(context.WithoutCancel(waiting), a.place, *witness) // ends within lost
		}
	}
}

// seeWhether notes whether a place answers within lost. If it does not, that is no
// failure: the place may only be slow. The probe continues when its request ends:
// others may wait for the outcome.
func (c *Client) seeWhether(ctx context.Context, p *place, witness object) {
	defer panics.Survive(nil) // a viewer's request may panic, too, and is guarded
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, lost)
	defer cancel()
	if err := c.askWitness(ctx, p, witness, lost); !Sick(err) {
		p.health.note(witness, err, began, time.Now())
	}
}
