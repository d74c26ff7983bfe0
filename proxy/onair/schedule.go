package onair

import (
	"slices"
	"time"

	"vod2live/loop"
)

// Schedule is what a channel plays between two instants.
type Schedule struct {
	Plays  []Play
	Breaks []loop.Aired // until the last play ends, also those in which nothing is played
	More   bool         // there are more plays: they begin when the last one ends
}

// schedule has at most this many plays, and breaks.
func (o *outlook) schedule(c *Channel, from, to time.Time, most int) *Schedule {
	s := &Schedule{Plays: o.plays(c, from, to, most+1)}
	s.cut(most)
	if s.end().Before(to) {
		to = s.end()
	}
	for b := range o.line.Breaks(from, to) {
		if s.Breaks = append(s.Breaks, b); len(s.Breaks) == most {
			break
		}
	}
	if len(s.Breaks) < most {
		return s
	}
	last := s.Breaks[most-1].End
	if n := slices.IndexFunc(s.Plays, func(p Play) bool { return p.End.After(last) }); n >= 0 {
		s.cut(max(n, 1))
	}
	s.Breaks = slices.DeleteFunc(s.Breaks, func(b loop.Aired) bool { return !b.Start.Before(s.end()) })
	return s
}

// cut leaves at most this many plays.
func (s *Schedule) cut(most int) {
	if len(s.Plays) > most {
		s.Plays, s.More = s.Plays[:most], true
	}
}

// end of the last play; zero: there is none.
func (s *Schedule) end() time.Time {
	if len(s.Plays) == 0 {
		return time.Time{}
	}
	return s.Plays[len(s.Plays)-1].End
}
