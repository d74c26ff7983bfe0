package webvtt

import (
	"slices"
	"strings"
	"time"
)

// sameness is what a cue has in common with its repetition in another file. Times are on the time line of the
// slice, in milliseconds.
type sameness struct {
	start, end        int64
	settings, payload string
}

// dropRepeated leaves out each cue that another file has brought already. Two equal cues of one file stay two.
func dropRepeated(shown []shownCue) []shownCue {
	if !slices.ContainsFunc(shown, func(c shownCue) bool { return c.file != shown[0].file }) {
		return shown
	}
	broughtBy := make(map[sameness]int, len(shown))
	slack := slackOf(shown)
	return slices.DeleteFunc(shown, func(c shownCue) bool {
		if c.broughtByAnother(broughtBy, slack) {
			return true
		}
		broughtBy[c.sameness()] = c.file
		return false
	})
}

// slackOf returns the milliseconds by which the times of two equal cues may differ: one, if a
// packager has rounded times that count from an MPEGTS value between two milliseconds.
func slackOf(shown []shownCue) int64 {
	if slices.ContainsFunc(shown, func(c shownCue) bool { return c.shift%time.Millisecond != 0 }) {
		return 1
	}
	return 0
}

// broughtByAnother reports whether another file has the cue, to within slack.
func (c *shownCue) broughtByAnother(broughtBy map[sameness]int, slack int64) bool {
	same := c.sameness()
	for start := same.start - slack; start <= same.start+slack; start++ {
		for end := same.end - slack; end <= same.end+slack; end++ {
			file, ok := broughtBy[sameness{start, end, same.settings, same.payload}]
			if ok && file != c.file {
				return true
			}
		}
	}
	return false
}

// sameness of the cue.
func (c *shownCue) sameness() sameness {
	return sameness{
		start:    milliseconds(c.start + c.shift),
		end:      milliseconds(c.ends + c.shift),
		settings: strings.Trim(c.timing[c.settings:], whitespace),
		payload:  shifted(c.payload, c.shift),
	}
}
