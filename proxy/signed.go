package proxy

import (
	"bytes"
	"crypto/sha256"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"vod2live/playlist"
	"vod2live/proxy/panics"
)

// unsigned is the sum of a playlist without the values in queries of its URIs: equal
// for one that the origin signs anew at each request. It is that of the whole text
// where one path has several queries, which then tell resources apart.
func unsigned(body []byte, whole [sha256.Size]byte) [sha256.Size]byte {
	h := sha256.New()
	queries := map[string]string{} // by path
	for line := range bytes.Lines(body) {
		for len(line) > 0 {
			before, uri, after := cutURI(line)
			path, query, _ := strings.Cut(uri, "?")
			if other, known := queries[path]; known && other != query {
				return whole
			}
			if uri != "" {
				queries[path] = query
			}
			h.Write(before)
			h.Write([]byte(path + "?" + names(query)))
			line = after
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// cutURI cuts a line around its first URI: the line itself, or an attribute.
func cutURI(line []byte) (before []byte, uri string, after []byte) {
	if line[0] != '#' && line[0] != '"' {
		return nil, string(bytes.TrimSpace(line)), nil
	}
	const attribute = `URI="`
	i := bytes.Index(line, []byte(attribute))
	if i < 0 {
		return line, "", nil
	}
	i += len(attribute)
	n := bytes.IndexByte(line[i:], '"')
	if n < 0 {
		return line, "", nil
	}
	return line[:i], string(line[i : i+n]), line[i+n:]
}

// names are the parameters of a query without their values.
func names(query string) string {
	parameters := strings.Split(query, "&")
	for i, p := range parameters {
		parameters[i], _, _ = strings.Cut(p, "=")
	}
	return strings.Join(parameters, "&")
}

// mayBeSigned reports whether any URI of the VOD has a query.
func (v *vod) mayBeSigned() bool {
	for _, src := range v.sources {
		if src.queries {
			return true
		}
	}
	return false
}

// signedAnew reports whether a VOD differs from the one that is loaded in values of
// queries alone, if at all.
func (v *vod) signedAnew(st *stream) bool {
	if len(v.sources) != len(st.sources) || !v.mayBeSigned() {
		return false
	}
	for i, src := range v.sources {
		was := st.sources[i]
		if src.leftOut != was.leftOut || src.leftOut == "" && src.unsigned != was.unsigned {
			return false
		}
	}
	return true
}

// outdated are addresses that were listed until the VOD was signed anew: viewers
// may have them for a while.
type outdated struct {
	until  time.Time
	listed []uint64
}

// renew takes over the addresses of a VOD that was signed anew. No era begins.
func (s *Server) renew(st *stream, v *vod, log *zap.Logger) (err error) {
	defer panics.Catch(&err)
	now, on := s.clock.Now(), st.newest.Load()
	e, err := s.newEra(st.key, v, func(a *addresses) (*playlist.Live, error) {
		return on.live.Readdress(v.multivariant, v.media, a, s.mounts[st.key.mount].options)
	})
	if err != nil {
		return err
	}
	st.settle(v, now)
	if e.live.Text == on.live.Text {
		st.renewed.stop()
		return nil
	}
	if st.renewed.begin() {
		log.Info("the origin signs the VOD's addresses anew: they are renewed while viewers watch")
	}
	e.earlier = on.earlier
	e.outdate(on, now)
	s.play(st, e.since(now))
	good, next := s.probe(st, v)
	st.renewed.learn(good, next, now, s.revalidateEvery(st.key))
	return nil
}

// outdate keeps the addresses listed that viewers may have from earlier looks.
func (e *era) outdate(before *era, now time.Time) {
	e.outdated = before.outdated
	if len(before.own) > 0 {
		e.outdated = append(slices.Clone(e.outdated), outdated{now.Add(neededFor), before.own})
	}
	e.list(now)
}

// list lists what viewers may have at an instant.
func (e *era) list(now time.Time) {
	still := slices.DeleteFunc(slices.Clone(e.outdated), func(old outdated) bool { return !old.until.After(now) })
	e.outdated, e.listed = still, slices.Clip(e.own)
	for _, old := range still {
		e.listed = append(e.listed, old.listed...)
	}
}

// probe asks the origin whether an address of an earlier look is still good, and
// returns an address of this one for the next time.
func (s *Server) probe(st *stream, v *vod) (good bool, next string) {
	for _, m := range v.media {
		if m.Refusal() != nil {
			continue
		}
		if address, err := m.Resolve(m.Segments[0].URI); err == nil {
			next = address.String()
			break
		}
	}
	address, err := url.Parse(st.renewed.address)
	if err != nil || st.renewed.address == "" {
		return false, next
	}
	header := http.Header{"Accept-Encoding": identityOnly, "Range": {"bytes=0-0"}}
	resp, err := s.mounts[st.key.mount].client.Do(s.context, http.MethodGet, address, header)
	if err != nil {
		return false, next
	}
	defer resp.Body.Close()
	return hasBody(resp.StatusCode), next
}
