package webvtt

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	mapName = "X-TIMESTAMP-MAP"
	// ticks of the MPEG-2 clock come 90,000 to a second and start again after 2^33 of them, 26.5 hours.
	ticksPerSecond = 90_000
	wrap           = 1 << 33
	// back is how far a file's MPEGTS may lie before the first file's. Files come after the first one: what seems to lie
	// further back, 3.3 hours, is taken to have wrapped.
	back = wrap / 8
)

// timestampMap is an X-TIMESTAMP-MAP (RFC 8216 3.5): where in the MPEG-2 time line a time of the file is.
type timestampMap struct {
	mpegts int64 // ticks, modulo wrap
	local  time.Duration
}

// findTimestampMap reads the X-TIMESTAMP-MAP of a header; nil: there is none.
func findTimestampMap(header string) (*timestampMap, error) {
	var found *timestampMap
	for line := range strings.SplitSeq(header, "\n") {
		if !isTimestampMap(line) {
			continue
		}
		m, err := parseTimestampMap(line)
		if err != nil {
			return nil, err
		}
		if found != nil && *found != *m {
			return nil, fmt.Errorf("%w: two that differ", ErrTimestampMap)
		}
		found = m
	}
	return found, nil
}

// isTimestampMap reports whether a header line is meant as an X-TIMESTAMP-MAP.
func isTimestampMap(line string) bool {
	rest, ok := strings.CutPrefix(line, mapName)
	return ok && (rest == "" || strings.ContainsRune("=: \t", rune(rest[0])))
}

// parseTimestampMap reads a line X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000, its parts in any order.
func parseTimestampMap(line string) (*timestampMap, error) {
	value, ok := strings.CutPrefix(line, mapName+"=")
	if !ok {
		return nil, fmt.Errorf("%w: %.80q", ErrTimestampMap, line)
	}
	var m timestampMap
	locals, numbers := 0, 0
	for part := range strings.SplitSeq(value, ",") {
		name, text, _ := strings.Cut(strings.Trim(part, whitespace), ":")
		switch name {
		case "LOCAL":
			m.local, ok = parseLocal(text)
			locals++
		case "MPEGTS":
			m.mpegts, ok = parseTicks(text)
			numbers++
		}
		if !ok {
			break
		}
	}
	if !ok || locals != 1 || numbers != 1 {
		return nil, fmt.Errorf("%w: %.80q", ErrTimestampMap, line)
	}
	return &m, nil
}

// parseLocal reads the cue time of a map.
func parseLocal(s string) (time.Duration, bool) {
	t, rest, ok := parseTimestamp(s)
	return t, ok && rest == ""
}

// parseTicks reads the MPEG-2 time of a map. Some packagers write it without the wrap.
func parseTicks(s string) (int64, bool) {
	n, err := strconv.ParseUint(s, 10, 63)
	return int64(n % wrap), err == nil
}

// shift is what to add to the times of f to have them on the time line of first. A file without a map is on that time
// line already; a first file without one has MPEGTS 0 at zero, as RFC 8216 3.5 has it.
func (f *File) shift(first *File) time.Duration {
	if f.clock == nil {
		return 0
	}
	zero := first.origin()
	ticks := (f.clock.mpegts - zero.mpegts + wrap) % wrap
	if ticks >= wrap-back {
		ticks -= wrap
	}
	// Exact to the nanosecond: the largest product is 2^33 * 100,000.
	return time.Duration(ticks*100_000/(ticksPerSecond/10_000)) - f.clock.local + zero.local
}

// origin is where the time line of the file is in that of MPEG-2.
func (f *File) origin() timestampMap {
	if f.clock == nil {
		return timestampMap{}
	}
	return *f.clock
}
