package playlist

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vod2live/loop"
)

// The laws of live media playlists, read from their text alone.

// forbidden in a live playlist (6.2.2), or what this package promises to drop.
var forbidden = []string{
	"#EXT-X-PLAYLIST-TYPE", "#EXT-X-ENDLIST", "#EXT-X-START", "#EXT-X-DEFINE", "#EXT-X-SKIP", "#EXT-X-ALLOW-CACHE",
	"#EXT-X-PART", "#EXT-X-PART-INF", "#EXT-X-SERVER-CONTROL", "#EXT-X-PRELOAD-HINT", "#EXT-X-RENDITION-REPORT",
}

// once and in this order they stand above the first segment.
var headerOrder = []string{"#EXTM3U", "#EXT-X-VERSION", "#EXT-X-TARGETDURATION", "#EXT-X-MEDIA-SEQUENCE", "#EXT-X-DISCONTINUITY-SEQUENCE"}

// segmentTags belong below the header.
var segmentTags = []string{"#EXTINF", "#EXT-X-KEY", "#EXT-X-MAP", "#EXT-X-DISCONTINUITY", "#EXT-X-PROGRAM-DATE-TIME", "#EXT-X-BYTERANGE", "#EXT-X-GAP", "#EXT-X-BITRATE", "#EXT-X-DATERANGE"}

// checkText holds one playlist against the laws.
func checkText(text string, address *url.URL) (page, []string) {
	p := listen(text, address)
	bad := p.problems
	if !utf8.ValidString(text) || strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), unicode.IsControl) {
		bad = append(bad, "control characters or no UTF-8")
	}
	if !strings.HasSuffix(text, "\n") || strings.Contains(text, "\n\n") {
		bad = append(bad, "blank lines, or no newline at the end")
	}
	bad = append(bad, checkHeader(p.lines)...)
	target, version := headerNumber(p.lines, "#EXT-X-TARGETDURATION"), headerNumber(p.lines, "#EXT-X-VERSION")
	var length time.Duration
	for i, s := range p.segments {
		length += s.duration
		if (s.duration+time.Second/2)/time.Second > time.Duration(target) {
			bad = append(bad, fmt.Sprintf("segment %d lasts %s, the target is %d s", s.number, s.duration, target))
		}
		if s.duration > time.Duration(target)*time.Second {
			p.needs = max(p.needs, 6)
		}
		if s.date.IsZero() || i > 0 && dateJumps(p.segments[i-1], s) {
			bad = append(bad, fmt.Sprintf("segment %d has the date %s", s.number, s.date))
		}
		for _, line := range s.own {
			if value, is := strings.CutPrefix(line, "#EXT-X-BYTERANGE:"); is && !strings.Contains(value, "@") {
				bad = append(bad, line+" has no offset")
			}
		}
	}
	if len(p.segments) < 3 || length < 3*time.Duration(target)*time.Second {
		bad = append(bad, fmt.Sprintf("only %d segments, %s", len(p.segments), length))
	}
	if version < p.needs {
		bad = append(bad, fmt.Sprintf("version %d, the tags need %d", version, p.needs))
	}
	return p, bad
}

// dateJumps says whether the date of a segment isn't where the one above ends;
// ends of renditions may be half a second off at the loop point.
func dateJumps(before, s heard) bool {
	off := s.date.Sub(before.date.Add(before.duration)).Abs()
	return off > time.Millisecond && (!s.marked || off > 600*time.Millisecond)
}

func headerNumber(lines []string, tag string) int {
	for _, line := range lines {
		if value, is := strings.CutPrefix(line, tag+":"); is {
			n, _ := strconv.Atoi(value)
			return n
		}
	}
	return -1
}

func checkHeader(lines []string) (bad []string) {
	var order []string
	for n, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		if slices.Contains(forbidden, name) {
			bad = append(bad, line+" in a live playlist")
		}
		if slices.Contains(headerOrder, name) {
			order = append(order, name)
		}
		if slices.Contains(segmentTags, name) && len(order) < len(headerOrder) {
			bad = append(bad, fmt.Sprintf("line %d: %s above the header's end", n+1, line))
		}
	}
	if !slices.Equal(order, headerOrder) {
		bad = append(bad, fmt.Sprintf("the header is %v", order))
	}
	return bad
}

// checkRangeIDs: tags of one ID don't contradict each other (4.4.5.1).
func checkRangeIDs(ranges []map[string]string) (bad []string) {
	seen := map[string]string{}
	for _, r := range ranges {
		for name, value := range r {
			key := r["ID"] + " " + name
			if old, has := seen[key]; has && old != value {
				bad = append(bad, fmt.Sprintf("DATERANGE %s: %s is %s and %s", r["ID"], name, old, value))
			}
			seen[key] = value
		}
	}
	return bad
}

