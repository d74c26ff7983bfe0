package onair

import (
	"errors"
	"strings"
	"time"

	"vod2live/proxy/failure"
)

// OffAir is a channel that is not loaded, so that its viewers get an error. It
// is tried again and again.
type OffAir struct {
	Channel Channel
	ID      string    // of its stream, when that is loaded
	Address string    // of viewers
	Err     error     // of the last attempt that reached the origin; nil: the first is under way
	Since   time.Time // when the first attempt failed; zero: it is under way
}

// Fails is the VOD that could not be loaded: of a channel of lists the item that failed,
// or the slate in its breaks. It is not known of a channel of lists that fails as a whole.
func (o OffAir) Fails() (at Address, known bool) {
	if !o.Channel.Lists() {
		return Address{o.Channel.Origin, o.Channel.Path, o.Channel.Query}, true
	}
	for err := o.Err; ; known = true {
		item, is := errors.AsType[*failure.ItemError](err)
		if !is {
			return at, known
		}
		at.Mount, at.Path, _ = strings.Cut(item.Item, "/")
		at.Query, err = item.Query, item.Err // the slate's, within that of the item
	}
}

// OffAir are the channels that are not loaded, as they are configured.
func (l *lineup) OffAir() (all []OffAir) {
	for _, c := range l.config.Channels {
		if k := c.key(); l.store.get(k) == nil {
			since, err := l.store.failures.last(k)
			all = append(all, OffAir{c, k.ID(), k.address(), err, since})
		}
	}
	return all
}
