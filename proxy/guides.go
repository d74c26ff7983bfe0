package proxy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"sync"
	"time"

	"go.uber.org/zap"

	"vod2live/proxy/answer"
	"vod2live/proxy/guide"
	"vod2live/proxy/onair"
)

// Guide is what viewers are told of channels: a list of them, and what plays on them.
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

// guides makes the guide of a configuration, once per change for all who ask.
type guides struct {
	Guide
	station *onair.Station
	log     *zap.Logger
	most    int // bytes of a guide
	list    *answer.Answer

	mu       sync.Mutex // guards all below: one guide is made at a time
	hour     time.Time  // that it was made for
	versions onair.Versions
	times    *answer.Answer
}

const (
	// guideShare is the share of the memory for streams that a guide may take.
	guideShare = 16
	// guidePlays is how many plays of a channel are looked at.
	guidePlays = 20_000
	// guideMargin is how long before its beginning a guide is folded, so that it does not
	// depend on where it begins.
	guideMargin = 24 * time.Hour
)

func newGuides(c *Config, s *onair.Station) *guides {
	if c.Guide == nil {
		return nil
	}
	g := &guides{Guide: *c.Guide, station: s, log: c.Log, most: int(c.CacheBytes / guideShare)}
	g.list = answerOf(guide.AppendM3U(nil, g.Address+guideTimes, g.channels()))
	return g
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
// for the whole hour, unless a channel changes.
func (g *guides) programmes(now time.Time) *answer.Answer {
	g.mu.Lock()
	defer g.mu.Unlock()
	hour, versions := now.UTC().Truncate(time.Hour), g.station.Versions()
	if g.times != nil && g.hour.Equal(hour) && g.versions.Equal(versions) {
		return g.times
	}
	all := g.channels()
	for n := range all {
		g.fill(&all[n], hour)
	}
	text, cut := guide.AppendXMLTV(nil, all, g.most)
	if cut > 0 {
		g.log.Warn("the guide is cut: it has no room for programmes far ahead", zap.Int("programmes", cut), zap.Int("bytes", g.most))
	}
	g.times, g.hour, g.versions = answerOf(text), hour, versions
	return g.times
}

// fill gives a channel its programmes. One that is off air has none.
func (g *guides) fill(c *guide.Channel, hour time.Time) {
	begin := hour.Add(-c.CatchUp)
	plays, err := g.station.Plays(c.ID, begin.Add(-guideMargin).Truncate(24*time.Hour), hour.Add(g.ahead()), guidePlays)
	if err != nil {
		return
	}
	var all []guide.Programme
	for _, p := range plays {
		if n := len(all) - 1; n >= 0 && p.Joined {
			all[n].End = p.End // the breaks inside an item are part of its programme
			continue
		}
		all = append(all, guide.Programme{
			Start: p.Start, End: p.End, Title: cmp.Or(p.Title, c.Title, c.ID), Subtitle: p.Subtitle, Desc: p.Desc,
			Category: p.Category, Episode: p.Episode, Date: p.Date, Icon: p.Icon, Filler: p.Filler || p.Break != nil,
		})
	}
	c.Fold(all, begin)
}

// Header values of guides.
var (
	mimeM3U   = []string{"audio/x-mpegurl; charset=utf-8"}
	mimeXMLTV = []string{"application/xml; charset=utf-8"}
	guideAge  = []string{"public, max-age=300"}
)

// isGuide says whether an address is one of the guide's.
func (s *Server) isGuide(r *http.Request) bool {
	return s.guides != nil && (r.URL.Path == guideList || r.URL.Path == guideTimes)
}

func (s *Server) serveGuide(w *recorder, r *http.Request) error {
	if r.URL.Path == guideList {
		return clientGone(s.guides.list.Write(w, r, mimeM3U, guideAge))
	}
	w.giveTime(s.config.Timeout)
	return clientGone(s.guides.programmes(s.station.Now()).Write(w, r, mimeXMLTV, guideAge))
}
