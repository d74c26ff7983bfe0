package playlist

import (
	"net/url"
	"strings"
	"testing"
)

// TestRefusals_ShowNoSecretOfThePlaylist: neither the values of variables, nor
// queries and passwords of addresses, nor the library's words on them.
func TestRefusals_ShowNoSecretOfThePlaylist(t *testing.T) {
	const define = "#EXT-X-DEFINE:NAME=\"t\",VALUE=\"s3cr3t\"\n#EXT-X-DEFINE:QUERYPARAM=\"q\"\n"
	address := &url.URL{Scheme: "https", Host: "cdn.test", Path: "/a.m3u8", RawQuery: "q=s3cr3t"}
	for name, text := range map[string]string{
		"DEFINE twice":                vodOf(define + "#EXT-X-DEFINE:NAME=\"t\",VALUE=\"s3cr3t\""),
		"DEFINE without a name":       vodOf("#EXT-X-DEFINE:VALUE=\"s3cr3t\""),
		"no such variable":            vodOf(define + "#EXTINF:2,\n{$t}/{$x}.ts"),
		"a byte range of a variable":  vodOf(define + "#EXT-X-BYTERANGE:{$t}"),
		"an implied offset":           vodOf(define + "#EXT-X-BYTERANGE:5\n#EXTINF:2,\n{$t}/{$q}.ts"),
		"an address alone":            vodOf(define + "{$t}/a.ts"),
		"an address with a query":     vodOf("a.ts?sig=s3cr3t"),
		"an address with a password":  vodOf("https://u:s3cr3t@cdn.test/a.ts"),
		"an address that is long":     vodOf(define + strings.Repeat("x", maxQuote-3) + "{$t}.ts"),
		"a number of a variable":      vodOf(define + "#EXT-X-MEDIA-SEQUENCE:{$t}"),
		"a duration with a query":     vodOf("#EXTINF:abc,x?s3cr3t\nx.ts"),
		"a MAP of a variable":         vodOf(define + "#EXT-X-KEY:METHOD=AES-128,URI=\"{$t}\"\n#EXT-X-MAP:URI=\"{$q}\""),
		"a KEY of a variable":         vodOf(define + "#EXT-X-KEY:URI=\"{$t}\""),
		"a data: key":                 vodOf("#EXT-X-KEY:URI=\"data:;base64,s3cr3t\""),
		"rendition unreadable":        "#EXTM3U\n" + define + "#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://[{$t}/{$q}.m3u8",
		"audio rendition unreadable":  "#EXTM3U\n" + define + "#EXT-X-MEDIA:TYPE=AUDIO,URI=\"http://[{$t}/{$q}.m3u8?s3cr3t\"",
		"a variant playlist, nothing": "#EXTM3U\n" + define + "#EXT-X-STREAM-INF:BANDWIDTH=1",
	} {
		var err error
		if IsMultivariant([]byte(text)) {
			_, err = DecodeMultivariant([]byte(text), address)
		} else {
			_, err = DecodeMedia([]byte(text), address, nil)
		}
		if err == nil || strings.Contains(err.Error(), "s3cr") || len(err.Error()) > 2*maxQuote {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestShown_HasVariablesAsThePlaylistHasThem(t *testing.T) {
	const define = "#EXT-X-DEFINE:NAME=\"t\",VALUE=\"s3cr3t\"\n"
	m, err := DecodeMedia([]byte(vodOf(define+"#EXTINF:2,\n{$t}/a.ts?{$t}")), origin, nil)
	if err != nil {
		t.Fatal(err)
	}
	if m.Segments[0].URI != "s3cr3t/a.ts?s3cr3t" || m.Shown(0) != "{$t}/a.ts?***" || m.Shown(1) != "a.ts" {
		t.Errorf("%q is shown as %q, and %q as %q", m.Segments[0].URI, m.Shown(0), m.Segments[1].URI, m.Shown(1))
	}
	all, err := DecodeMultivariant([]byte("#EXTM3U\n"+define+
		"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",URI=\"{$t}/a.m3u8\"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{$t}/v.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttps://u:p@cdn.test/w.m3u8?q"), origin)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []string{"{$t}/a.m3u8", "{$t}/v.m3u8", "https://***@cdn.test/w.m3u8?***"} {
		if got := all.Renditions[n].Shown(); got != want {
			t.Errorf("rendition %d is shown as %q, want %q", n, got, want)
		}
	}
}
