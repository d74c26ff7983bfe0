package playlist

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"vod2live/loop"
)

// Media is a decoded media playlist of a VOD (4.4.3). It is immutable.
type Media struct {
	Segments       []Segment
	TargetDuration time.Duration // as the VOD states it; 0 if it does not
	Version        int           // the lowest that its tags need, at least 3 (section 8)

	Notes Notes // what was changed or left out

	HasVariables bool     // EXT-X-DEFINE gave values, which its addresses may contain
	Grown        int      // bytes that variables added to its text
	Lines        []string // with variables replaced; nil: no variables

	// Sound is how long the audio in its media lasts, as measured when the VOD was
	// loaded; 0: it is not known.
	Sound time.Duration

	// Continuity: the timestamps of the VOD are continuous over its loops, as determined
	// when it was loaded; nil: they are not. The VOD's first playlist has it.
	Continuity *Continuity

	address *url.URL       // of the playlist, after redirects
	written map[int]string // original addresses of segments with variables
	// Unsliceable is the reason outside the playlist's content why its WebVTT
	// can't be sliced; nil: there is none.
	Unsliceable *loop.Refusal

	lead    time.Duration // of a clip or part: when its first segment begins in that
	skipped int           // … segments of the VOD before it
	whole   *Media        // … the playlist of which this one is a part; nil: it is whole
	in      time.Duration // … where it begins in that
	refusal *loop.Refusal // the reason why it can't be served, without segments; nil: it can
	header  []string      // lines about the playlist as a whole
	after   []string      // lines after the last segment
}

// Segment is one media segment with all that applies to it.
type Segment struct {
	URI           string // as the playlist has it, variables replaced
	Duration      time.Duration
	Discontinuity bool      // EXT-X-DISCONTINUITY (4.4.4.3)
	Date          time.Time // EXT-X-PROGRAM-DATE-TIME (4.4.4.6); zero if the segment has none
	ByteRange     string    // n@o of EXT-X-BYTERANGE (4.4.4.2); empty: the whole resource
	Map           *Map      // EXT-X-MAP (4.4.4.5) in force; nil: none
	Keys          []Key     // EXT-X-KEY (4.4.4.4) in force, each with its IV
	Gap           bool      // EXT-X-GAP (4.4.4.7)

	ours    bool        // a gap or a slice: its URI is the live address already
	info    string      // the EXTINF line
	bitrate string      // the EXT-X-BITRATE line in force
	before  []string    // other lines above EXTINF
	between []string    // other lines below EXTINF
	ranges  []dateRange // EXT-X-DATERANGE lines above it
}

// IFramesOnly reports whether it is an I-frame playlist (4.4.3.6).
func (m *Media) IFramesOnly() bool { return slices.Contains(m.header, tagIFramesOnly) }

// Map is an EXT-X-MAP line and the keys that encrypt its resource.
type Map struct {
	line string
	keys []Key
}

// DecodeMedia reads a media playlist. address is its own after redirects, for
// EXT-X-DEFINE with QUERYPARAM; variables are those of its multivariant playlist,
// for IMPORT. The error is a *loop.Refusal.
func DecodeMedia(body []byte, address *url.URL, variables Variables) (*Media, error) {
	lines, err := readLines(body)
	if err != nil {
		return nil, err
	}
	if isMultivariant(slices.Values(lines)) {
		return nil, refuse(CodeNested, "a multivariant playlist where a media playlist should be")
	}
	text, values, err := substitute(lines, variables, address.RawQuery, body)
	if err != nil {
		return nil, err
	}
	parsed, err := parseMedia(text.lines)
	if err != nil {
		if n, line := unreadable(text.lines); line != "" {
			err = atLine(refuse(CodeSyntax, "the number can't be read"), body, n, false)
		}
		return nil, err
	}
	m := &Media{Version: 3, Notes: Notes{}, Grown: max(bytesOf(text.lines)-len(body), 0), address: withoutQuery(address), Segments: make([]Segment, 0, parsed.Count()+1), HasVariables: len(values) > 0, Lines: text.replacedLines()}
	d := mediaDecoder{parsed: parsed, media: m}
	d.next()
	for n, line := range text.lines {
		known := len(m.Segments)
		if err := d.line(line); err != nil {
			return nil, atLine(err, body, n, false)
		}
		if written := text.replaced(n); written != "" && len(m.Segments) > known {
			m.noteWritten(written)
		}
	}
	return d.finish()
}

