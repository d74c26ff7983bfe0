package playlist

import (
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

// Describe returns the descriptions in the VOD's own multivariant playlist, by
// rendition; of a VOD without one (nil) that of its only rendition.
func (m *Multivariant) Describe() []Description {
	if m == nil {
		return []Description{{Kind: KindMedia}}
	}
	all := make([]Description, len(m.Renditions))
	for n := range all {
		all[n].Kind = KindMedia
	}
	variant := ""
	for _, line := range m.lines {
		switch tag, _ := splitTag(line); {
		case tag == tagStreamInf:
			variant = line
		case tag == tagMedia || tag == tagIFrameStreamInf:
			uri, _ := attributeOf(line, "URI")
			m.describe(all, uri, tag, line)
		case !strings.HasPrefix(line, "#"):
			m.describe(all, line, tagStreamInf, variant)
		}
	}
	return all
}

// describe adds the attributes that a line has for the rendition at an address. Of
// several lines for one rendition the first one counts.
func (m *Multivariant) describe(all []Description, uri, tag, line string) {
	address, err := Resolve(m.address, uri)
	if err != nil {
		return
	}
	if n, ok := m.numbers[address.String()]; ok && n < len(all) {
		all[n].add(tag, line)
	}
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
