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
	format string // KEYFORMAT, identity if it has none
	method string
	iv     bool
	badIV  bool // it can't be read

	number  uint64 // that stands in for an IV, as each segment has another
	implied bool   // … and is written as one
}

const (
	noKey    = tagKey + ":METHOD=NONE"
	identity = "identity" // the KEYFORMAT of a key that is fetched as it is
)

// Bounds of keys: each is written again wherever it is in force, and one that
// implies its IV is another for each segment.
const (
	maxKeys    = 64 // that apply to one segment
	maxImplied = maxLines
)

// text is the tag's line as it is served.
func (k Key) text() string {
	if !k.implied {
		return k.line
	}
	var iv [16]byte
	binary.BigEndian.PutUint64(iv[8:], k.number)
	return k.line + ivPrefix + hex.EncodeToString(iv[:])
}

const ivPrefix = ",IV=0x"

// textBytes is the length of that.
func (k Key) textBytes() int {
	if k.implied {
		return len(k.line) + len(ivPrefix) + 32
	}
	return len(k.line)
}

func parseKey(line string) Key {
	k := Key{line: line, format: identity}
	for _, a := range attributes(line) {
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

// encryptsInit says whether the method covers EXT-X-MAP resources as well, as
// all do that encrypt whole files. AES-256 and AES-256-CTR are not in the
// specification, but hls.js and Shaka know them.
func (k Key) encryptsInit() bool { return strings.HasPrefix(k.method, "AES-") }

// impliesIV says whether the media sequence number stands in for an IV (5.2).
func (k Key) impliesIV() bool {
	switch k.method {
	case "AES-128", "SAMPLE-AES", "AES-256", "AES-256-CTR":
		return !k.iv && k.format == identity
	}
	return false // AES-256-GCM and SAMPLE-AES-CTR must not have one
}

// key applies from here on until another of its KEYFORMAT, or NONE. Several of
// one DRM system in one place stay together: some players take them all.
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

// noteKey notes what a key needs, and what is odd about it.
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

// mapTag notes the media initialization section and what encrypts it.
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

// explicitOffset lets the byte range of an EXT-X-MAP say where it begins:
// players take a missing offset for 0 (4.4.4.5 wants one).
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

// encrypting are the keys that cover media initialization sections; of several
// of one KEYFORMAT the last counts.
func encrypting(keys []Key) (some []Key) {
	for i, k := range keys {
		last := !slices.ContainsFunc(keys[i+1:], func(o Key) bool { return o.format == k.format })
		if last && k.encryptsInit() {
			some = append(some, k)
		}
	}
	return some
}

// withIV writes the number of a segment into keys that leave it to the media
// sequence number: the live one is another.
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

// appendKeys writes what must be said for the keys to apply from here on,
// after others did; again if they are to be said even where they did already.
func appendKeys(dst []string, before, keys []Key, again bool) []string {
	if !again && sameKeys(before, keys) {
		return dst
	}
	lasting := slices.ContainsFunc(before, func(b Key) bool {
		return !slices.ContainsFunc(keys, func(k Key) bool { return k.format == b.format })
	})
	if lasting {
		dst = append(dst, noKey)
	}
	for _, k := range keys {
		dst = append(dst, k.text())
	}
	return dst
}

// appendSticky writes the keys and the media initialization section of a
// segment, after a segment with the keys before. Where the keys of the latter
// are not those of the segment, it comes under its own first.
func (s *Segment) appendSticky(dst []string, before []Key, again bool) []string {
	if s.Map == nil {
		return appendKeys(dst, before, s.Keys, again)
	}
	if sameKeys(s.Map.keys, encrypting(s.Keys)) {
		return append(appendKeys(dst, before, s.Keys, again), s.Map.line)
	}
	if len(s.Map.keys) == 0 {
		dst = append(dst, noKey)
	} else {
		dst = appendKeys(dst, before, s.Map.keys, again)
	}
	return appendKeys(append(dst, s.Map.line), s.Map.keys, s.Keys, false)
}

// sameMap says whether two segments share a media initialization section.
func sameMap(a, b *Map) bool {
	return a == b || a != nil && b != nil && a.line == b.line && sameKeys(a.keys, b.keys)
}
