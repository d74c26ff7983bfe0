package playlist

import (
	"net/url"
	"strings"

	"vod2live/loop"
)

// Bounds of one multivariant playlist.
const (
	MaxRenditions = 256
	maxMediaTags  = 2048 // EXT-X-STREAM-INF and EXT-X-MEDIA: the library compares each with each
)

// Multivariant is a decoded multivariant playlist (4.4.6). It is immutable.
type Multivariant struct {
	Renditions []Rendition // in order of first appearance; equal addresses are one
	Variables  Variables   // for the media playlists to IMPORT
	Notes      Notes       // tags that were left out
	Lines      []string    // with variables replaced; nil: no variables

	lines   []string
	address *url.URL
	numbers map[string]int // absolute address to index in Renditions
	traits  []string       // of the renditions, one for each tag
	groups  map[string]int // of audio: the rendition that plays by default, see audioGroup
}

// Rendition is a media playlist that a multivariant playlist names.
type Rendition struct {
	Address   *url.URL
	Variant   bool // named by EXT-X-STREAM-INF
	Video     bool // … with RESOLUTION or a video codec
	Subtitles bool // named by EXT-X-MEDIA with TYPE=SUBTITLES
	Audio     bool // … with TYPE=AUDIO
	IFrames   bool // named by EXT-X-I-FRAME-STREAM-INF
	// Essential renditions are the variant streams and the default one of each audio
	// group. If one fails, there is no stream; all others may be left out.
	Essential bool

	written string // its original address with {$name}; empty: it has no variables
}

// Shown is the address for messages, without possible secrets: absolute, or with
// variables as the playlist has it.
func (r Rendition) Shown() string {
	if r.written != "" {
		return quote(r.written)
	}
	return quote(r.Address.String())
}

// DecodeMultivariant reads a multivariant playlist; address is its own after
// redirects. The error is a *loop.Refusal.
func DecodeMultivariant(body []byte, address *url.URL) (*Multivariant, error) {
	if len(body) > maxMultivariant {
		return nil, refuse(CodeTooLarge, "a multivariant playlist of %d bytes, at most %d are read", len(body), maxMultivariant)
	}
	lines, err := readLines(body)
	if err != nil {
		return nil, err
	}
	text, variables, err := substitute(lines, nil, address.RawQuery, body)
	if err != nil {
		return nil, err
	}
	if size := bytesOf(text.lines); size > maxMultivariant {
		return nil, refuse(CodeTooLarge, "variables make the multivariant playlist %d bytes long, at most %d are served", size, maxMultivariant)
	}
	if tags := countMediaTags(text.lines); tags > maxMediaTags {
		return nil, refuse(CodeTooLarge, "%d variant streams and renditions, at most %d are read", tags, maxMediaTags)
	}
	if err := parseMultivariant(text.lines); err != nil {
		return nil, err
	}
	m := &Multivariant{Variables: variables, Lines: text.replacedLines(), address: withoutQuery(address), Notes: Notes{}, numbers: map[string]int{}, groups: map[string]int{}}
	if n, err := m.read(text); err != nil {
		return m, atLine(err, body, n, false)
	}
	if len(m.Renditions) == 0 {
		return m, refuse(CodeNoRendition, "no variant stream and no rendition has an address")
	}
	m.findEssential()
	return m, nil
}

func countMediaTags(lines []string) (n int) {
	for _, line := range lines {
		if name, _ := splitTag(line); name == tagStreamInf || name == tagMedia || name == tagIFrameStreamInf {
			n++
		}
	}
	return n
}

// read finds the renditions and keeps the lines of the live playlist. n is the line
// of the error.
func (m *Multivariant) read(text source) (n int, err *loop.Refusal) {
	variant := "" // the EXT-X-STREAM-INF that waits for its address
	for n, line := range text.lines {
		name, _ := splitTag(line)
		known := len(m.Renditions)
		switch {
		case name == tagStart || name == tagImageStreamInf:
			m.Notes[noteOf[name]]++
			continue // dropped by rule
		case name == tagStreamInf:
			variant = line
		case name == tagMedia || name == tagIFrameStreamInf:
			if uri, _ := attributeOf(line, "URI"); uri != "" {
				err = m.add(uri, name, line)
			}
			m.audioGroup(line)
		case !strings.HasPrefix(line, "#"):
			if variant == "" {
				continue // an address without EXT-X-STREAM-INF
			}
			err = m.add(line, tagStreamInf, variant)
			variant = ""
		}
		if err != nil {
			return n, err
		}
		if len(m.Renditions) > known {
			m.Renditions[known].written = addressIn(text.replaced(n))
		}
		m.lines = append(m.lines, line)
	}
	return 0, nil
}

// addressIn is the address that a line is, or has as its URI.
func addressIn(line string) string {
	if uri, is := attributeOf(line, "URI"); is && strings.HasPrefix(line, "#") {
		return uri
	}
	return line
}

