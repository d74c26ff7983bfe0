package playlist

import (
	"net/url"
	"strings"
)

// rule says what may become of a tag other than standing verbatim in a turn of
// the loop, and why.
type rule struct {
	reason  string
	changed func(l *ledger, line string) bool // a line of the turn stands for it
	dropped func(l *ledger, line string) bool // it may go
}

// rules of every tag that is not carried verbatim, once for once. A tag that
// isn't here must be found as it is, as often as the VOD has it.
var rules = map[string]rule{
	"#EXTM3U":                       {"the first line; what follows it on the line is no HLS", anyOf("#EXTM3U"), nil},
	"#EXT-X-VERSION":                {"what the tags need, the same in all renditions", anyOf("#EXT-X-VERSION:"), nil},
	"#EXT-X-TARGETDURATION":         {"the largest of all renditions, as served", anyOf("#EXT-X-TARGETDURATION:"), nil},
	"#EXT-X-MEDIA-SEQUENCE":         {"numbers of the endless stream", anyOf("#EXT-X-MEDIA-SEQUENCE:"), nil},
	"#EXT-X-DISCONTINUITY-SEQUENCE": {"numbers of the endless stream", anyOf("#EXT-X-DISCONTINUITY-SEQUENCE:"), nil},
	"#EXT-X-PLAYLIST-TYPE":          {"no live playlist may have it (6.2.2)", nil, always},
	"#EXT-X-ENDLIST":                {"it doesn't end", nil, always},
	"#EXT-X-ALLOW-CACHE":            {"it was removed from the protocol; live playlists change", nil, always},
	"#EXT-X-START":                  {"an offset into the VOD means nothing live", nil, always},
	"#EXT-X-DEFINE":                 {"its values are written where they are referred to", nil, always},
	"#EXT-X-SERVER-CONTROL":         {"of a low-latency stream that has ended", nil, always},
	"#EXT-X-PART-INF":               {"of a low-latency stream that has ended", nil, always},
	"#EXT-X-PART":                   {"of a low-latency stream that has ended", nil, always},
	"#EXT-X-PRELOAD-HINT":           {"of a low-latency stream that has ended", nil, always},
	"#EXT-X-RENDITION-REPORT":       {"of a low-latency stream that has ended", nil, always},
	"#EXT-X-INDEPENDENT-SEGMENTS":   {"once in a playlist", anyOf("#EXT-X-INDEPENDENT-SEGMENTS"), nil},
	"#EXT-X-I-FRAMES-ONLY":          {"once in a playlist", anyOf("#EXT-X-I-FRAMES-ONLY"), nil},
	"#EXT-X-IMAGE-STREAM-INF":       {"thumbnails of a VOD are not those of the loop", nil, always},
	"#EXT-X-PROGRAM-DATE-TIME":      {"the loop's clock, on every segment", anyOf("#EXT-X-PROGRAM-DATE-TIME:"), nil},
	"#EXT-X-DISCONTINUITY":          {"one tag where two would stand; one behind the last segment is nobody's", anyOf("#EXT-X-DISCONTINUITY"), (*ledger).atEnd},
	"#EXTINF":                       {"comma added, space trimmed; the last one ends with the loop", (*ledger).infTidied, (*ledger).cut},
	"#EXT-X-BYTERANGE":              {"with its offset", (*ledger).rangeExplicit, (*ledger).cut},
	"#EXT-X-KEY":                    {"address resolved, IV of the number it had; said while it applies to something", (*ledger).sameAttributes, (*ledger).keyIdle},
	"#EXT-X-MAP":                    {"address resolved, offset explicit; said while it applies to something", (*ledger).sameAttributes, (*ledger).atEnd},
	"#EXT-X-BITRATE":                {"said while it applies to something", (*ledger).bitrate, (*ledger).atEnd},
	"#EXT-X-GAP":                    {"once for a segment", anyOf("#EXT-X-GAP"), (*ledger).cut},
	"#EXT-X-DATERANGE":              {"on the loop's dates, its ID with a number; nothing to place without ID or start, nor one for the beginning or the end", (*ledger).sameAttributes, (*ledger).unplaced},
	"#EXT-X-MEDIA":                  {"address of ours", (*ledger).sameAttributes, nil},
	"#EXT-X-STREAM-INF":             {"space trimmed", (*ledger).sameAttributes, nil},
	"#EXT-X-I-FRAME-STREAM-INF":     {"address of ours", (*ledger).sameAttributes, nil},
	"#EXT-X-SESSION-KEY":            {"address resolved", (*ledger).sameAttributes, nil},
	"#EXT-X-SESSION-DATA":           {"address resolved", (*ledger).sameAttributes, nil},
	"#EXT-X-CONTENT-STEERING":       {"address resolved", (*ledger).sameAttributes, nil},
	addressTag:                      {"resolved; one that no tag speaks of goes", (*ledger).resolved, (*ledger).strayOrCut},
}

