package proxy

import (
	"cmp"
	"encoding/hex"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"vod2live/playlist"
	"vod2live/playlist/mask"
)

// Streams are the loaded streams at an instant.
type Streams struct {
	Now      Instant        `json:"now"`
	Total    int            `json:"total"`    // that were searched for; this and the next three are of all these
	Viewers  float64        `json:"viewers"`  // about how many
	Origins  map[string]int `json:"origins"`  // how many streams of each have their VOD there
	Troubled int            `json:"troubled"` // how many have problems
	Streams  []Summary      `json:"streams"`  // the worst first, channels before others, then those used last; at most MaxListed
	OffAir   []OffAir       `json:"off_air"`  // channels that are not loaded
}

// MaxListed is how many streams are told of at once.
const MaxListed = 1000

// Summary is what is told of a stream in a list. No query that a viewer has
// sent is in it.
type Summary struct {
	ID         string  `json:"id"`
	Address    string  `json:"address"` // of viewers, without a query
	Mount      string  `json:"mount"`
	Channel    bool    `json:"channel"`
	Origin     string  `json:"origin"`
	VOD        string  `json:"vod"`       // its path beneath the origin
	HasQuery   bool    `json:"has_query"` // the address has one
	Renditions int     `json:"renditions"`
	Length     Seconds `json:"length_seconds"` // of one loop
	Target     Seconds `json:"target_duration_seconds"`
	Window     Seconds `json:"window_seconds"`
	Epoch      Instant `json:"epoch"`
	Edge
	Era       int       `json:"era"`       // 0: as it was first loaded
	NextEra   Instant   `json:"next_era"`  // when a changed VOD takes over; null: none has come
	Viewers   float64   `json:"viewers"`   // about how many, as polls of the last minute tell
	Bytes     int       `json:"bytes"`     // of memory
	Used      Instant   `json:"used"`      // when a viewer asked last; null: none has
	Confirmed Instant   `json:"confirmed"` // when the origin last had the VOD as it is loaded
	State     State     `json:"state"`
	Problems  []Problem `json:"problems"`
}

// Edge is where the reference rendition of a stream is at an instant.
type Edge struct {
	BeginsIn              Seconds `json:"begins_in_seconds"` // 0: it is on air
	Loop                  int64   `json:"loop"`              // at the live edge
	MediaSequence         int64   `json:"media_sequence"`    // of the newest segment
	DiscontinuitySequence int64   `json:"discontinuity_sequence"`
	LiveEdge              Instant `json:"live_edge"` // where the newest segment ends
	NextChange            Instant `json:"next_change"`
	NextLoop              Instant `json:"next_loop"` // when the next loop point comes to the live edge
}

// State of a stream.
type State string

// The states.
const (
	StateOK      State = "ok"
	StateStale   State = "stale"   // the origin failed when it was asked last: the stream plays on
	StateGone    State = "gone"    // the origin says that the VOD is gone: the stream ends in a while
	StateChanged State = "changed" // the origin has another VOD, which was not taken over
)

// Streams tells of the loaded streams that a search finds. It disturbs nothing:
// neither which are kept nor when the origin is asked.
func (s *Server) Streams(search string) Streams {
	now := s.clock.Now()
	list := Streams{Now: Instant(now), Origins: map[string]int{}, Streams: []Summary{}, OffAir: s.offAir()}
	byTrouble := make([][]*stream, wellRank+1)
	words := strings.Fields(strings.ToLower(search))
	for _, st := range s.store.all() {
		problems := s.problems(st, Warning)
		if !s.matches(st, problems, words) {
			continue
		}
		list.add(s.mounts[st.key.mount].origin.Name, st.viewing.estimate(s.config.Now()), problems)
		rank := troubleRank(problems)
		byTrouble[rank] = append(byTrouble[rank], st)
	}
	list.Viewers = math.Round(10*list.Viewers) / 10 // as each estimate is
	for _, st := range slices.Concat(byTrouble...)[:min(list.Total, MaxListed)] {
		list.Streams = append(list.Streams, s.summary(st, now, Warning))
	}
	return list
}

// add counts a stream.
func (l *Streams) add(origin string, viewers float64, problems []Problem) {
	l.Total++
	l.Viewers += viewers
	l.Origins[origin]++
	if len(problems) > 0 {
		l.Troubled++
	}
}

// wellRank is the troubleRank of a stream without problems.
const wellRank = 3

