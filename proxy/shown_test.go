package proxy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// shown is a view with what its segments need: keys and init sections in force.
type shown struct {
	view
	states []string // by segment
	ranges []string // EXT-X-DATERANGE, wherever they stand
	before []int    // by segment: how many of the ranges stand before it

	announced []string // ranges of breaks and programmes
}

var announces = regexp.MustCompile(`^#EXT-X-DATERANGE:ID="[bp][0-9]+",`)

// readShown reads a playlist as a player does, a delta update on top of the one before.
func readShown(t failer, text string, last *shown) (s shown) {
	t.Helper()
	var rest []string
	state := map[string]string{}
	for line := range strings.Lines(text) {
		switch tag, value, _ := strings.Cut(strings.TrimSpace(line), ":"); {
		case value == "METHOD=NONE":
			delete(state, tag)
		case tag == "#EXT-X-KEY", tag == "#EXT-X-MAP":
			state[tag] = value
		case announces.MatchString(line):
			s.announced = append(s.announced, value)
		case tag == "#EXT-X-DATERANGE":
			s.ranges = append(s.ranges, value)
		case tag == "#EXT-X-I-FRAMES-ONLY":
		default:
			rest = append(rest, line)
			if line[0] != '#' {
				s.states, s.before = append(s.states, fmt.Sprint(state)), append(s.before, len(s.ranges))
			}
		}
	}
	var under *view
	if last != nil {
		under = &last.view
	}
	s.view = readView(t, strings.Join(rest, ""), under)
	if s.skipped > 0 {
		s.states = append(slices.Clone(last.states[s.sequence-last.sequence:][:s.skipped]), s.states...)
		s.before = nil // unknown of those skipped
	}
	return s
}
