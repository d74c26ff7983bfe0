// Package guide writes what plays on channels as an M3U list and as XMLTV, for players
// and media servers that show a programme guide.
package guide

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Channel is a channel with what it plays.
type Channel struct {
	ID      string // its name in addresses
	Host    string // of the server; empty: not known
	Title   string // shown; empty: the ID
	Logo    string // an address; empty: none
	Number  string // empty: none
	Group   string // empty: none
	Address string // of its multivariant playlist
	// CatchUp is how far back viewers may go; 0: they may not.
	CatchUp    time.Duration
	Programmes []Programme // in their order, without gaps; see Fold
}

// domain is the ID as XMLTV wants it: like a domain (RFC 2838), and so unlike those of
// other servers. The list and the guide are joined by it.
func (c *Channel) domain() string {
	if c.Host == "" {
		return c.ID
	}
	return c.ID + "." + strings.ReplaceAll(c.Host, ":", "-") // of IPv6
}

// name is what players show. Some join the list and the guide by it, so it is what both
// can say.
func (c *Channel) name() string { return cmp.Or(strings.TrimSpace(attribute(c.Title)), c.ID) }

// Programme is one play of an item, or several that are told of as one.
type Programme struct {
	Start, End                    time.Time
	Title, Subtitle, Desc         string
	Category, Episode, Date, Icon string
	Filler                        bool // it stands between programmes: an ident, a break
}

const (
	least     = 2 * time.Minute  // of a programme of its own
	mostPause = 10 * time.Minute // that belongs to the programme before
	most      = 2000             // of one channel
)

// Fold makes programmes of the plays of a channel, which are in their order and without
// gaps. Fillers and what is shorter than two minutes belong to the programme before;
// more than ten minutes of these in a row are one programme with the channel's title.
// Those that have ended by the beginning of the guide are left out; at most 2,000 are
// kept.
func (c *Channel) Fold(plays []Programme, begin time.Time) {
	var all []Programme
	for at := 0; at < len(plays); {
		n := 1
		if minor(&plays[at]) {
			n = slices.IndexFunc(plays[at:], func(p Programme) bool { return !minor(&p) })
			if n < 0 {
				n = len(plays) - at
			}
		}
		all = c.add(all, plays[at:at+n])
		at += n
	}
	all = slices.DeleteFunc(all, func(p Programme) bool { return !p.End.After(begin) })
	c.Programmes = all[:min(len(all), most)]
}

func minor(p *Programme) bool { return p.Filler || p.End.Sub(p.Start) < least }

// add adds one programme, or what stands between two.
func (c *Channel) add(all, plays []Programme) []Programme {
	first, end := plays[0], plays[len(plays)-1].End
	switch {
	case !minor(&first):
		return append(all, first)
	case len(all) > 0 && end.Sub(first.Start) <= mostPause:
		all[len(all)-1].End = end
		return all
	}
	return append(all, Programme{Start: first.Start, End: end, Title: cmp.Or(c.Title, c.ID)})
}
