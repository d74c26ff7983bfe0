package admin

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"vod2live/proxy/codes"
	"vod2live/proxy/failure"
	"vod2live/proxy/onair"
	"vod2live/proxy/problem"
	"vod2live/proxy/wire"
)

// Streams are the loaded streams at an instant.
type Streams struct {
	Now      wire.Instant    `json:"now"`
	Total    int             `json:"total"`    // that were searched for; this and the next three are of all these
	Viewers  float64         `json:"viewers"`  // about how many
	Origins  map[string]int  `json:"origins"`  // how many streams of each have their VOD there
	Troubled int             `json:"troubled"` // how many have problems
	Streams  []Summary       `json:"streams"`  // the worst first, channels before others, then those used last; at most MaxListed
	OffAir   []OffAirChannel `json:"off_air"`  // channels that are not loaded
}

// MaxListed is the maximum number of listed streams.
const MaxListed = 1000

// OffAirChannel is a channel that is not loaded, so that its viewers get an error. It
// is tried again and again.
type OffAirChannel struct {
	ID      string       `json:"id"` // as of its Summary, once it is loaded
	Channel string       `json:"channel"`
	Address string       `json:"address"` // of viewers
	Lists   bool         `json:"lists"`   // it plays lists of VODs
	Origin  string       `json:"origin"`  // of the next; if that is empty, of its schedule object or its model
	VOD     string       `json:"vod"`     // path of its VOD below the origin; of a channel of lists, of the item that can't be played; empty: no single one
	Since   wire.Instant `json:"since"`   // when the first attempt failed; null: it is under way
	Code    string       `json:"code"`    // of the last attempt that reached the origin; loading: the first is under way
	Error   string       `json:"error"`   // of the same; empty: the first is under way
	Cause   string       `json:"cause"`   // the same without the address that was requested
	Advice  string       `json:"advice"`  // what to do
	Link    string       `json:"link"`    // to the code's description
}

func newOffAir(channels []onair.OffAir) []OffAirChannel {
	all := []OffAirChannel{}
	for _, off := range channels {
		fails, _ := off.Fails()
		told := OffAirChannel{ID: off.ID, Channel: off.Channel.Name, Address: off.Address, Lists: off.Channel.Lists(), Origin: cmp.Or(fails.Mount, off.Channel.Origin), VOD: fails.Path, Since: wire.Instant(off.Since), Code: failure.CodeLoading}
		if off.Err != nil {
			_, told.Code, told.Error = failure.Explain(off.Err)
			told.Cause, told.Advice = failure.Cause(off.Err), codes.Of(told.Code).Remedy
		}
		told.Link = codes.Link(told.Code)
		all = append(all, told)
	}
	return all
}

// NewStreams lists the loaded streams that match a search.
func NewStreams(now time.Time, all []onair.Snapshot, off []onair.OffAir, search string) Streams {
	list := Streams{Now: wire.Instant(now), Origins: map[string]int{}, Streams: []Summary{}, OffAir: newOffAir(off)}
	byTrouble := make([][]*onair.Snapshot, wellRank+1)
	words := strings.Fields(strings.ToLower(search))
	for i := range all {
		one := &all[i]
		one.Problems = worse(one.Problems, problem.Warning)
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
func (l *Streams) add(one *onair.Snapshot) {
	l.Total++
	l.Viewers += one.Viewers
	l.Origins[one.Origin]++
	if len(one.Problems) > 0 {
		l.Troubled++
	}
}

// worse are the problems of a severity and above.
func worse(all []problem.Problem, least problem.Severity) []problem.Problem {
	some := []problem.Problem{}
	for _, p := range all {
		if p.Severity.Rank() <= least.Rank() {
			some = append(some, p)
		}
	}
	return some
}

// wellRank is the troubleRank of a stream without problems.
const wellRank = 3

// troubleRank is the order of the list. A failing origin is a trouble of its own,
// so streams with problems of their own come first.
func troubleRank(problems []problem.Problem) int {
	rank := wellRank
	for _, p := range problems {
		switch {
		case p.Severity == problem.Error:
			return 0
		case p.Code == failure.CodeOriginFails:
			rank = min(rank, 2)
		default:
			rank = min(rank, 1)
		}
	}
	return rank
}

// matches reports whether all words, in lower case, are in the stream's address
// or VOD (escaped or not), its origin or its problem codes.
func matches(one *onair.Snapshot, words []string) bool {
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
