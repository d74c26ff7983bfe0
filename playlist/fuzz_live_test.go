package playlist

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// FuzzLive goes all the way: it decodes a VOD, lays it out and walks its windows.
// A reader that knows nothing of the package's code reads them, and holds them to
// what players rely on: in one window, from one to the next, between renditions,
// and against the VOD's own text.
func FuzzLive(f *testing.F) {
	for _, s := range samples(f) {
		body, _ := os.ReadFile("testdata/" + s.name + "/master.m3u8") // none: a VOD of one media playlist
		f.Add(string(body), s.text[0], s.text[len(s.text)-1], uint32(0))
		f.Add("#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"s\",URI=\"s.m3u8\"\n#EXT-X-STREAM-INF:RESOLUTION=1x1,SUBTITLES=\"s\"\nv.m3u8\n", s.text[0], s.text[len(s.text)-1], uint32(99_999))
	}
	f.Fuzz(func(t *testing.T, multivariant, first, second string, moment uint32) {
		if len(multivariant)+len(first)+len(second) > 8<<10 {
			t.Skip("long playlists only take time")
		}
		v := fuzzed{t: t}
		if v.decode(multivariant, first, second) {
			v.walk(v.live.Timeline.Ready())
			v.walk(v.live.Timeline.Ready().Add(time.Duration(moment) * time.Second))
		}
	})
}

// fuzzed is a VOD of text that nobody has looked through.
type fuzzed struct {
	t     *testing.T
	live  *Live
	texts []string // of the renditions' playlists at the origin
}

// decode says whether the texts are a VOD that can loop.
func (v *fuzzed) decode(multivariant, first, second string) bool {
	var m *Multivariant
	var err error
	v.texts = []string{first}
	if multivariant != "" {
		if m, err = DecodeMultivariant([]byte(multivariant), origin); err != nil {
			codeOf(v.t, err)
			return false
		}
		if len(m.Renditions) > 4 {
			return false
		}
		for len(v.texts) < len(m.Renditions) {
			v.texts = append(v.texts, second)
		}
	}
	var variables Variables
	if m != nil {
		variables = m.Variables
	}
	var media []*Media
	for _, text := range v.texts {
		decoded, err := DecodeMedia([]byte(text), origin, variables)
		if err != nil {
			codeOf(v.t, err)
			return false
		}
		media = append(media, decoded)
	}
	if v.live, err = NewLive(m, media, plain{}, Options{Epoch: epoch}); err != nil {
		codeOf(v.t, err)
	}
	return err == nil
}

// walk follows all renditions from an instant over some changes.
func (v *fuzzed) walk(at time.Time) {
	v.t.Helper()
	before := make([]page, len(v.texts))
	for range 8 {
		var next time.Time
		pages, texts := make([]page, len(v.texts)), make([]string, len(v.texts))
		var bad []string
		for n := range pages {
			w, err := v.live.Timeline.Window(n, at)
			if err != nil {
				v.t.Fatalf("rendition %d at %s: %v", n, at, err)
			}
			if next.IsZero() || w.Next.Before(next) {
				next = w.Next
			}
			texts[n] = string(v.live.AppendMedia(nil, n, w))
			if len(texts[n]) > 32<<10 {
				v.t.Skip("many segments only take time")
			}
			pages[n], bad = v.check(bad, n, texts[n], before[n])
			bad = append(bad, checkEdge(n, pages, at)...)
			if head := pages[n].segments[0]; at.Equal(v.live.Timeline.Ready()) && (head.number != 0 || head.sequence != 0) {
				bad = append(bad, fmt.Sprintf("rendition %d begins with number %d, discontinuity sequence number %d", n, head.number, head.sequence))
			}
		}
		if len(bad) > 0 {
			v.t.Fatalf("at %s:\n%s\nin\n%s", at, strings.Join(bad, "\n"), strings.Join(texts, "\n"))
		}
		if !next.After(at) {
			v.t.Fatalf("at %s the next change is at %s", at, next)
		}
		before, at = pages, next
	}
}

// check holds one window against the one before and against the VOD.
func (v *fuzzed) check(bad []string, n int, text string, before page) (page, []string) {
	p, wrong := checkText(text, origin)
	if len(before.segments) > 0 {
		wrong = append(wrong, checkSame(before, p)...) // date ranges that lie far ahead leave early, by rule
	}
	for _, problem := range append(wrong, checkOrder(p, v.texts[n])...) {
		bad = append(bad, fmt.Sprintf("rendition %d: %s", n, problem))
	}
	return p, bad
}