// finish refuses a playlist that is no VOD, and completes the decoding.
func (d *mediaDecoder) finish() (*Media, error) {
	m := d.media
	switch {
	case d.addresses == 0:
		return nil, refuse(loop.CodeEmpty, "no segment")
	case len(m.Segments) == 0:
		return nil, refuse(loop.CodeBadDuration, "no segment has a duration above zero")
	case !d.ended && !d.vod:
		return nil, refuse(CodeNoEndlist, "no EXT-X-ENDLIST: this is a live playlist, not a VOD")
	case m.Segments[0].Map == nil && m.Segments[len(m.Segments)-1].Map != nil:
		// No tag ends the EXT-X-MAP of the previous loop at the loop point.
		return nil, refuse(CodeMapTooLate, "there are segments before the first EXT-X-MAP")
	case uint(d.addresses) != d.parsed.Count():
		return nil, refuse(CodeSyntax, "%d segments were read as %d", d.addresses, d.parsed.Count())
	}
	if !d.ended {
		m.Notes[NoteNoEndlist]++
	}
	m.Segments = slices.Clip(m.Segments)
	m.after = append(d.current.before, d.current.between...)
	last := &m.Segments[len(m.Segments)-1]
	last.ranges = append(last.ranges, d.current.ranges...)
	m.carryBitrateBack()
	switch {
	case d.init != nil && d.iFrames:
		d.needs(5)
	case d.init != nil:
		d.needs(6)
	}
	return m, nil
}

// carryBitrateBack assigns the first EXT-X-BITRATE to the segments before it.
// Otherwise the value of the previous loop's last segments would apply to them, as
// long as these are in the window.
func (m *Media) carryBitrateBack() {
	for i := range m.Segments {
		if bitrate := m.Segments[i].bitrate; bitrate != "" {
			for j := range i {
				m.Segments[j].bitrate = bitrate
			}
			return
		}
	}
}

// Refused returns a media playlist that can't be served. If the rendition is
// optional, the VOD is served without it.
func Refused(why *loop.Refusal) *Media { return &Media{refusal: why} }

// Refusal is the reason why the playlist can't be served; nil: it can.
func (m *Media) Refusal() *loop.Refusal { return m.refusal }

// renditionOf is the playlist as a rendition of package loop.
func (m *Media) renditionOf(leads bool, as Rendition) loop.Rendition {
	r := loop.Rendition{Leads: leads, Audio: as.Audio, Sound: m.Sound, Optional: !as.Essential, Refused: m.refusal}
	r.Sliceable = as.Subtitles && m.refusal == nil && m.Segments[0].Map == nil
	r.Segments = make([]loop.Segment, len(m.Segments))
	for i, s := range m.Segments {
		r.Segments[i] = loop.Segment{Duration: s.Duration, Discontinuity: s.Discontinuity}
	}
	return r
}

// title of a segment: the text after the comma of its EXTINF.
func (s *Segment) title() string {
	_, title, _ := strings.Cut(s.info, ",")
	return title
}

// File is a segment's resource and its time.
type File struct {
	Address    *url.URL
	Start, End time.Duration // from the beginning of the VOD or the clip
	Period     int           // number of discontinuities before it
	Shown      string        // the address as the playlist has it, masked
}

// Files are the resources of all segments but gaps, in order. One of several
// consecutive segments appears once. Those of a clip that is sliced are all of the
// VOD's: the first gives the clock.
func (m *Media) Files() (files []File) {
	if m.whole != nil {
		files = m.whole.Files()
		for i := range files {
			files[i].Start, files[i].End = files[i].Start-m.in, files[i].End-m.in
		}
		return files
	}
	starts, period, last := m.starts(), 0, ""
	for i, s := range m.Segments {
		if i > 0 && s.Discontinuity {
			period++
		}
		if s.Gap {
			continue
		}
		end := starts[i] + s.Duration
		if len(files) > 0 && s.URI == last {
			files[len(files)-1].End = end
		} else if address, err := Resolve(m.address, strings.Clone(s.URI)); err == nil {
			files = append(files, File{address, starts[i], end, period, m.Shown(i)})
			last = s.URI
		}
	}
	return files
}

// Periods returns when each period between discontinuities begins, the first with
// the VOD: timestamps may start again there (4.4.4.3). In a clip that is sliced, those
// before it are negative.
func (m *Media) Periods() []time.Duration {
	if m.whole != nil {
		periods := slices.Clone(m.whole.Periods())
		for i := range periods {
			periods[i] -= m.in
		}
		return periods
	}
	starts := m.starts()
	periods := starts[:1:1]
	for i := 1; i < len(m.Segments); i++ {
		if m.Segments[i].Discontinuity {
			periods = append(periods, starts[i])
		}
	}
	return periods
}

// noteWritten keeps the original address of the newest segment.
func (m *Media) noteWritten(address string) {
	if m.written == nil {
		m.written = map[int]string{}
	}
	m.written[len(m.Segments)-1] = address
}

// Shown is the address of a segment for messages: as the playlist has it, without
// possible secrets.
func (m *Media) Shown(i int) string {
	if written, had := m.written[i]; had {
		return quote(written)
	}
	return quote(m.Segments[i].URI)
}

// Resolve makes an address in the playlist absolute.
func (m *Media) Resolve(ref string) (*url.URL, error) { return Resolve(m.address, ref) }
