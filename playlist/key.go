package playlist

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"vod2live/loop"
)

// Key is one EXT-X-KEY (4.4.4.4).
type Key struct {
	line   string
	format string // KEYFORMAT; identity if absent
	method string
	iv     bool
	badIV  bool // the IV can't be read

	number  uint64 // used as the IV, different for each segment
	implied bool   // number is written as the IV
}

const (
	noKey    = tagKey + ":METHOD=NONE"
	identity = "identity" // the KEYFORMAT of a key whose URI is the key itself
)

// Bounds of keys: each is written wherever it is in force, and one with an implied
// IV differs from segment to segment.
const (
	maxKeys    = 64 // that apply to one segment
	maxImplied = maxLines
)

// text is the served line.
func (k Key) text() string {
	if !k.implied {
		return k.line
	}
	return k.line + string(k.appendIV(nil))
}

// appendIV appends the attribute with the implied IV.
func (k Key) appendIV(dst []byte) []byte {
	var iv [16]byte
	binary.BigEndian.PutUint64(iv[8:], k.number)
	return hex.AppendEncode(append(dst, ivPrefix...), iv[:])
}

const ivPrefix = ",IV=0x"

// textBytes is the length of the served line.
func (k Key) textBytes() int {
	if k.implied {
		return len(k.line) + len(ivPrefix) + 32
	}
	return len(k.line)
}

func parseKey(line string) Key {
	k := Key{line: line, format: identity}
	for a := range eachAttribute(line) {
		switch a.name {
		case "METHOD":
			k.method = a.value
		case "KEYFORMAT":
			k.format = a.value
		case "IV":
			k.iv, k.badIV = true, !isIV(a.value)
		}
	}
	return k
}

// isIV reports whether players can read an IV (4.2, hexadecimal-sequence).
func isIV(value string) bool {
	digits, prefixed := strings.CutPrefix(strings.ToLower(value), "0x")
	return prefixed && digits != "" && len(digits) <= 32 && strings.Trim(digits, "0123456789abcdef") == ""
}

// encryptsInit reports whether the method encrypts EXT-X-MAP resources, too, as
// whole-file methods do. AES-256 and AES-256-CTR are not in the specification,
// but hls.js and Shaka support them.
func (k Key) encryptsInit() bool { return strings.HasPrefix(k.method, "AES-") }

// impliesIV reports whether the media sequence number is the IV (5.2).
func (k Key) impliesIV() bool {
	switch k.method {
	case "AES-128", "SAMPLE-AES", "AES-256", "AES-256-CTR":
		return !k.iv && k.format == identity
	}
	return false // AES-256-GCM and SAMPLE-AES-CTR must not have one
}

// key applies from here on until another one with its KEYFORMAT, or NONE. Several
// keys of one DRM system in one place are all kept: some players use all.
func (d *mediaDecoder) key(line, _ string) *loop.Refusal {
	k := parseKey(line)
	if k.method == "" {
		return refuse(CodeSyntax, "EXT-X-KEY without METHOD")
	}
	if k.method == "NONE" {
		d.keys, d.fresh = nil, 0
		return nil
	}
	d.noteKey(k)
	var kept []Key
	old, fresh := len(d.keys)-d.fresh, 0
	for i, o := range d.keys {
		switch {
		case o.format == k.format && (i < old || k.format == identity):
			continue
		case i >= old:
			fresh++
		}
		kept = append(kept, o)
	}
	if d.keys, d.fresh = append(kept, k), fresh+1; len(d.keys) > maxKeys {
		return refuse(CodeTooLarge, "more than %d EXT-X-KEY apply at once", maxKeys)
	}
	return nil
}

// noteKey notes the version that a key needs, and its defects.
func (d *mediaDecoder) noteKey(k Key) {
	if k.iv {
		d.needs(2)
	}
	if k.badIV {
		d.media.Notes[NoteBadIV]++
	}
	if k.method == "SAMPLE-AES" || strings.Contains(k.line, "KEYFORMAT") {
		d.needs(5)
	}
}

// mapTag notes the media initialization section and its keys.
func (d *mediaDecoder) mapTag(line, _ string) *loop.Refusal {
	if uri, _ := attributeOf(line, "URI"); uri == "" {
		return refuse(CodeSyntax, "EXT-X-MAP without URI")
	}
	d.init = &Map{line: explicitOffset(line), keys: encrypting(d.keys)}
	d.fresh = 0
	for _, k := range d.init.keys {
		if k.impliesIV() {
			return refuse(CodeInitWithoutIV, "the media initialization section is encrypted, but its key has no IV")
		}
	}
	return nil
}

// explicitOffset adds the offset 0 to the byte range of an EXT-X-MAP without one, as
// players read it (4.4.4.5 requires an offset).
func explicitOffset(line string) string {
	return replaceAttributes(line, func(a attribute) (string, bool) {
		return `"` + a.value + `@0"`, a.name == "BYTERANGE" && digits(a.value) && a.value != ""
	})
}

// formats are the KEYFORMATs of some keys.
func formats(keys []Key) (all []string) {
	for _, k := range keys {
		if !slices.Contains(all, k.format) {
			all = append(all, k.format)
		}
	}
	return all
}

// encrypting are the keys that encrypt media initialization sections, the last one
// of each KEYFORMAT.
func encrypting(keys []Key) (some []Key) {
	for i, k := range keys {
		last := !slices.ContainsFunc(keys[i+1:], func(o Key) bool { return o.format == k.format })
		if last && k.encryptsInit() {
			some = append(some, k)
		}
	}
	return some
}

// withIV makes implied IVs explicit: the segment has another media sequence number
// in the live playlist.
func withIV(keys []Key, number uint64) []Key {
	if !slices.ContainsFunc(keys, Key.impliesIV) {
		return keys
	}
	keys = slices.Clone(keys)
	for i := range keys {
		if keys[i].impliesIV() {
			keys[i].number, keys[i].implied, keys[i].iv = number, true, true
		}
	}
	return keys
}

func sameKeys(a, b []Key) bool { return slices.Equal(a, b) }

// sameMap reports whether two segments share a media initialization section.
func sameMap(a, b *Map) bool {
	return a == b || a != nil && b != nil && a.line == b.line && sameKeys(a.keys, b.keys)
}
