package admin

import (
	"time"

	"vod2live/playlist"
	"vod2live/proxy/onair"
	"vod2live/proxy/problem"
	"vod2live/proxy/wire"
)

// Summary is a stream in a list. It contains no query of a viewer.
type Summary struct {
	ID         string       `json:"id"`
	Address    string       `json:"address"` // of viewers, without a query
	Mount      string       `json:"mount"`
	Channel    bool         `json:"channel"`
	Origin     string       `json:"origin"`
	VOD        string       `json:"vod"`       // its path below the origin
	HasQuery   bool         `json:"has_query"` // it was loaded with one
	Forms      int          `json:"forms"`     // queries of viewers that it answers, the bare address among them
	Texts      int          `json:"texts"`     // of its VOD, which differ in queries of addresses alone
	Renditions int          `json:"renditions"`
	Length     wire.Seconds `json:"length_seconds"` // of one loop; of a channel that plays lists, of the item on air
	Target     wire.Seconds `json:"target_duration_seconds"`
	Window     wire.Seconds `json:"window_seconds"`
	DVR        wire.Seconds `json:"dvr_seconds"` // how far back addresses may go; 0: they may not
	Epoch      wire.Instant `json:"epoch"`
	Edge
	Era       int               `json:"era"`       // 0: as first loaded, or a channel with several items
	NextEra   wire.Instant      `json:"next_era"`  // when a changed VOD takes over; null: none is known
	Viewers   float64           `json:"viewers"`   // approximate, by the requests of the last minute
	Bytes     int               `json:"bytes"`     // of memory
	Used      wire.Instant      `json:"used"`      // last viewer request; null: none
	Confirmed wire.Instant      `json:"confirmed"` // when the origin last confirmed the loaded VOD; null: a channel with several items, whose VODs are confirmed one by one
	State     onair.State       `json:"state"`
	Problems  []problem.Problem `json:"problems"`
}

// Edge is where the reference rendition of a stream is at an instant.
type Edge struct {
	BeginsIn              wire.Seconds `json:"begins_in_seconds"` // 0: it is on air
	Loop                  int64        `json:"loop"`              // at the live edge
	MediaSequence         int64        `json:"media_sequence"`    // of the newest segment
	DiscontinuitySequence int64        `json:"discontinuity_sequence"`
	LiveEdge              wire.Instant `json:"live_edge"` // where the newest segment ends
	NextChange            wire.Instant `json:"next_change"`
	NextLoop              wire.Instant `json:"next_loop"` // when the next loop, or item of a channel, begins; null: the channel has ended
}

// summary is the state of a stream at an instant.
func summary(one *onair.Snapshot) Summary {
	live := one.Live
	v := live.VOD
	length, next := onAir(live, one.At)
	return Summary{
		ID: one.ID, Address: one.Address, Mount: one.Mount, Channel: one.Channel,
		Origin: one.Origin, VOD: one.VOD, HasQuery: one.HasQuery, Forms: one.Forms, Texts: one.Texts,
		Renditions: live.Renditions(),
		Length:     wire.Seconds(length), Target: wire.Seconds(v.TargetDuration), Window: wire.Seconds(v.Window), DVR: wire.Seconds(one.DVR), Epoch: wire.Instant(live.Begins()),
		Edge: edge(live, one.At, next),
		Era:  takenOver(one), NextEra: wire.Instant(one.Next),
		Viewers: one.Viewers, Bytes: one.Bytes,
		Used: wire.Instant(one.Used), Confirmed: wire.Instant(one.Confirmed),
		State: one.State, Problems: append([]problem.Problem{}, one.Problems...), // null is no list
	}
}

// takenOver is the number of changed VODs that have taken over. A channel with several
// items, which is never confirmed as a whole, has versions of its items instead.
func takenOver(one *onair.Snapshot) int {
	if one.Confirmed.IsZero() {
		return 0
	}
	return one.Live.Era
}

// onAir is the length of the loop, or item of a channel, that is on air, and the start
// of the next one; zero: there is none.
func onAir(live *playlist.Live, at time.Time) (length time.Duration, next time.Time) {
	for on := range live.Timeline.Plays(at) {
		return on.End.Sub(on.Start), on.End
	}
	return live.VOD.Length, time.Time{}
}

func edge(live *playlist.Live, at, next time.Time) Edge {
	line, n, begins := live.Timeline, live.VOD.Reference, live.Begins()
	w, err := line.Window(n, at)
	if err != nil {
		return Edge{
			BeginsIn: wire.Seconds(line.Ready().Sub(at)),
			LiveEdge: wire.Instant(begins), NextChange: wire.Instant(line.Ready()), NextLoop: wire.Instant(next),
		}
	}
	newest := line.Run(n, w.End-1)
	return Edge{
		Loop: newest.Turn, MediaSequence: newest.First, DiscontinuitySequence: newest.DiscontinuitySequence(n, newest.From),
		LiveEdge:   wire.Instant(newest.Start(n, newest.From+1)),
		NextChange: wire.Instant(w.Next), NextLoop: wire.Instant(next),
	}
}
