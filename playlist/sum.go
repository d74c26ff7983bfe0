package playlist

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"net/url"
	"strings"
)

// sumOf is the sum in the names of the slices of rendition n: four bytes of a
// SHA-256 over the playlists that determine them, the essential ones and its own.
func (r *renderer) sumOf(n int) string {
	if r.essential == nil {
		h := sha256.New()
		fmt.Fprintln(h, r.vod.Length) // the playlists do not have all of it
		for n, m := range r.media {
			if m != nil && (r.multivariant == nil || r.multivariant.Renditions[n].Essential) {
				m.addSum(h)
			}
		}
		if r.in > 0 {
			fmt.Fprintln(h, r.in)
		}
		r.essential = h.Sum(nil)
	}
	h := sha256.New()
	h.Write(r.essential)
	r.media[n].addSum(h)
	return hex.EncodeToString(h.Sum(nil)[:4])
}

// addSum adds EXTINF, tags and paths, without hosts and queries: a VOD with new
// signatures, or on another host, has the same sum.
func (m *Media) addSum(h hash.Hash) {
	folder := m.path(".")
	for _, line := range m.header {
		fmt.Fprintln(h, line)
	}
	for i := range m.Segments {
		s := &m.Segments[i]
		fmt.Fprintln(h, s.info, m.pathIn(folder, s.URI), s.ByteRange, s.Discontinuity, s.Gap, s.bitrate, s.before, s.between)
		if s.Map != nil {
			fmt.Fprintln(h, replaceURI(s.Map.line, m.path))
		}
		for _, k := range s.Keys {
			fmt.Fprintln(h, replaceURI(k.text(), m.path))
		}
		for _, r := range s.ranges {
			fmt.Fprintln(h, r.line)
		}
	}
	fmt.Fprintln(h, m.after)
}

// pathIn is path with a known folder: most addresses are plain ones below it.
func (m *Media) pathIn(folder, ref string) string {
	if m.address == nil || !needsNothing(ref) {
		return m.path(ref)
	}
	return folder + ref
}

// neverEscaped are the letters that addresses contain unescaped, and the slash.
const neverEscaped = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./"

// needsNothing reports whether a relative address needs no escaping and no
// resolving.
func needsNothing(ref string) bool {
	inOrder := ref != "" && ref[0] != '/' && !strings.Contains(ref, "//") && !strings.Contains("/"+ref, "/.")
	return inOrder && strings.TrimLeft(ref, neverEscaped) == ""
}

// path of an address in the playlist.
func (m *Media) path(ref string) string {
	if m.address == nil {
		return ref
	}
	address, err := m.address.Parse(ref)
	if err != nil {
		return ""
	}
	return (&url.URL{Path: address.Path}).EscapedPath()
}