const addressTag = "(address)"

func always(*ledger, string) bool { return true }

// anyOf is satisfied by a line that begins so.
func anyOf(prefix string) func(*ledger, string) bool {
	return func(l *ledger, _ string) bool {
		return l.find(func(out string) bool { return strings.HasPrefix(out, prefix) })
	}
}

func (l *ledger) find(is func(string) bool) bool {
	for out := range l.turn {
		if is(out) {
			return true
		}
	}
	return false
}

func (l *ledger) cut(string) bool { return l.segment >= l.kept }

// atEnd is true of what stands behind the last segment that is served.
func (l *ledger) atEnd(string) bool { return l.segment >= l.kept }

// keyIdle is true of a key that applies to nothing: behind the last segment,
// replaced before a segment, or NONE where nothing applied.
func (l *ledger) keyIdle(line string) bool {
	return l.atEnd(line) || strings.Contains(line, "METHOD=NONE") || l.replaced
}

func (l *ledger) unplaced(line string) bool {
	a := readAttributes(line)
	return l.cut(line) || strings.Contains(a["CUE"], "PRE") || strings.Contains(a["CUE"], "POST") || a["ID"] == "" || a["START-DATE"] == "" || !strings.Contains(a["START-DATE"], "T")
}

func (l *ledger) strayOrCut(string) bool { return l.multivariant || l.cut("") }

func (l *ledger) infTidied(line string) bool {
	value := strings.TrimPrefix(line, "#EXTINF:")
	seconds, title, _ := strings.Cut(value, ",")
	return l.find(func(out string) bool {
		d, outTitle, _ := strings.Cut(strings.TrimPrefix(out, "#EXTINF:"), ",")
		return strings.HasPrefix(out, "#EXTINF:") && strings.TrimSpace(title) == strings.TrimSpace(outTitle) &&
			(d == strings.TrimSpace(seconds) || l.segment == l.kept-1)
	})
}

func (l *ledger) rangeExplicit(line string) bool {
	length, _, _ := strings.Cut(strings.ReplaceAll(line, " ", ""), "@")
	return l.find(func(out string) bool { return strings.HasPrefix(out, length+"@") })
}

func (l *ledger) bitrate(line string) bool {
	return l.find(func(out string) bool { return out == strings.ReplaceAll(line, " ", "") })
}

// rewritten are the attributes whose values change: addresses, and what depends on the loop.
var rewritten = map[string]bool{
	"URI": true, "SERVER-URI": true, "X-ASSET-URI": true, "X-ASSET-LIST": true, "X-URI": true, "START-DATE": true, "END-DATE": true,
}

// sameAttributes finds a line of the same tag with every attribute of this one.
func (l *ledger) sameAttributes(line string) bool {
	name, value, _ := strings.Cut(line, ":")
	want := readAttributes(value)
	return l.find(func(out string) bool {
		outName, outValue, _ := strings.Cut(out, ":")
		if outName != name {
			return false
		}
		got := readAttributes(outValue)
		for attribute, value := range want {
			have, has := got[attribute]
			switch {
			case !has:
				return false
			case rewritten[attribute], have == value, attribute == "BYTERANGE" && have == value+"@0":
			case (attribute == "ID" || attribute == "X-TARGET-ID") && strings.HasPrefix(have, value+"-"):
			case strings.Contains(value, "{$"):
			default:
				return false
			}
		}
		return true
	})
}

// resolved finds the address, made absolute or ours.
func (l *ledger) resolved(line string) bool {
	if l.multivariant || strings.Contains(line, "{$") {
		return l.find(func(out string) bool { return !strings.HasPrefix(out, "#") })
	}
	reader := listener{address: l.address}
	want, _ := url.PathUnescape(reader.resolve(line))
	return l.find(func(out string) bool {
		got, err := url.PathUnescape(out)
		return err == nil && got == want
	})
}
