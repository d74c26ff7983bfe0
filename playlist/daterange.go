package playlist

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"vod2live/loop"
)

// maxRanges bounds the EXT-X-DATERANGE of one media playlist.
const maxRanges = 10_000

// dateRange is one EXT-X-DATERANGE (4.4.5.1).
type dateRange struct {
	line      string
	id, class string
	start     time.Time // zero: an update of an earlier tag, without a start
	end       time.Time
	duration  time.Duration // DURATION, else PLANNED-DURATION
	onNext    bool          // END-ON-NEXT
	atEnds    bool          // CUE has PRE or POST: it is played when playback begins or ends
}

// dateRangeTag keeps ranges with an ID. A range for the VOD's beginning or end
// (4.4.5.1, CUE) would be repeated in every loop, and is left out.
func (d *mediaDecoder) dateRangeTag(line, _ string) *loop.Refusal {
	r := parseDateRange(line)
	if r.atEnds {
		d.media.Notes[NoteCue]++
		return nil
	}
	d.media.Notes[NoteDateRange]++
	if r.id != "" {
		if d.ranges++; d.ranges > maxRanges {
			return refuse(CodeTooLarge, "more than %d EXT-X-DATERANGE", maxRanges)
		}
		d.current.ranges = append(d.current.ranges, r)
	}
	return nil
}

// shortNumbers writes durations that are longer than maxNumber as they are read.
func shortNumbers(line string) string {
	return replaceAttributes(line, func(a attribute) (string, bool) {
		if len(a.value) <= maxNumber || a.name != "DURATION" && a.name != "PLANNED-DURATION" {
			return "", false
		}
		duration, ok := parseDuration(a.value)
		return string(appendSeconds(nil, duration)), ok
	})
}

func parseDateRange(line string) dateRange {
	r := dateRange{line: shortNumbers(line)}
	var planned time.Duration
	for a := range eachAttribute(line) {
		switch a.name {
		case "ID":
			r.id = a.value
		case "CLASS":
			r.class = a.value
		case "START-DATE":
			r.start, _ = parseDate(a.value)
		case "END-DATE":
			r.end, _ = parseDate(a.value)
		case "DURATION":
			r.duration, _ = parseDuration(a.value)
		case "PLANNED-DURATION":
			planned, _ = parseDuration(a.value)
		case "END-ON-NEXT":
			r.onNext = a.value == "YES"
		case "CUE":
			cues := strings.Split(a.value, ",")
			r.atEnds = slices.Contains(cues, "PRE") || slices.Contains(cues, "POST")
		}
	}
	if r.duration == 0 {
		r.duration = planned
	}
	return r
}

// rangeText is an EXT-X-DATERANGE as repeated in every loop.
type rangeText struct {
	segment    int           // that it is published with
	start, end time.Duration // from the loop's beginning
	until      time.Duration // from the loop's beginning: the range is in the window until then
	text       string        // with placeholders
	class      string
	id         string
	onNext     bool
}

// Placeholders in a rangeText for values that depend on the loop; cleaned lines have
// no control characters.
const (
	placeID     = '\x00'
	placeStart  = '\x01'
	placeEnd    = '\x02'
	placeTarget = '\x03' // an ID that another range may have
	places      = "\x00\x01\x02"
)

// ranges places the EXT-X-DATERANGE of a rendition on the time line of the loop:
// by the VOD's dates or, without dates, by the segment of each tag. If the tag
// comes after the range's start, the range is published with the segment in which
// it starts; an update with the segment in which the range ends. cut reports
// whether some ranges leave the window before they end.
func (m *Media) ranges(vod *loop.VOD, track *loop.Track, addresses Addresses) (all []rangeText, cut bool) {
	count := 0
	for i := range m.Segments {
		count += len(m.Segments[i].ranges)
	}
	if count == 0 {
		return nil, false
	}
	all = make([]rangeText, 0, count)
	anchors := make(map[string]anchor, count)
	starts, dates, served := m.starts(), m.timeline(), m.servedAt(track)
	for i := range m.Segments {
		segment, isServed := served(i)
		if !isServed {
			segment = track.Len() - 1
		}
		for _, r := range m.Segments[i].ranges {
			of, update := anchors[r.id]
			if !update {
				if r.start.IsZero() {
					continue // an update of nothing
				}
				of = anchor{zero: dates.zeroOf(r.start, i, starts[i])}
				anchors[r.id] = of
			}
			placed := r.place(of)
			if !isServed && placed.start >= vod.Length {
				continue // its segment is left out
			}
			placed.segment = min(segment, placed.latest(update, track))
			placed.text = r.template(m.address, addresses)
			if !of.placed {
				anchors[r.id] = anchor{of.zero, placed.start, true}
			}
			all = append(all, placed)
		}
	}
	cut = setUntil(all, vod, track)
	for i := range all {
		all[i].aim(anchors)
		all[i].id, all[i].class = "", "" // these strings would keep the whole playlist in memory
	}
	return all, cut
}