// troubleRank puts streams into the order in which they are told of. An origin
// that fails is told by itself, so that problems of the streams' own come before.
func troubleRank(problems []Problem) int {
	rank := wellRank
	for _, p := range problems {
		switch {
		case p.Severity == Error:
			return 0
		case p.Code == CodeOriginFails:
			rank = min(rank, 2)
		default:
			rank = min(rank, 1)
		}
	}
	return rank
}

// matches says whether all words, which are in lower case, are in what is told of
// a stream: its address and its VOD, escaped as well as not, its origin and its
// problems.
func (s *Server) matches(st *stream, problems []Problem, words []string) bool {
	if len(words) == 0 {
		return true
	}
	m := s.mounts[st.key.mount]
	told := []string{m.origin.Name}
	for _, address := range []string{st.key.address(), m.vod(st.key.path)} {
		plain, _ := url.PathUnescape(address)
		told = append(told, address, plain)
	}
	for _, p := range problems {
		told = append(told, p.Code)
	}
	text := strings.ToLower(strings.Join(told, " "))
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
}

// all are the loaded streams: channels by name, then those used last.
func (s *store) all() []*stream {
	s.mu.Lock()
	var channels []*stream
	for _, st := range s.pinned {
		if st != nil {
			channels = append(channels, st)
		}
	}
	others := s.streams.Values() // that leaves their order as it is
	s.mu.Unlock()
	slices.SortFunc(channels, func(a, b *stream) int { return cmp.Compare(a.key.mount, b.key.mount) })
	slices.Reverse(others)
	return append(channels, others...)
}

// find is the loaded stream of an id, nil if there is none.
func (s *Server) find(id string) *stream {
	for _, st := range s.store.all() {
		if st.key.id() == id {
			return st
		}
	}
	return nil
}

// id stands for a key where its query must not be shown.
func (k key) id() string {
	d := k.digest()
	return hex.EncodeToString(d[:8])
}

// maxAddress is how much of an address is told.
const maxAddress = 2048

// address is that of viewers, without the query.
func (k key) address() string {
	address := "/" + k.mount + "/" + k.path
	return mask.Shorten(address, maxAddress)
}

// summary tells of a stream what it says at an instant, with problems of a
// severity and above.
func (s *Server) summary(st *stream, at time.Time, least Severity) Summary {
	m, live := s.mounts[st.key.mount], st.at(at).live
	v := live.VOD
	path := m.vod(st.key.path)
	return Summary{
		ID: st.key.id(), Address: st.key.address(), Mount: st.key.mount, Channel: m.channel != "",
		Origin: m.origin.Name, VOD: mask.Shorten(path, maxAddress), HasQuery: st.key.query != "",
		Renditions: live.Renditions(),
		Length:     Seconds(v.Length), Target: Seconds(v.TargetDuration), Window: Seconds(v.Window), Epoch: Instant(live.Begins()),
		Edge: edge(live, at),
		Era:  live.Era, NextEra: st.next(at),
		Viewers: st.viewing.estimate(s.config.Now()), Bytes: st.bytes(),
		Used: instantOf(st.usedAt.Load()), Confirmed: instantOf(st.confirmedAt.Load()),
		State: s.state(st), Problems: s.problems(st, least),
	}
}

// next is when a newer version takes over; zero if none has come.
func (st *stream) next(at time.Time) Instant {
	if begins := st.newest.Load().live.Begins(); st.newest.Load().live.Era > 0 && at.Before(begins) {
		return Instant(begins)
	}
	return Instant{}
}

func edge(live *playlist.Live, at time.Time) Edge {
	line, n, begins := live.Timeline, live.VOD.Reference, live.Begins()
	w, err := line.Window(n, at)
	if err != nil {
		return Edge{
			BeginsIn: Seconds(line.Ready().Sub(at)),
			LiveEdge: Instant(begins), NextChange: Instant(line.Ready()), NextLoop: Instant(begins.Add(live.VOD.Length)),
		}
	}
	newest := line.Run(n, w.End-1)
	return Edge{
		Loop: newest.Turn, MediaSequence: newest.First, DiscontinuitySequence: newest.DiscontinuitySequence(n, newest.From),
		LiveEdge:   Instant(newest.Start(n, newest.From+1)),
		NextChange: Instant(w.Next), NextLoop: Instant(begins.Add((at.Sub(begins)/live.VOD.Length + 1) * live.VOD.Length)),
	}
}

func (s *Server) state(st *stream) State {
	switch {
	case st.goneAt.Load() != 0:
		return StateGone
	case st.cut.Load(), s.mounts[st.key.mount].origin.Failing():
		return StateStale
	case st.refused.Load(), st.unsettled.Load():
		return StateChanged
	}
	return StateOK
}