// slack is how far boundaries of renditions may lie apart, and a little for dates
// in whole milliseconds.
const slack = 500*time.Millisecond + 2*time.Millisecond

// checkEdge: the live edge of rendition n is neither early nor old, and its window
// is about that of the first rendition, with the same discontinuities.
func checkEdge(n int, pages []page, at time.Time) (bad []string) {
	longest := time.Duration(0)
	for _, p := range pages[:n+1] {
		for _, s := range p.segments {
			longest = max(longest, s.duration)
		}
	}
	p, first := pages[n].segments, pages[0].segments
	edge := func(all []heard) time.Time { return all[len(all)-1].date.Add(all[len(all)-1].duration) }
	if end := edge(p); end.After(at.Add(slack)) || at.Sub(end) > longest+slack {
		bad = append(bad, fmt.Sprintf("rendition %d ends at %s, segments last %s at most", n, end, longest))
	}
	if off := p[0].date.Sub(first[0].date).Abs(); off > longest+slack {
		bad = append(bad, fmt.Sprintf("rendition %d begins %s off the first", n, off))
	}
	if headerNumber(pages[n].lines, "#EXT-X-TARGETDURATION") != headerNumber(pages[0].lines, "#EXT-X-TARGETDURATION") {
		bad = append(bad, fmt.Sprintf("rendition %d has another target duration than the first", n))
	}
	for _, s := range p {
		for _, other := range first {
			if !other.date.Add(slack).After(s.date) && other.date.Add(other.duration-slack).After(s.date.Add(s.duration)) && other.sequence != s.sequence {
				bad = append(bad, fmt.Sprintf("rendition %d: segment %d has the discontinuity sequence number %d, the first rendition's segment %d around it %d", n, s.number, s.sequence, other.number, other.sequence))
			}
		}
	}
	return bad
}

// simple are the lines of VODs whose segments can be told by their addresses.
var simple = regexp.MustCompile(`^(#EXTM3U|#EXT-X-(VERSION|TARGETDURATION|MEDIA-SEQUENCE|PLAYLIST-TYPE|INDEPENDENT-SEGMENTS|DISCONTINUITY|ENDLIST)(:[A-Z0-9]+)?|#EXTINF:[0-9]{1,3}(\.[0-9]{1,9})?,[a-z ]*|[a-z0-9_]+\.[a-z0-9]+)$`)

// ofVOD are the addresses of a VOD's segments, absolute, each with its place and
// the digits of its EXTINF; nil where the text is not simple.
func ofVOD(text string) (places map[string]int, digits []string) {
	places = map[string]int{}
	digit := ""
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if !simple.MatchString(line) {
			return nil, nil
		}
		if value, is := strings.CutPrefix(line, "#EXTINF:"); is {
			digit, _, _ = strings.Cut(value, ",")
		}
		if !strings.HasPrefix(line, "#") {
			address, _ := origin.Parse(line)
			if _, twice := places[address.String()]; twice {
				return nil, nil
			}
			places[address.String()] = len(digits)
			digits = append(digits, digit)
		}
	}
	return places, digits
}

// checkOrder: what is on air are the VOD's segments, one behind the other and
// again from the first, each as long as in the VOD but for the loop's last.
func checkOrder(p page, vod string) (bad []string) {
	places, digits := ofVOD(vod)
	last := -1
	for i, s := range p.segments {
		ref := s.own[len(s.own)-1]
		address, err := url.Parse(ref)
		if err != nil {
			return bad
		}
		place, known := places[address.String()]
		if !known {
			last = -1 // a gap or a slice, or the VOD's text is not simple
			continue
		}
		again := s.marked && (place == 0 || leftOut(digits, 0, place))
		if last >= 0 && place != last+1 && !again && !leftOut(digits, last+1, place) {
			bad = append(bad, fmt.Sprintf("segment %d is the VOD's number %d, above it stands %d", s.number, place, last))
		}
		ends := i+1 == len(p.segments) || p.segments[i+1].marked
		if written := exactly(digits[place]); s.duration != written && (!ends || s.duration >= written) {
			bad = append(bad, fmt.Sprintf("segment %d lasts %s, in the VOD %s s", s.number, s.duration, digits[place]))
		}
		last = place
	}
	return bad
}

// leftOut says whether all segments of the VOD from one place up to another have
// no length: nothing of them is on air.
func leftOut(digits []string, from, to int) bool {
	for _, digit := range digits[min(from, to):to] {
		if exactly(digit) != 0 {
			return false
		}
	}
	return from < to
}