func describe(tag, line string) (r Rendition) {
	switch tag {
	case tagIFrameStreamInf:
		r.IFrames = true
	case tagStreamInf:
		r.Variant, r.Video = true, hasVideo(line)
	case tagMedia:
		kind, _ := attributeOf(line, "TYPE")
		r.Subtitles, r.Audio = kind == "SUBTITLES", kind == "AUDIO"
	}
	return r
}

// videoCodecs are prefixes of video CODECS (RFC 6381).
var videoCodecs = []string{"avc", "hvc", "hev", "dvh", "dva", "av01", "vp0", "vp8", "vp9", "mp4v", "vvc", "vvi", "evc", "lvc", "jxs"}

func hasVideo(line string) bool {
	if _, has := attributeOf(line, "RESOLUTION"); has {
		return true
	}
	codecs, _ := attributeOf(line, "CODECS")
	return codecsHaveVideo(codecs)
}

func codecsHaveVideo(codecs string) bool {
	for codec := range strings.SplitSeq(codecs, ",") {
		for _, video := range videoCodecs {
			if strings.HasPrefix(strings.TrimSpace(codec), video) {
				return true
			}
		}
	}
	return false
}

// add notes a rendition, or another tag of a known one.
func (m *Multivariant) add(uri, tag, line string) *loop.Refusal {
	r := describe(tag, line)
	address, err := Resolve(m.address, uri)
	if err != nil {
		return refuse(CodeSyntax, "the address can't be read")
	}
	n, known := m.numbers[address.String()]
	if !known {
		if n = len(m.Renditions); n == MaxRenditions {
			return refuse(CodeTooLarge, "more than %d renditions", MaxRenditions)
		}
		m.numbers[address.String()] = n
		m.Renditions = append(m.Renditions, Rendition{Address: address, IFrames: r.IFrames, Subtitles: r.Subtitles})
	}
	have := &m.Renditions[n]
	have.Audio = have.Audio || r.Audio
	have.Variant = have.Variant || r.Variant
	have.Video = have.Video || r.Video
	m.traits = append(m.traits, traits(n, tag, line))
	return nil
}

// muxed replaces the rendition number of an audio group whose default is part
// of the variant streams.
const muxed = -1

// audioGroup notes the default rendition of the audio group of an EXT-X-MEDIA: that
// with DEFAULT=YES, else the first.
func (m *Multivariant) audioGroup(line string) {
	a := map[string]string{}
	for _, attribute := range attributes(line) {
		a[attribute.name] = attribute.value
	}
	if a["TYPE"] != "AUDIO" {
		return
	}
	key := a["GROUP-ID"]
	if a["DEFAULT"] == "YES" {
		key += "\x00" // has precedence over the first; cleaned lines have no such character
	}
	if _, known := m.groups[key]; known {
		return
	}
	m.groups[key] = muxed
	if address, err := Resolve(m.address, a["URI"]); err == nil && a["URI"] != "" {
		m.groups[key] = m.numbers[address.String()]
	}
}

// findEssential marks the essential renditions: without variant streams, those
// that may be the reference.
func (m *Multivariant) findEssential() {
	leads := m.leads()
	for n := range m.Renditions {
		m.Renditions[n].Essential = m.Renditions[n].Variant || leads[n]
	}
	for group, n := range m.groups {
		if _, chosen := m.groups[group+"\x00"]; !chosen && n != muxed {
			m.Renditions[n].Essential = true
		}
	}
}

// leads reports which renditions may be the reference: the variant streams with
// video, else all variant streams, else all that are not for trick play.
func (m *Multivariant) leads() []bool {
	rules := []func(Rendition) bool{
		func(r Rendition) bool { return r.Variant && r.Video },
		func(r Rendition) bool { return r.Variant },
		func(r Rendition) bool { return !r.IFrames && !r.Subtitles },
		func(Rendition) bool { return true },
	}
	leads := make([]bool, len(m.Renditions))
	for _, rule := range rules {
		found := false
		for n, r := range m.Renditions {
			leads[n] = rule(r)
			found = found || leads[n]
		}
		if found {
			break
		}
	}
	return leads
}

// encode writes the live multivariant playlist: the same lines with live addresses.
func (m *Multivariant) encode(addresses Addresses, leftOut func(rendition int) *loop.Refusal) []byte {
	var b strings.Builder
	for _, line := range m.without(leftOut) {
		b.WriteString(m.rewrite(line, addresses))
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

func (m *Multivariant) rewrite(line string, addresses Addresses) string {
	write := func(ref string) string {
		if address, err := Resolve(m.address, ref); err == nil {
			if n, ours := m.numbers[address.String()]; ours {
				return addresses.Rendition(n)
			}
		}
		return resource(addresses, -1, m.address, ref)
	}
	if !strings.HasPrefix(line, "#") {
		return write(line)
	}
	if !strings.HasPrefix(line, "#EXT-X-") {
		return line
	}
	return replaceAttributes(line, func(a attribute) (string, bool) {
		return quoted(write(a.value)), (a.name == "URI" || a.name == "SERVER-URI") && a.value != ""
	})
}
