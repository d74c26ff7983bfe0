package playlist

import (
	"net/url"
	"strings"
)

// Addresses determines how the addresses in a playlist of the VOD are written in
// the live playlist.
type Addresses interface {
	// Rendition is the address of rendition n, as seen from the live
	// multivariant playlist.
	Rendition(n int) string
	// Resource is the address of anything else, as seen from the live playlist
	// of rendition n, or the multivariant one (n = -1).
	Resource(n int, address *url.URL) string
	// NotesEach reports whether Resource must be called for every address. Otherwise
	// those in one folder are written alike, except for their last element, if that has
	// only letters, digits, - and _, and dots but at its beginning.
	NotesEach() bool
	// Absolute is the address of a resource that players must not get through this
	// server.
	Absolute(address *url.URL) string
}

// Resolve makes an address absolute, as players do: spaces and stray percent
// signs are escaped, and escaped dots are dots.
func Resolve(base *url.URL, ref string) (*url.URL, error) {
	if isPlain(ref) && base.RawPath == "" && strings.HasPrefix(base.Path, "/") && !strings.Contains(base.Path, "/.") {
		address := *base
		address.Path = base.Path[:strings.LastIndexByte(base.Path, '/')+1] + ref
		address.RawQuery, address.ForceQuery, address.Fragment, address.RawFragment = "", false, "", ""
		return &address, nil
	}
	if strings.Contains(ref, "%") {
		ref = plainEscapes(ref)
	}
	ref = strings.ReplaceAll(ref, " ", "%20")
	if i := strings.IndexAny(ref, ":/?#"); i >= 0 && ref[i] == ':' && !isScheme(ref[:i]) {
		ref = "./" + ref // 10:00:00.ts is a file name, 10 no scheme
	}
	return base.Parse(ref)
}

// withoutQuery is the base of a playlist's addresses: no address that is resolved
// against it has its query, which may be an authorisation (RFC 3986 5.2.2 gives it to
// empty ones).
func withoutQuery(address *url.URL) *url.URL {
	if address == nil || address.RawQuery == "" {
		return address
	}
	base := *address
	base.RawQuery, base.ForceQuery = "", false
	return &base
}

// isPlain reports whether an address consists of names alone, so that it can be
// appended to the base's folder: most addresses of a VOD do.
func isPlain(ref string) bool {
	before := byte('/')
	for i := 0; i < len(ref); i++ {
		c := ref[i]
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9', c == '_', c == '-':
		case (c == '.' || c == '/') && before != '/':
		default:
			return false
		}
		before = c
	}
	return ref != ""
}

// isScheme reports whether a name can be that of a scheme (RFC 3986 3.1).
func isScheme(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", rune(c))) {
			return false
		}
	}
	return name != ""
}

func plainEscapes(ref string) string {
	var b strings.Builder
	for i := 0; i < len(ref); i++ {
		switch {
		case ref[i] != '%':
			b.WriteByte(ref[i])
		case i+2 >= len(ref) || !isHex(ref[i+1]) || !isHex(ref[i+2]):
			b.WriteString("%25")
		case ref[i+1] == '2' && ref[i+2]|0x20 == 'e':
			b.WriteByte('.')
			i += 2
		default:
			b.WriteByte('%')
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// resource returns the live address for one in a playlist. Addresses that can't be
// resolved or are not http or https (skd:, data:, urn:) stay as they are.
func resource(addresses Addresses, n int, base *url.URL, ref string) string {
	address, err := Resolve(base, ref)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" {
		return ref
	}
	out := addresses.Resource(n, address)
	if strings.HasPrefix(ref, address.Scheme+":") && out == address.String() && !strings.Contains(ref, " ") {
		return ref // an absolute address stays as it is written
	}
	return out
}

// folder is a folder of the VOD and its live address. Most segments of a VOD are in one
// folder, and their addresses differ in their last element alone.
type folder struct {
	ref, live string
	known     bool
}

// in returns the live address of an address in the folder, in two parts; not if it is in
// another folder or its last element needs escaping.
func (f *folder) in(ref string) (live, name string, ok bool) {
	name, ok = strings.CutPrefix(ref, f.ref)
	return f.live, name, ok && f.known && isPlain(name) && strings.IndexByte(name, '/') < 0
}

// folderOf is the folder of an address whose live address is known. That of an address
// without a last element is not: no origin serves it, and it is left to the viewer.
func folderOf(addresses Addresses, ref, live string) folder {
	at := strings.LastIndexByte(ref, '/') + 1
	above, ok := strings.CutSuffix(live, ref[at:])
	return folder{ref[:at], above, ok && isPlain(ref) && at < len(ref) && !addresses.NotesEach()}
}

// absolute is for addresses that must bypass this server: an interstitial is a VOD,
// and would come back as a live stream.
func absolute(addresses Addresses, base *url.URL, ref string) string {
	address, err := Resolve(base, ref)
	if err != nil || address.Scheme != "http" && address.Scheme != "https" {
		return ref
	}
	return addresses.Absolute(address)
}
