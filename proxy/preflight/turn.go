package preflight

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// writeProgramme writes what is on air and what follows, until it repeats. Plays that come
// again and again, as those of filler do, are written once.
func (r *ChannelReport) writeProgramme(w io.Writer) {
	if len(r.Programme) == 0 {
		return
	}
	fmt.Fprintln(w, "\nOn air now, and next")
	for rest := r.Programme; len(rest) > 0; {
		n, plays := turn(rest)
		for _, p := range rest[:n] {
			p.write(w)
		}
		last := clock(rest[plays-1].End)
		switch rest = rest[plays:]; {
		case plays == n:
		case len(rest) == 0:
			fmt.Fprintf(w, "  and so on, at least until %s\n", last)
		default:
			fmt.Fprintf(w, "  the same %d times more, until %s\n", plays/n-1, last)
		}
	}
}

func (p ChannelPlay) write(w io.Writer) {
	title := p.Title
	if p.Break != "" {
		title = "break " + p.Break
	}
	line := fmt.Sprintf("  %s  %-9s %s  %s", clock(p.Start), p.length().Round(time.Millisecond), p.VOD, title)
	fmt.Fprintln(w, strings.TrimRight(line, " "))
}

// turn is how many plays there are before the same come again, and how many there are
// until they don't: to the last, or at least two whole turns more. Else it is one play.
func turn(all []ChannelPlay) (n, plays int) {
	for n = 1; 2*n <= len(all); n++ {
		for plays = n; plays < len(all) && all[plays].like(all[plays-n]); {
			plays++
		}
		switch whole := plays / n * n; {
		case plays == len(all):
			return n, plays
		case whole >= 3*n:
			return n, whole
		}
	}
	return 1, 1
}

func (p ChannelPlay) length() time.Duration { return time.Time(p.End).Sub(time.Time(p.Start)) }

func (p ChannelPlay) like(other ChannelPlay) bool {
	return p.VOD == other.VOD && (p.Break == "") == (other.Break == "") && p.Title == other.Title && p.length() == other.length()
}