// anchor is what all tags of one ID have in common.
type anchor struct {
	zero   time.Time     // the loop's beginning in the VOD's dates
	start  time.Duration // of the first that is placed, from there
	placed bool
}

// aim adapts X-TARGET-ID, as in the preload of an interstitial, to the ID of its
// range; without such a range it stays as it is.
func (r *rangeText) aim(anchors map[string]anchor) {
	before, _, aims := strings.Cut(r.text, string(placeTarget))
	if !aims {
		return
	}
	place := ""
	if _, known := anchors[before[strings.LastIndexByte(before, '"')+1:]]; known {
		place = string(placeID)
	}
	r.text = strings.ReplaceAll(r.text, string(placeTarget), place)
}

// place returns the range with instants from the loop's beginning.
func (r *dateRange) place(of anchor) rangeText {
	p := rangeText{id: r.id, class: r.class, onNext: r.onNext, start: of.start}
	if !r.start.IsZero() {
		p.start = between(of.zero, r.start)
	}
	p.end = p.start + r.duration
	if !r.end.IsZero() {
		p.end = between(of.zero, r.end)
	}
	return p
}

// latest is the last segment that a range may be published with. A range with dates
// outside the loop stays with its tag.
func (r *rangeText) latest(update bool, track *loop.Track) int {
	at := max(r.start, 0)
	if update {
		at = max(at, r.end)
	}
	if i, within := track.Find(at); within && (r.start >= 0 || r.end > 0) {
		return i
	}
	return track.Len() - 1
}

// between is the time from one instant to another, bounded so that sums can't
// overflow.
func between(from, to time.Time) time.Duration {
	const century = 100 * 365 * 24 * time.Hour
	return min(max(to.Sub(from), -century), century)
}

// template is the line with placeholders. An interstitial's addresses become
// absolute.
func (r *dateRange) template(base *url.URL, addresses Addresses) string {
	return replaceAttributes(r.line, func(a attribute) (string, bool) {
		switch a.name {
		case "ID":
			return quoted(a.value + string(placeID)), true
		case "START-DATE":
			return `"` + string(placeStart) + `"`, !r.start.IsZero()
		case "END-DATE":
			return `"` + string(placeEnd) + `"`, !r.end.IsZero()
		case "X-TARGET-ID":
			return quoted(a.value + string(placeTarget)), true
		case "X-ASSET-URI", "X-ASSET-LIST", "X-URI":
			return quoted(absolute(addresses, base, a.value)), true
		}
		return "", false
	})
}

// nextOfClass returns a function for the start of the next range of the same class,
// which may be in the next loop.
func nextOfClass(all []rangeText, length time.Duration) func(rangeText) time.Duration {
	starts := map[string][]time.Duration{}
	for _, r := range all {
		starts[r.class] = append(starts[r.class], r.start)
	}
	for _, s := range starts {
		slices.Sort(s)
	}
	return func(r rangeText) time.Duration {
		s := starts[r.class]
		if n, _ := slices.BinarySearch(s, r.start+1); n < len(s) {
			return s[n]
		}
		return s[0] + length
	}
}

// append writes the range for a play that begins at an instant, with which its ID
// ends, in Unix milliseconds: it is equal in all renditions and replicas.
func (r *rangeText) append(dst []byte, zero time.Time, dates *dateWriter) []byte {
	text := r.text
	for {
		i := strings.IndexAny(text, places)
		if i < 0 {
			return append(append(dst, text...), '\n')
		}
		dst = append(dst, text[:i]...)
		switch text[i] {
		case placeID:
			dst = appendInt(append(dst, '-'), zero.UnixMilli())
		case placeStart:
			dst = dates.append(dst, zero.Add(r.start))
		case placeEnd:
			dst = dates.append(dst, zero.Add(r.end))
		}
		text = text[i+1:]
	}
}
