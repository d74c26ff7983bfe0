package proxy

import (
	"strconv"
	"strings"
	"time"
)

// livePlaylist is a media playlist read as a player does, by no code of the
// product's.
type livePlaylist struct {
	version, targetDuration int
	sequence, discontinuity int64    // EXT-X-MEDIA-SEQUENCE, EXT-X-DISCONTINUITY-SEQUENCE
	ranges                  []string // the attributes of EXT-X-DATERANGE
	segments                []liveSegment
}

type liveSegment struct {
	number, discontinuity int64 // its own
	tagged                bool
	info, uri, byteRange  string
	start                 time.Time
	duration              time.Duration
	gap                   bool
	cue                   string // EXT-X-CUE-…, all of them
}

func (s liveSegment) end() time.Time { return s.start.Add(s.duration) }

func (p livePlaylist) first() liveSegment { return p.segments[0] }

func (p livePlaylist) newest() liveSegment { return p.segments[len(p.segments)-1] }

// failer is a test, of testing or of rapid.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// readPlaylist fails the test on anything that may not stand in a live playlist.
func readPlaylist(t failer, text string) (p livePlaylist) {
	t.Helper()
	p.sequence, p.discontinuity = -1, -1
	var s liveSegment
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		tag, value, _ := strings.Cut(line, ":")
		var err error
		switch {
		case n == 0 && line == "#EXTM3U":
		case tag == "#EXT-X-VERSION":
			p.version, err = strconv.Atoi(value)
		case tag == "#EXT-X-TARGETDURATION":
			p.targetDuration, err = strconv.Atoi(value)
		case tag == "#EXT-X-MEDIA-SEQUENCE":
			p.sequence, err = strconv.ParseInt(value, 10, 64)
		case tag == "#EXT-X-DISCONTINUITY-SEQUENCE":
			p.discontinuity, err = strconv.ParseInt(value, 10, 64)
		case tag == "#EXT-X-DISCONTINUITY":
			s.tagged = true
		case tag == "#EXT-X-PROGRAM-DATE-TIME":
			s.start, err = time.Parse("2006-01-02T15:04:05.000Z", value)
		case tag == "#EXT-X-BYTERANGE":
			s.byteRange = value
		case tag == "#EXT-X-DATERANGE":
			p.ranges = append(p.ranges, value)
		case strings.HasPrefix(tag, "#EXT-X-CUE-"):
			s.cue += line[1:] + " "
		case tag == "#EXT-X-GAP":
			s.gap = true
		case tag == "#EXTINF":
			s.info = value
			seconds, _, _ := strings.Cut(value, ",")
			s.duration, err = time.ParseDuration(seconds + "s")
		case line != "" && line[0] != '#':
			s.uri = line
			p.add(s)
			s = liveSegment{}
		default:
			t.Fatalf("line %d: %q in\n%s", n+1, line, text)
		}
		if err != nil {
			t.Fatalf("line %d: %v in\n%s", n+1, err, text)
		}
	}
	if p.sequence < 0 || p.discontinuity < 0 || p.targetDuration < 1 || len(p.segments) == 0 {
		t.Fatalf("not a live playlist:\n%s", text)
	}
	return p
}

func (p *livePlaylist) add(s liveSegment) {
	s.number = p.sequence + int64(len(p.segments))
	s.discontinuity = p.discontinuity
	if n := len(p.segments); n > 0 {
		s.discontinuity = p.segments[n-1].discontinuity
	}
	if s.tagged {
		s.discontinuity++
	}
	p.segments = append(p.segments, s)
}

// addresses of a multivariant playlist, of variant streams and renditions.
func addressesIn(text string) (all []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if _, rest, has := strings.Cut(line, `URI="`); has {
			uri, _, _ := strings.Cut(rest, `"`)
			all = append(all, uri)
		} else if line != "" && line[0] != '#' {
			all = append(all, line)
		}
	}
	return all
}

// maxAge is what Cache-Control says.
func (a answered) maxAge(t failer) time.Duration {
	t.Helper()
	digits, is := strings.CutPrefix(a.header.Get("Cache-Control"), "public, max-age=")
	seconds, err := strconv.Atoi(digits)
	if !is || err != nil {
		t.Fatalf("Cache-Control: %s", a.header.Get("Cache-Control"))
	}
	return time.Duration(seconds) * time.Second
}