// checkNext holds what a player sees next against what it saw.
func checkNext(before, after page) []string {
	return append(checkSame(before, after), checkLeavers(before, after)...)
}

// checkSame: a number means the same segment for ever.
func checkSame(before, after page) (bad []string) {
	old := map[int64]heard{}
	for _, s := range before.segments {
		old[s.number] = s
	}
	if len(before.segments) > 0 && after.segments[0].number < before.segments[0].number {
		bad = append(bad, "the media sequence number fell")
	}
	for _, s := range after.segments {
		was, has := old[s.number]
		if has && (was.media != s.media || was.sequence != s.sequence || was.bitrate != s.bitrate || withoutHeader(was) != withoutHeader(s)) {
			bad = append(bad, fmt.Sprintf("segment %d was\n%+v\nand is\n%+v", s.number, was, s))
		}
	}
	return bad
}

// withoutHeader is the segment's own text: the first one has the header above it,
// and a discontinuity what stood behind the last segment before it.
func withoutHeader(s heard) string {
	own := s.own
	if i := slices.Index(own, tagDiscontinuity); i >= 0 {
		own = own[i:]
	}
	for i, line := range own {
		if strings.HasPrefix(line, "#EXT-X-DISCONTINUITY-SEQUENCE") {
			own = own[i+1:]
			break
		}
	}
	return strings.Join(own, "\n")
}

// checkLeavers: a range leaves only when all of it has left (6.2.1).
func checkLeavers(before, after page) (bad []string) {
	head := after.segments[0].date
	here := map[string]bool{}
	for _, r := range after.ranges {
		here[r["ID"]] = true
	}
	for _, r := range before.ranges {
		start, _ := time.Parse(time.RFC3339Nano, r["START-DATE"])
		end, _ := time.Parse(time.RFC3339Nano, r["END-DATE"])
		if !here[r["ID"]] && (end.After(head) || !start.Before(head)) {
			bad = append(bad, fmt.Sprintf("DATERANGE %v has left, the head is %s", r, head))
		}
	}
	return bad
}

// failer is a *testing.T or a *rapid.T.
type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// checkLive walks a rendition for some loops and holds every window against
// all laws and, where it is not cut anew, against the VOD's own text.
func checkLive(t failer, live *Live, n int, address *url.URL, vod page, same func(string) string) {
	t.Helper()
	track := &live.VOD.Tracks[n]
	var last page
	at := live.Timeline.Ready()
	if track.Len() > 200 {
		at = epoch.Add(2*live.VOD.Length - live.VOD.Window) // a long one: only around a loop point
	}
	for windows := range min(3*track.Len()+20, 300) {
		w, err := live.Timeline.Window(n, at)
		if err != nil {
			t.Fatal(err)
		}
		p, bad := checkText(string(live.AppendMedia(nil, n, w)), address)
		if windows > 0 {
			bad = append(bad, checkNext(last, p)...)
		}
		if len(checkRangeIDs(vod.ranges)) == 0 {
			bad = append(bad, checkRangeIDs(p.ranges)...)
		}
		bad = append(bad, checkMedia(p, vod, track, same)...)
		if len(bad) > 0 {
			t.Fatalf("rendition %d at %s:\n%s\nin\n%s", n, at, strings.Join(bad, "\n"), live.AppendMedia(nil, n, w))
		}
		last, at = p, w.Next
	}
}

// checkMedia: what gives a segment's samples is what gives them in the VOD.
func checkMedia(p, vod page, track *loop.Track, same func(string) string) (bad []string) {
	for _, s := range p.segments {
		i := int(s.number % int64(track.Len()))
		if i >= track.Kept || vod.segments == nil {
			continue
		}
		if got, want := same(s.media), vod.segments[i].media; got != want {
			bad = append(bad, fmt.Sprintf("segment %d is\n%s, in the VOD\n%s", s.number, got, want))
		}
		if vod.segments[i].marked && s.number > 0 && !s.marked {
			bad = append(bad, fmt.Sprintf("segment %d has lost its DISCONTINUITY", s.number))
		}
		if vod.segments[i].gap != s.gap || vod.segments[i].bitrate != "" && vod.segments[i].bitrate != s.bitrate {
			bad = append(bad, fmt.Sprintf("segment %d: gap %t, bit rate %s", s.number, s.gap, s.bitrate))
		}
	}
	return bad
}
