// Package guide writes what plays on channels as an M3U list and as XMLTV, for players
// and media servers that show a programme guide.
package guide

import (
	"cmp"
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
	CatchUp time.Duration
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
	Joined                        bool // it continues the play before
}
