// Package timeshift reads the names in a playlist address's query that select a part
// of a stream: start, end, dvr, delay, and the directive _HLS_skip. It is pure.
//
// What it returns can be compared: equal views have equal playlists, so a view is a
// cache key.
package timeshift

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"vod2live/loop"
)

// The codes of views that are rejected.
const (
	CodeBadTime  = "bad-time"  // an instant or a duration can't be read, or names exclude each other
	CodeTooOld   = "too-old"   // before the stream, or farther back than addresses may go
	CodeInFuture = "in-future" // the interval has not begun
	CodeAfterEnd = "after-end" // the interval begins when the stream has ended
	CodeTooShort = "too-short"
	CodeTooLong  = "too-long"
)

// Error is why a query selects nothing.
type Error struct{ Code, Detail string }

func (e *Error) Error() string { return e.Detail }

func reject(code, format string, args ...any) *Error {
	return &Error{code, fmt.Sprintf(format, args...)}
}

// View is what a query selects of a stream. The zero value is the live stream.
type View struct {
	loop.View
	Skip bool // _HLS_skip: a delta update, if there is one
	// Relative: the instant was given relative to now, floored to Round: the answer
	// may be kept for Round.
	Relative bool
}

// Round is the unit that relative instants and delays are rounded to.
const Round = 10 * time.Second

// Bounds of the values in a query. A duration of 15 days is above every setting; each
// rendition's address repeats the instant that an interval ends with.
const (
	mostDigits   = 11
	mostInstant  = len("2026-11-22T20:00:00.000000000+01:00")
	mostDuration = 15 * 24 * time.Hour
)

// names are ours in the query of a playlist's address.
var names = []string{"start", "end", "dvr", "delay", "utc", "lutc"}

// Split splits a query into ours and what belongs to the origin. Names that the
// origin's own list has are the origin's, except for the directives (_HLS_…).
func Split(query string, origins []string) (ours, rest string) {
	if query == "" {
		return "", ""
	}
	isOurs := func(pair string) bool {
		name := nameOf(pair)
		return strings.HasPrefix(name, "_HLS_") || slices.Contains(names, name) && !slices.Contains(origins, name)
	}
	some, all := false, true
	for pair := range strings.SplitSeq(query, "&") {
		is := isOurs(pair)
		some, all = some || is, all && is
	}
	switch {
	case all:
		return query, ""
	case !some:
		return "", query
	}
	var mine, theirs []string
	for pair := range strings.SplitSeq(query, "&") {
		if isOurs(pair) {
			mine = append(mine, pair)
		} else {
			theirs = append(theirs, pair)
		}
	}
	return strings.Join(mine, "&"), strings.Join(theirs, "&")
}

func nameOf(pair string) string {
	name, _, _ := strings.Cut(pair, "=")
	if plain, err := url.QueryUnescape(name); err == nil {
		return plain
	}
	return name
}

// Parse reads our part of a query, see [Split], at an instant. relative allows
// instants before now, as on a multivariant playlist. The error is an *Error. The
// stream's bounds are checked by [View.Check].
func Parse(ours string, relative bool, now time.Time) (View, error) {
	if ours == "" {
		return View{}, nil
	}
	given, err := valuesOf(ours)
	if err != nil {
		return View{}, err
	}
	r := reader{given: given, relative: relative, now: now}
	r.read()
	if r.err != nil {
		return View{}, r.err
	}
	return r.view, nil
}

// valuesOf are the values by name, each name once. utc is start where that is absent.
func valuesOf(ours string) (map[string]string, error) {
	given := map[string]string{}
	for pair := range strings.SplitSeq(ours, "&") {
		_, value, _ := strings.Cut(pair, "=")
		name := nameOf(pair)
		if strings.HasPrefix(name, "_HLS_") && name != "_HLS_skip" || name == "lutc" {
			continue
		}
		plain, err := url.QueryUnescape(value)
		if err != nil {
			return nil, reject(CodeBadTime, "%s has a malformed escape", name)
		}
		if _, twice := given[name]; twice {
			return nil, reject(CodeBadTime, "%s is given twice", name)
		}
		given[name] = plain
	}
	if utc, has := given["utc"]; has && !hasName(given, "start") {
		given["start"] = utc
	}
	delete(given, "utc")
	return given, nil
}

