package playlist

import (
	"slices"
	"strconv"
	"strings"
)

// naming is a line of a multivariant playlist that names a rendition (4.4.6).
type naming struct {
	tag        string
	rendition  int // muxed: an EXT-X-MEDIA without URI
	attributes map[string]string
}

// namings are those of a VOD, in their order. A VOD without a multivariant playlist
// (nil) is one variant stream without attributes.
func (m *Multivariant) namings() (all []naming) {
	if m == nil {
		return []naming{{tag: tagStreamInf}}
	}
	variant := ""
	for _, line := range m.lines {
		switch tag, _ := splitTag(line); {
		case tag == tagStreamInf:
			variant = line
		case tag == tagMedia || tag == tagIFrameStreamInf:
			uri, _ := attributeOf(line, "URI")
			all = append(all, naming{tag, m.numberOf(uri), attributeMap(line)})
		case !strings.HasPrefix(line, "#"):
			all = append(all, naming{tagStreamInf, m.numberOf(line), attributeMap(variant)})
		}
	}
	return all
}

// numberOf is the rendition at an address; muxed for an empty one.
func (m *Multivariant) numberOf(uri string) int {
	if address, err := Resolve(m.address, uri); err == nil && uri != "" {
		if n, known := m.numbers[address.String()]; known {
			return n
		}
	}
	return muxed
}

// attributeMap has the attributes of a line except its URI.
func attributeMap(line string) map[string]string {
	all := map[string]string{}
	for _, a := range attributes(line) {
		if a.name != "URI" {
			all[a.name] = a.value
		}
	}
	return all
}

// is reports whether the line is an EXT-X-MEDIA of a type with a URI.
func (n *naming) is(kind string) bool {
	return n.tag == tagMedia && n.attributes["TYPE"] == kind && n.rendition != muxed
}

// bandwidth is BANDWIDTH; 0 if it is absent.
func (n *naming) bandwidth() int64 {
	v, _ := strconv.ParseInt(n.attributes["BANDWIDTH"], 10, 64)
	return v
}

// size is RESOLUTION; zeros if it is absent.
func (n *naming) size() (width, height int64) {
	w, h, _ := strings.Cut(n.attributes["RESOLUTION"], "x")
	width, _ = strconv.ParseInt(w, 10, 32)
	height, _ = strconv.ParseInt(h, 10, 32)
	return width, height
}

// language is the primary subtag of LANGUAGE (RFC 5646).
func (n *naming) language() string {
	primary, _, _ := strings.Cut(n.attributes["LANGUAGE"], "-")
	return strings.ToLower(primary)
}

// listOf is a list attribute in normal form.
func (n *naming) listOf(attribute string) string {
	list := strings.Split(n.attributes[attribute], ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ",")
}

// channels is the number in front of CHANNELS.
func (n *naming) channels() string {
	count, _, _ := strings.Cut(n.attributes["CHANNELS"], "/")
	return count
}

// videoRange is VIDEO-RANGE; SDR if it is absent (4.4.6.2).
func (n *naming) videoRange() string {
	if value := n.attributes["VIDEO-RANGE"]; value != "" {
		return value
	}
	return "SDR"
}

// codecFamilies are names for the codecs that differ only in the sample entry.
var codecFamilies = map[string]string{
	"avc1": "avc", "avc3": "avc", "hvc1": "hevc", "hev1": "hevc", "dvh1": "dolby-vision", "dvhe": "dolby-vision", "vp09": "vp9",
}

// textCodecs are not compared: not all packagers list them.
var textCodecs = []string{"stpp", "wvtt", "tx3g"}

// families of CODECS; empty if it is absent.
func (n *naming) families() string {
	var all []string
	for codec := range strings.SplitSeq(n.attributes["CODECS"], ",") {
		family, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(codec)), ".")
		if known, is := codecFamilies[family]; is {
			family = known
		}
		if family != "" && !slices.Contains(textCodecs, family) {
			all = append(all, family)
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ",")
}

// known is a value in a playlist, which may be absent.
type known int

const (
	unknown known = iota
	yes
	no
)

// video reports whether a variant stream has video.
func (n *naming) video() known {
	switch _, sized := n.attributes["RESOLUTION"]; {
	case sized || codecsHaveVideo(n.attributes["CODECS"]):
		return yes
	case n.attributes["CODECS"] == "":
		return unknown
	}
	return no
}

// chosen is the rendition of a group that plays by default: that with DEFAULT=YES,
// else the first; nil: there is no such group.
func chosen(all []naming, kind, group string) (found *naming) {
	for i := range all {
		n := &all[i]
		if n.tag != tagMedia || n.attributes["TYPE"] != kind || n.attributes["GROUP-ID"] != group {
			continue
		}
		if n.attributes["DEFAULT"] == "YES" {
			return n
		}
		if found == nil {
			found = n
		}
	}
	return found
}

// separate reports whether the audio of a variant stream is a separate rendition.
func separate(all []naming, variant *naming) bool {
	group, named := variant.attributes["AUDIO"]
	if !named {
		return false
	}
	audio := chosen(all, "AUDIO", group)
	return audio != nil && audio.rendition != muxed && audio.rendition != variant.rendition
}
