package proxy

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"vod2live/proxy/answer"
	"vod2live/proxy/guide"
	"vod2live/proxy/onair"
)

// Guide is what the guide shows of channels: their list, and their programmes.
type Guide struct {
	Address string // at which viewers reach the server, without a slash at its end
	Days    int    // ahead
}

// ahead is how long ahead the guide goes.
func (g *Guide) ahead() time.Duration { return time.Duration(g.Days) * 24 * time.Hour }

// The addresses of a guide.
const (
	guideList  = "/guide/channels.m3u"
	guideTimes = "/guide/epg.xml"
)

// guides makes the guide of a configuration, once per change for all viewers.
type guides struct {
	Guide
	station *onair.Station
	log     *zap.Logger
	cut     prometheus.Gauge // programmes that the newest has no room for
	most    int              // bytes of a guide
	wait    time.Duration
	list    atomic.Pointer[list] // the newest
	newest  atomic.Pointer[answer.Answer]

	mu       sync.Mutex // guards all below: one guide is made at a time
	hour     time.Time  // that the newest was made for
	versions onair.Versions
	rests    time.Time // none is made until then, by the process's clock
}

const (
	// guideShare is the share of the memory for streams that a guide may take.
	guideShare = 16
	// guideRest is how many times as long as it took to make a guide none is made.
	guideRest = 10
	// guidePlays is how many plays of all channels are looked at; those of one are at
	// least and at most leastPlays and mostPlays.
	guidePlays = 5_000_000
	leastPlays = 5_000
	mostPlays  = 100_000
	// guideMargin is how long before its beginning a guide is folded at least, so that it
	// does not depend on where it begins.
	guideMargin = time.Hour
)

func newGuides(c *Config, s *onair.Station) *guides {
	c.Metrics.GuideCut.Set(0)
	if c.Guide == nil {
		return nil
	}
	return &guides{Guide: *c.Guide, station: s, log: c.Log, cut: c.Metrics.GuideCut, most: int(c.CacheBytes / guideShare), wait: c.Timeout}
}

// list is the M3U of some channels.
type list struct {
	channels []guide.Channel
	*answer.Answer
}

// newestList is the list of channels as they are called now.
func (g *guides) newestList() *list {
	all := g.channels()
	if old := g.list.Load(); old != nil && slices.Equal(old.channels, all) {
		return old
	}
	made := &list{all, answerOf(guide.AppendM3U(nil, g.Address+guideTimes, all))}
	g.list.Store(made)
	return made
}

// answerOf is an answer that changes with its text alone.
func answerOf(text []byte) *answer.Answer {
	sum := sha256.Sum256(text)
	return answer.New(text, hex.EncodeToString(sum[:8]), time.Time{}, time.Time{})
}

// channels are those that the guide has.
func (g *guides) channels() (all []guide.Channel) {
	address, err := url.Parse(g.Address)
	if err != nil {
		address = &url.URL{} // the settings have been checked
	}
	for _, c := range g.station.Channels() {
		if c.Unlisted {
			continue
		}
		all = append(all, guide.Channel{
			ID: c.Name, Host: address.Hostname(), Title: c.Title, Logo: c.Logo, Number: c.Number, Group: c.Group, Address: g.Address + "/" + c.Name + "/master.m3u8", CatchUp: c.DVR,
		})
	}
	return all
}

// programmes are what plays on the channels in an hour and what follows. It is the same
// for the whole hour, unless a channel changes. While a newer one is made, viewers get
// the previous one.
func (g *guides) programmes(now time.Time) *answer.Answer {
	if !g.mu.TryLock() {
		if old := g.newest.Load(); old != nil {
			return old
		}
		g.mu.Lock()
	}
	defer g.mu.Unlock()
	hour, versions, begun := now.UTC().Truncate(time.Hour), g.station.Versions(), time.Now()
	if old := g.newest.Load(); old != nil && (begun.Before(g.rests) || g.hour.Equal(hour) && g.versions.Equal(versions)) {
		return old
	}
	channels := g.channels()
	plays := min(max(guidePlays/max(len(channels), 1), leastPlays), mostPlays)
	text, cut := guide.XMLTV(channels, func(c *guide.Channel) []guide.Programme { return g.fold(c, hour, plays) }, g.most)
	g.cut.Set(float64(cut))
	if cut > 0 {
		g.log.Warn("guide truncated: no room for programmes far ahead", zap.Int("programmes", cut), zap.Int("bytes", g.most))
	}
	g.newest.Store(answerOf(text))
	g.hour, g.versions, g.rests = hour, versions, time.Now().Add(guideRest*time.Since(begun))
	return g.newest.Load()
}

// awaitChannels waits until all channels have been tried once: media servers come once a
// day, and would miss those that come on air a moment later.
func (g *guides) awaitChannels(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, g.wait)
	defer cancel()
	select {
	case <-g.station.Tried():
	case <-ctx.Done():
	}
}

// fold makes the programmes of a channel out of so many plays at most. A channel that is
// off air has none.
func (g *guides) fold(c *guide.Channel, hour time.Time, left int) []guide.Programme {
	begin := hour.Add(-c.CatchUp)
	plays, err := g.station.Programmes(c.ID, begin.Add(-guideMargin).Truncate(24*time.Hour), hour.Add(g.ahead()))
	if err != nil {
		return nil
	}
	return c.Fold(func(yield func(guide.Programme) bool) {
		for p := range plays {
			if left--; left < 0 || !yield(programmeOf(c, &p)) {
				return
			}
		}
	}, begin)
}

func programmeOf(c *guide.Channel, p *onair.Play) guide.Programme {
	return guide.Programme{
		Start: p.Start, End: p.End, Title: cmp.Or(p.Title, c.Title, c.ID), Subtitle: p.Subtitle, Desc: p.Desc, Category: p.Category,
		Episode: p.Episode, Date: p.Date, Icon: p.Icon, Filler: p.Filler || p.Break != nil, Joined: p.Joined,
	}
}

// Header values of guides.
var (
	mimeM3U   = []string{"audio/x-mpegurl; charset=utf-8"}
	mimeXMLTV = []string{"application/xml; charset=utf-8"}
	guideAge  = []string{"public, max-age=300"}
)

// isGuide reports whether an address belongs to the guide.
func (s *Server) isGuide(r *http.Request) bool {
	return s.guides != nil && (r.URL.Path == guideList || r.URL.Path == guideTimes)
}

func (s *Server) serveGuide(w *recorder, r *http.Request) error {
	w.giveTime(s.config.Timeout)
	s.guides.awaitChannels(r.Context())
	if r.URL.Path == guideList {
		return clientGone(s.guides.newestList().Write(w, r, mimeM3U, guideAge))
	}
	return clientGone(s.guides.programmes(s.station.Now()).Write(w, r, mimeXMLTV, guideAge))
}