func hasName(given map[string]string, name string) bool { _, has := given[name]; return has }

// reader reads the values of one query; after an error it does nothing.
type reader struct {
	given    map[string]string
	relative bool
	now      time.Time
	view     View
	err      error
}

func (r *reader) read() {
	interval, rolling := hasName(r.given, "start") || hasName(r.given, "end"), hasName(r.given, "dvr") || hasName(r.given, "delay")
	switch {
	case interval && rolling:
		r.err = reject(CodeBadTime, "start and end exclude dvr and delay")
	case interval && !hasName(r.given, "start"):
		r.err = reject(CodeBadTime, "end needs start")
	}
	r.view.From, r.view.To = r.instant("start"), r.instant("end")
	r.view.Span = roundUp(r.duration("dvr"), time.Minute)
	r.view.Delay = roundUp(r.duration("delay"), Round)
	if skip := r.given["_HLS_skip"]; skip == "YES" || skip == "v2" {
		r.view.Skip = true
	}
}

func roundUp(d, unit time.Duration) time.Duration { return (d + unit - 1) / unit * unit }

// instant reads RFC 3339, Unix seconds, or -2h.
func (r *reader) instant(name string) time.Time {
	text, has := r.given[name]
	if !has || r.err != nil {
		return time.Time{}
	}
	if before, is := strings.CutPrefix(text, "-"); is && r.relative {
		r.view.Relative = true
		return r.now.Add(-r.length(name, before)).UTC().Truncate(Round)
	}
	at, ok := parseInstant(text)
	if !ok {
		r.err = reject(CodeBadTime, "%s is neither an instant such as 2026-11-22T20:00:00Z nor Unix seconds nor, on a multivariant playlist, a duration before now such as -2h", name)
	}
	return at
}

// parseInstant reads RFC 3339, where a blank is a +, or Unix seconds with at most
// nine decimals.
func parseInstant(text string) (time.Time, bool) {
	if len(text) > mostInstant {
		return time.Time{}, false
	}
	if at, err := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+")); err == nil {
		return at.UTC(), at.Unix() >= 0 && at.Unix() < mostSeconds
	}
	whole, decimals, has := strings.Cut(text, ".")
	if !digits(whole, mostDigits) || has && !digits(decimals, 9) {
		return time.Time{}, false
	}
	seconds, _ := strconv.ParseInt(whole, 10, 64)
	nanos, _ := strconv.ParseInt((decimals + "000000000")[:9], 10, 64)
	return time.Unix(seconds, nanos).UTC(), seconds < mostSeconds
}

// mostSeconds is about the year 2200: instants count in nanoseconds.
const mostSeconds = 7_258_118_400

// digits reports whether a text is 1 to most decimal digits.
func digits(text string, most int) bool {
	return text != "" && len(text) <= most && strings.Trim(text, "0123456789") == ""
}

func (r *reader) duration(name string) time.Duration {
	text, has := r.given[name]
	if !has || r.err != nil {
		return 0
	}
	d := r.length(name, text)
	if r.err == nil && d <= 0 {
		r.err = reject(CodeBadTime, "%s is not above 0", name)
	}
	return d
}

// length reads a duration such as 2h or 90m, or seconds. One beyond every setting is
// the longest that can be written.
func (r *reader) length(name, text string) time.Duration {
	if digits(text, mostDigits) {
		seconds, _ := strconv.ParseInt(text, 10, 64)
		return min(time.Duration(min(seconds, int64(mostDuration/time.Second)))*time.Second, mostDuration)
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || strings.HasPrefix(text, "+") {
		r.err = reject(CodeBadTime, "%s is neither a duration such as 2h nor seconds", name)
	}
	return min(d, mostDuration)
}
