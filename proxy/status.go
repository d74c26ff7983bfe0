package proxy

import (
	"math"
	"net/url"
	"slices"
	"strings"
)

// Streams are the loaded streams at an instant.
type Streams struct {
	Now      Instant         `json:"now"`
	Total    int             `json:"total"`    // that were searched for; this and the next three are of all these
	Viewers  float64         `json:"viewers"`  // about how many
	Origins  map[string]int  `json:"origins"`  // how many streams of each have their VOD there
	Troubled int             `json:"troubled"` // how many have problems
	Streams  []Summary       `json:"streams"`  // the worst first, channels before others, then those used last; at most MaxListed
	OffAir   []OffAirChannel `json:"off_air"`  // channels that are not loaded
}

// MaxListed is how many streams are told of at once.
const MaxListed = 1000

// OffAirChannel is a channel that is not loaded, so that its viewers get an error. It
// is tried again and again.
type OffAirChannel struct {
	Channel string `json:"channel"`
	Address string `json:"address"` // of viewers
	Origin  string `json:"origin"`
	VOD     string `json:"vod"`   // its path beneath the origin
	Code    string `json:"code"`  // of the last attempt; loading: the first is under way
	Error   string `json:"error"` // of the same; empty: the first is under way
}

func offAir(s *Station) []OffAirChannel {
	all := []OffAirChannel{}
	for _, off := range s.OffAir() {
		told := OffAirChannel{Channel: off.Channel.Name, Address: off.Address, Origin: off.Channel.Origin, VOD: off.Channel.Path, Code: CodeLoading}
		if off.Err != nil {
			_, told.Code, told.Error = Explain(off.Err)
		}
		all = append(all, told)
	}
	return all
}

// ListStreams tells of the loaded streams that a search finds.
func ListStreams(s *Station, search string) Streams {
	list := Streams{Now: Instant(s.Now()), Origins: map[string]int{}, Streams: []Summary{}, OffAir: offAir(s)}
	byTrouble := make([][]*Snapshot, wellRank+1)
	words := strings.Fields(strings.ToLower(search))
	all := s.Snapshots()
	for i := range all {
		one := &all[i]
		one.Problems = worse(one.Problems, Warning)
		if !matches(one, words) {
			continue
		}
		list.add(one)
		rank := troubleRank(one.Problems)
		byTrouble[rank] = append(byTrouble[rank], one)
	}
	list.Viewers = math.Round(10*list.Viewers) / 10 // as each estimate is
	for _, one := range slices.Concat(byTrouble...)[:min(list.Total, MaxListed)] {
		list.Streams = append(list.Streams, summary(one))
	}
	return list
}

// add counts a stream.
func (l *Streams) add(one *Snapshot) {
	l.Total++
	l.Viewers += one.Viewers
	l.Origins[one.Origin]++
	if len(one.Problems) > 0 {
		l.Troubled++
	}
}

// worse are the problems of a severity and above.
func worse(all []Problem, least Severity) []Problem {
	some := []Problem{}
	for _, p := range all {
		if p.Severity.Rank() <= least.Rank() {
			some = append(some, p)
		}
	}
	return some
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
func matches(one *Snapshot, words []string) bool {
	if len(words) == 0 {
		return true
	}
	told := []string{one.Origin}
	for _, address := range []string{one.Address, one.VOD} {
		plain, _ := url.PathUnescape(address)
		told = append(told, address, plain)
	}
	for _, p := range one.Problems {
		told = append(told, p.Code)
	}
	text := strings.ToLower(strings.Join(told, " "))
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
}
