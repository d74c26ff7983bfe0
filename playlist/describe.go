package playlist

import (
	"iter"
	"slices"
	"strings"

	"vod2live/playlist/mask"
)

// Kind of media of a rendition, according to its multivariant playlist.
type Kind string

// The kinds. KindMedia is an unknown kind.
const (
	KindMedia     Kind = "media"
	KindVideo     Kind = "video"
	KindAudio     Kind = "audio"
	KindSubtitles Kind = "subtitles"
	KindIFrames   Kind = "i-frames"
)

// Description has the attributes of a rendition in its multivariant playlist; a
// missing one is empty.
type Description struct {
	Kind                  Kind
	Name, Language, Group string
	Bandwidth, Resolution string
	Codecs                string
}

// mostDescribed bounds the text of one attribute.
const mostDescribed = 200

// Describe returns the descriptions in a live multivariant playlist; number is the
// rendition's number of an address in it. The first of several for one rendition
// counts.
func (l *Live) Describe(number func(uri string) (n int, ok bool)) []Description {
	return describeAll(strings.Lines(string(l.Multivariant)), l.Renditions(), number)
}

// Describe returns the descriptions in the VOD's own multivariant playlist.
func (m *Multivariant) Describe() []Description {
	return describeAll(slices.Values(m.lines), len(m.Renditions), func(uri string) (n int, ok bool) {
		address, err := Resolve(m.address, uri)
		if err != nil {
			return 0, false
		}
		n, ok = m.numbers[address.String()]
		return n, ok
	})
}

func describeAll(lines iter.Seq[string], renditions int, number func(uri string) (n int, ok bool)) []Description {
	all := make([]Description, renditions)
	for n := range all {
		all[n].Kind = KindMedia
	}
	note := func(uri, tag, line string) {
		if n, ok := number(uri); ok && n < len(all) {
			all[n].add(tag, line)
		}
	}
	variant := ""
	for line := range lines {
		line = strings.TrimSuffix(line, "\n")
		switch tag, _ := splitTag(line); {
		case tag == tagStreamInf:
			variant = line
		case tag == tagMedia || tag == tagIFrameStreamInf:
			uri, _ := attributeOf(line, "URI")
			note(uri, tag, line)
		case !strings.HasPrefix(line, "#"):
			note(line, tagStreamInf, variant)
		}
	}
	return all
}

func (d *Description) add(tag, line string) {
	if d.Kind == KindMedia {
		d.Kind = kindOf(tag, line)
	}
	fields := map[string]*string{
		"NAME": &d.Name, "LANGUAGE": &d.Language, "GROUP-ID": &d.Group,
		"BANDWIDTH": &d.Bandwidth, "RESOLUTION": &d.Resolution, "CODECS": &d.Codecs,
	}
	for _, a := range attributes(line) {
		if field := fields[a.name]; field != nil && *field == "" {
			*field = mask.Shorten(a.value, mostDescribed)
		}
	}
}

// kindOf determines the kind from the tag and its attributes. A variant stream
// without a video codec is audio.
func kindOf(tag, line string) Kind {
	switch tag {
	case tagIFrameStreamInf:
		return KindIFrames
	case tagMedia:
		kind, _ := attributeOf(line, "TYPE")
		kinds := map[string]Kind{"VIDEO": KindVideo, "AUDIO": KindAudio, "SUBTITLES": KindSubtitles}
		if known, is := kinds[kind]; is {
			return known
		}
		return KindMedia
	}
	if hasVideo(line) {
		return KindVideo
	}
	if codecs, _ := attributeOf(line, "CODECS"); codecs != "" {
		return KindAudio
	}
	return KindMedia
}
