package timeshift

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// leastForDeltas is the span from which on a window offers deltas.
const leastForDeltas = 5 * time.Minute

// Deltas reports whether the view's playlists offer delta updates.
func (v View) Deltas() bool { return !v.From.IsZero() || v.Span >= leastForDeltas }

// Growing reports whether the view's playlists only grow (EVENT).
func (v View) Growing() bool { return !v.From.IsZero() }

// Query selects the same in the addresses of a multivariant playlist's renditions.
// from is where the interval begins, s_T; end stays as it was given in our part of
// the query.
func (v View) Query(ours string, from time.Time) string {
	var pairs []string
	if !v.From.IsZero() {
		pairs = append(pairs, fmt.Sprintf("start=%d.%09d", from.Unix(), from.Nanosecond()))
	}
	if end, given := value(ours, "end"); given && strings.HasPrefix(end, "-") {
		pairs = append(pairs, "end="+strconv.FormatInt(v.To.Unix(), 10))
	} else if given {
		pairs = append(pairs, "end="+url.QueryEscape(end))
	}
	if v.Span > 0 {
		pairs = append(pairs, "dvr="+strconv.Itoa(int(v.Span/time.Second)))
	}
	if v.Delay > 0 {
		pairs = append(pairs, "delay="+strconv.Itoa(int(v.Delay/time.Second)))
	}
	return strings.Join(pairs, "&")
}

// value is that of a name in a query that Parse has read.
func value(query, name string) (text string, given bool) {
	for pair := range strings.SplitSeq(query, "&") {
		if nameOf(pair) == name {
			_, text, _ = strings.Cut(pair, "=")
			text, _ = url.QueryUnescape(text)
			return text, true
		}
	}
	return "", false
}
