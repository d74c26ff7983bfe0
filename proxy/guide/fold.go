package guide

import (
	"cmp"
	"iter"
	"time"
)

const (
	least     = 2 * time.Minute  // of a programme of its own
	mostPause = 10 * time.Minute // that belongs to the programme before
	most      = 2000             // of one channel
)

// Fold makes programmes of the plays of a channel, which are in their order and without
// gaps. Fillers and what is shorter than two minutes belong to the programme before;
// more than ten minutes of these in a row are one programme with the channel's title.
// Those that have ended by the beginning of the guide are left out. It takes no more
// plays than it needs for 2,000 programmes.
func (c *Channel) Fold(plays iter.Seq[Programme], begin time.Time) []Programme {
	f := folder{title: cmp.Or(c.Title, c.ID), begin: begin}
	for p := range plays {
		if p.Joined && !f.play.End.IsZero() {
			f.play.End = p.End
			continue
		}
		if f.add(f.play); len(f.all) > most {
			break
		}
		f.play = p
	}
	return f.end()
}

// folder has made programmes of some plays.
type folder struct {
	title   string
	begin   time.Time
	play    Programme   // the newest play: what comes may continue it; zero: there is none
	between Programme   // fillers and short plays behind the last programme; zero: none
	all     []Programme // one that has ended by the beginning is the only one
}

// add adds a play that nothing continues.
func (f *folder) add(p Programme) {
	switch {
	case p.End.IsZero():
	case !p.Filler && p.End.Sub(p.Start) >= least:
		f.close()
		f.push(p)
	case f.between.End.IsZero():
		f.between = Programme{Start: p.Start, End: p.End, Title: f.title}
	default:
		f.between.End = p.End
	}
}

// close adds what stands between two programmes.
func (f *folder) close() {
	pause, n := f.between, len(f.all)-1
	f.between = Programme{}
	switch {
	case pause.End.IsZero():
	case n >= 0 && pause.End.Sub(pause.Start) <= mostPause:
		f.all[n].End = pause.End
	default:
		f.push(pause)
	}
}

// push adds a programme. The one before has its end now.
func (f *folder) push(p Programme) {
	if n := len(f.all) - 1; n >= 0 && !f.all[n].End.After(f.begin) {
		f.all = f.all[:n]
	}
	f.all = append(f.all, p)
}

// end is all that was made.
func (f *folder) end() []Programme {
	f.add(f.play)
	f.close()
	if len(f.all) > 0 && !f.all[0].End.After(f.begin) {
		f.all = f.all[1:]
	}
	return f.all[:min(len(f.all), most)]
}
