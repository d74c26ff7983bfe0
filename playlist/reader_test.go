package playlist

import (
	"fmt"
	"math/big"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A reader of playlists for the tests. It knows nothing of the package's own
// code: it understands a playlist from its text alone, as a player does.

// page is a media playlist as a player understands it.
type page struct {
	lines    []string
	segments []heard
	ranges   []map[string]string // attributes of each EXT-X-DATERANGE
	needs    int                 // the version that the tags need
	problems []string
}

// heard is a segment with all that applies to it.
type heard struct {
	number, sequence int64 // media sequence and discontinuity sequence number
	duration         time.Duration
	date             time.Time
	marked, gap      bool     // it carries EXT-X-DISCONTINUITY, EXT-X-GAP
	media            string   // address, byte range, keys, init section: what gives the samples
	bitrate          string   // in force
	own              []string // its lines, less those that stay in force
}

// listener walks the lines of a playlist.
type listener struct {
	page
	address          *url.URL
	current          heard
	number, sequence int64
	keys             map[string]map[string]string // by KEYFORMAT
	init, bitrate    string
	byteRange        string
	lastResource     string
	lastEnd          int64
	iFrames          bool
}

// listen understands a playlist that came from an address.
func listen(text string, address *url.URL) page {
	l := listener{address: address, keys: map[string]map[string]string{}}
	l.needs = 1
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff")); line != "" {
			l.lines = append(l.lines, line)
			l.line(line)
		}
	}
	return l.page
}

func (l *listener) line(line string) {
	name, value, _ := strings.Cut(line, ":")
	switch {
	case !strings.HasPrefix(line, "#"):
		l.resource(line)
		return
	case name == "#EXT-X-KEY":
		l.key(readAttributes(value))
		return
	case name == "#EXT-X-MAP":
		l.mapped(readAttributes(value))
		return
	case name == "#EXT-X-BITRATE":
		l.bitrate = value
		return
	case name == "#EXT-X-DATERANGE":
		l.ranges = append(l.ranges, readAttributes(value))
		return
	}
	l.tag(name, strings.TrimSpace(value))
	l.current.own = append(l.current.own, line)
}

func (l *listener) tag(name, value string) {
	switch name {
	case "#EXT-X-MEDIA-SEQUENCE":
		l.number, _ = strconv.ParseInt(value, 10, 64)
	case "#EXT-X-DISCONTINUITY-SEQUENCE":
		l.sequence, _ = strconv.ParseInt(value, 10, 64)
	case "#EXT-X-DISCONTINUITY":
		l.sequence++
		l.current.marked = true
	case "#EXT-X-I-FRAMES-ONLY":
		l.iFrames = true
		l.need(4)
	case "#EXT-X-GAP":
		l.current.gap = true
	case "#EXT-X-PROGRAM-DATE-TIME":
		l.current.date, _ = time.Parse(time.RFC3339Nano, value)
	case "#EXT-X-BYTERANGE":
		l.byteRange = strings.ReplaceAll(value, " ", "")
		l.need(4)
	case "#EXTINF":
		seconds, _, _ := strings.Cut(value, ",")
		l.current.duration = exactly(strings.TrimSpace(seconds))
		if strings.Contains(seconds, ".") {
			l.need(3)
		}
	}
}

func (l *listener) need(version int) { l.needs = max(l.needs, version) }

func (l *listener) problem(format string, args ...any) {
	l.problems = append(l.problems, fmt.Sprintf(format, args...))
}

func (l *listener) key(a map[string]string) {
	if a["METHOD"] == "NONE" {
		l.keys = map[string]map[string]string{}
		return
	}
	format := a["KEYFORMAT"]
	if format == "" {
		format = "identity"
	}
	if a["IV"] != "" {
		l.need(2)
		if a["METHOD"] == "SAMPLE-AES-CTR" || a["METHOD"] == "AES-256-GCM" {
			l.problem("an IV with METHOD=%s", a["METHOD"])
		}
	}
	if a["METHOD"] == "SAMPLE-AES" || a["KEYFORMAT"] != "" || a["KEYFORMATVERSIONS"] != "" {
		l.need(5)
	}
	l.keys[format] = a
}

func (l *listener) mapped(a map[string]string) {
	if l.iFrames {
		l.need(5)
	} else {
		l.need(6)
	}
	byteRange := a["BYTERANGE"]
	if byteRange != "" && !strings.Contains(byteRange, "@") {
		byteRange += "@0"
	}
	l.init = fmt.Sprint(l.resolve(a["URI"]), " ", byteRange, l.inForce(-1))
}

// inForce tells the keys that apply to a media sequence number; -1: to an init
// section, which only methods for whole files encrypt.
func (l *listener) inForce(number int64) (keys []string) {
	for format, a := range l.keys {
		if number < 0 && !strings.HasPrefix(a["METHOD"], "AES-") {
			continue
		}
		iv := a["IV"]
		if iv == "" && format == "identity" && a["METHOD"] != "AES-256-GCM" && a["METHOD"] != "SAMPLE-AES-CTR" {
			if iv = fmt.Sprintf("0x%x", number); number < 0 {
				l.problem("an encrypted init section without IV")
			}
		}
		value, _ := new(big.Int).SetString(strings.TrimPrefix(strings.ToLower(iv), "0x"), 16)
		keys = append(keys, fmt.Sprint(" ", format, a["METHOD"], l.resolve(a["URI"]), value, a["KEYID"], a["KEYFORMATVERSIONS"]))
	}
	slices.Sort(keys)
	return keys
}

func (l *listener) resolve(ref string) string {
	ref = strings.ReplaceAll(strings.ReplaceAll(ref, " ", "%20"), "%2e", ".")
	for _, form := range []string{ref, "./" + ref, strings.ReplaceAll(ref, "%", "%25")} {
		if address, err := l.address.Parse(form); err == nil && !strings.HasPrefix(ref, "http://[") {
			return address.String()
		}
	}
	return ref
}

// resource closes a segment.
func (l *listener) resource(ref string) {
	s := l.current
	s.number, s.sequence, s.bitrate = l.number, l.sequence, l.bitrate
	s.own = append(s.own, ref)
	resource := l.resolve(ref)
	part := ""
	if l.byteRange != "" {
		length, offset, explicit := strings.Cut(l.byteRange, "@")
		n, _ := strconv.ParseInt(length, 10, 64)
		from, _ := strconv.ParseInt(offset, 10, 64)
		if !explicit && l.lastResource == resource {
			from = l.lastEnd
		}
		part = fmt.Sprintf("%d@%d", n, from)
		l.lastEnd = from + n
	}
	l.lastResource = resource
	s.media = fmt.Sprint(resource, " ", part, " keys", l.inForce(l.number), " map ", l.init)
	l.segments = append(l.segments, s)
	l.number++
	l.current, l.byteRange = heard{}, ""
}

var attributeForm = regexp.MustCompile(`([A-Z0-9-]+) *= *("[^"]*"|[^",]*)`)

func readAttributes(value string) map[string]string {
	all := map[string]string{}
	for _, m := range attributeForm.FindAllStringSubmatch(value, -1) {
		all[m[1]] = strings.Trim(m[2], `" `)
	}
	return all
}

// exactly reads seconds, in nanoseconds, cut at the ninth digit.
func exactly(seconds string) time.Duration {
	r, ok := new(big.Rat).SetString(strings.TrimSuffix("0"+seconds, "."))
	if !ok {
		return -1
	}
	r.Mul(r, big.NewRat(int64(time.Second), 1))
	return time.Duration(new(big.Int).Quo(r.Num(), r.Denom()).Int64())
}
