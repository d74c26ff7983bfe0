package proxy

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// announcements are all ranges of breaks that a stream has shown, by their ID.
type announcements map[string]*announcement

type announcement struct {
	lines      []string          // each once
	attributes map[string]string // of all of them
}

var attributeForm = regexp.MustCompile(`([A-Z0-9-]+)=("[^"]*"|[^,]*)`)

// hear notes ranges, whose attributes never change (4.4.5.1).
func (all announcements) hear(t failer, lines []string) {
	t.Helper()
	for _, line := range lines {
		found := attributeForm.FindAllStringSubmatch(line, -1)
		id := found[0][2]
		if all[id] == nil {
			all[id] = &announcement{attributes: map[string]string{}}
		}
		one := all[id]
		for _, a := range found {
			if was, known := one.attributes[a[1]]; known && was != a[2] {
				t.Fatalf("%s of %s was %s, and is %s", a[1], id, was, a[2])
			}
			one.attributes[a[1]] = a[2]
		}
		if !slices.Contains(one.lines, line) {
			one.lines = append(one.lines, line)
		}
	}
}

// start is the instant in its START-DATE.
func (a *announcement) start() time.Time {
	at, _ := time.Parse(`"2006-01-02T15:04:05.000Z"`, a.attributes["START-DATE"])
	return at
}

// end is when it ends, as its DURATION says.
func (a *announcement) end() time.Time {
	d, _ := time.ParseDuration(a.attributes["DURATION"] + "s")
	return a.start().Add(d)
}

// check holds that an answer has the ranges of all breaks that are on air in it, with
// their ends if it has these, and none that was never live.
func (all announcements) check(t failer, a question) {
	t.Helper()
	first, last := a.shown.first().start, a.shown.newest().end()
	for _, line := range a.shown.announced {
		id, _, _ := strings.Cut(strings.TrimPrefix(line, "ID="), ",")
		if all[id] == nil || !slices.Contains(all[id].lines, line) {
			t.Fatalf("%s at %s has %s, which was never live", a.path, a.at, line)
		}
	}
	for id, one := range all {
		if one.attributes["DURATION"] == "" || !one.start().Before(last.Add(-half)) || !one.end().After(first.Add(half)) {
			continue // or not of all renditions
		}
		ended := !one.end().After(last.Add(-half))
		for _, line := range one.lines {
			if in := strings.Contains(line, ",DURATION="); (!in || ended) && !slices.Contains(a.shown.announced, line) {
				t.Fatalf("%s at %s, from %s to %s, lacks %s of %s", a.path, a.at, first, last, line, id)
			}
		}
	}
}
