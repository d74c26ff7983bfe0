package origin

import "time"

// Change is when a place of an origin starts to fail, and when it answers again.
type Change struct {
	URL    string        // of the place, without user, password and query
	Err    error         // why it fails; nil: it answers again
	Lasted time.Duration // how long it has failed
}

// persistent is how long several objects must fail, without an answer in between,
// for a place to count as failing though too little is requested for a pause.
const persistent = 10 * time.Second

// outage is the last reported state of a place. The zero value is that of a
// healthy place.
type outage struct {
	since    time.Time // of the first failure in the row; zero: the last request was answered
	reported bool
}

// turn finds out whether a request has changed how the place is doing. The lock is
// held; nil: it has not.
func (h *health) turn(err error, now time.Time) *Change {
	o := &h.outage
	switch {
	case h.failures == 0:
		ended := *o
		*o = outage{}
		if ended.reported {
			return &Change{Lasted: now.Sub(ended.since)}
		}
		return nil
	case o.since.IsZero():
		o.since = now
	}
	lasts := h.paused || h.failures > 1 && now.Sub(o.since) >= persistent
	if o.reported || !lasts || !Sick(err) {
		return nil
	}
	o.reported = true
	return &Change{Err: err, Lasted: now.Sub(o.since)}
}

// report is called without the lock.
func (h *health) report(c *Change) {
	if c != nil && h.changed != nil {
		h.changed(*c)
	}
}
