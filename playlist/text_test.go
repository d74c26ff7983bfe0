package playlist

import (
	"strings"
	"testing"
)

func TestReadLines_CleansWhatOriginsSend(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"BOM, CRLF, blank lines": {"\ufeff#EXTM3U\r\n\r\n\r\n# a\r\n  b.ts \r\n", "#EXTM3U|# a|b.ts"},
		"CR alone":               {"#EXTM3U\r# a\rb.ts\r", "#EXTM3U|# a|b.ts"},
		"CR between LF":          {"#EXTM3U\n# a\rb.ts\r\r\n\rc.ts\n", "#EXTM3U|# a|b.ts|c.ts"},
		"no newline at the end":  {"#EXTM3U\nb.ts", "#EXTM3U|b.ts"},
		"more behind #EXTM3U":    {"#EXTM3U x-tvg-url=\"a\"\nb.ts", "#EXTM3U|b.ts"},
		"control characters":     {"#EXTM3U\n#\x00E\x01XT\x7fI\u0085NF:1,a\tb\n", "#EXTM3U|#EXTINF:1,a b"},
		"bytes that are no text": {"#EXTM3U\n#EXTINF:1,caf\xe9\n", "#EXTM3U|#EXTINF:1,caf\ufffd"},
		"EXTINF without comma":   {"#EXTM3U\n#EXTINF:6\n#EXTINF: 6.0 , a, b\n#EXTINF:6 a, b\n", "#EXTM3U|#EXTINF:6,|#EXTINF:6.0, a, b|#EXTINF:6,a, b"},
		"spaces between attributes": {
			"#EXTM3U\n#EXT-X-KEY:  METHOD = AES-128 ,  URI=\"a , b = c\" ,IV=0x 1\n#EXT-X-VENDOR: A = 1\n",
			"#EXTM3U|#EXT-X-KEY:METHOD=AES-128,URI=\"a , b = c\",IV=0x 1|#EXT-X-VENDOR: A = 1",
		},
	} {
		lines, err := readLines([]byte(c.body))
		if got := strings.Join(lines, "|"); got != c.want || err != nil {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
}

func TestAttributes_ReadsWhatPlayersRead(t *testing.T) {
	for line, want := range map[string]string{
		`#T:A=1,B="x,y=z",C=`:     `A=1 B=x,y=z C=`,
		`#T:A="",B=0x1F,C=1x2`:    `A= B=0x1F C=1x2`,
		`#T:JUNK,A=1,,B=2`:        `A=1 B=2`,
		`#T:A="open,B=2`:          `A=open B=2`,
		`#T:A="x"junk,B="y"`:      `A=x B=y`,
		`#T:NAME="URI=x",URI="u"`: `NAME=URI=x URI=u`,
		`#T:`:                     ``,
		`#T`:                      ``,
		`#T:=,=`:                  `= =`,
	} {
		var got []string
		for _, a := range attributes(line) {
			got = append(got, a.name+"="+a.value)
		}
		if joined := strings.Join(got, " "); joined != want {
			t.Errorf("attributes(%s) = %s, want %s", line, joined, want)
		}
	}
}

func TestReplaceURI_ChangesNothingElse(t *testing.T) {
	line := `#EXT-X-MEDIA:NAME="a,URI=b",URI="old",X-URI="c",TYPE=AUDIO`
	got := replaceURI(line, func(ref string) string { return ref + "!" })
	if want := `#EXT-X-MEDIA:NAME="a,URI=b",URI="old!",X-URI="c",TYPE=AUDIO`; got != want {
		t.Errorf("replaceURI = %s, want %s", got, want)
	}
}
