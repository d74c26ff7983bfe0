package admin

import (
	"net/http"
	"time"

	"vod2live/proxy/onair"
	"vod2live/proxy/wire"
)

// Schedule is what a channel has played and will play.
type Schedule struct {
	Channel string       `json:"channel"`
	From    wire.Instant `json:"from"`
	To      wire.Instant `json:"to"`
	Plays   []Airing     `json:"plays"`
	Breaks  []BreakTime  `json:"breaks"` // until the last play ends, including marks without length
	More    bool         `json:"more"`   // there are more plays in this time: request those from the end of the last one
}

// Airing is a play with its numbers.
type Airing struct {
	Play
	Entry                 int     `json:"entry"`                  // which of its era's items, those of play first, then those of loop
	Filler                bool    `json:"filler"`                 // it is on the channel's filler list
	MediaSequence         []int64 `json:"media_sequence"`         // of its first segment, by rendition; -1: the rendition is left out
	DiscontinuitySequence int64   `json:"discontinuity_sequence"` // of the same
}

const (
	mostAirings   = 2000
	scheduleAhead = 24 * time.Hour // unless to is given
)

// schedule answers from the timeline that viewers' playlists are made of.
func (a *api) schedule(r *http.Request) (*Schedule, error) {
	from, err := instant(r, "from")
	if err != nil {
		return nil, err
	}
	to, err := instant(r, "to")
	if err != nil {
		return nil, err
	}
	s := a.Station()
	if from.IsZero() {
		from = s.Now()
	}
	if to.IsZero() {
		to = from.Add(scheduleAhead)
	}
	if most := s.Now().AddDate(100, 0, 0); !from.Before(to) || to.After(most) {
		return nil, &refusal{http.StatusBadRequest, "to is after from, and at most a hundred years ahead"}
	}
	name := r.URL.Query().Get("channel")
	all, err := s.Schedule(name, from, to, mostAirings)
	if err != nil {
		return nil, err
	}
	told := &Schedule{Channel: name, From: wire.Instant(from), To: wire.Instant(to), Plays: airings(all.Plays), Breaks: []BreakTime{}, More: all.More}
	for _, b := range all.Breaks {
		told.Breaks = append(told.Breaks, breakTime(b))
	}
	return told, nil
}

// airings returns plays with their numbers.
func airings(all []onair.Play) []Airing {
	told := make([]Airing, len(all))
	for n, p := range plays(all) {
		of := &all[n]
		told[n] = Airing{p, of.Entry, of.Filler, of.MediaSequence, of.DiscontinuitySequence}
	}
	return told
}
