package playlist

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// seeds are the playlists of testdata.
func seeds(f *testing.F, pattern string) {
	names, err := filepath.Glob("testdata/*/" + pattern)
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
}

// FuzzDecodeMedia makes a live stream of what it can and decodes windows of it
// again: they have the VOD's segments, with all that applies to each.
func FuzzDecodeMedia(f *testing.F) {
	seeds(f, "[0-9].m3u8")
	f.Add([]byte("#EXTM3U\n#EXT-X-MAP:\n#EXTINF:9,\nvi\n#EXT-X-KEY:\n#EXTINF:9\n#x\n:\n#EXT-X-ENDLIST"))
	f.Add([]byte("#EXTM3U\r#EXT-X-DEFINE:NAME=a,VALUE=\"#EXTINF:1,\"\r#EXTINF:1e3\r{$a}\r#WV-CYPHER-VERSION\r#EXT-X-ENDLIST"))
	f.Add([]byte("#EXTM3U\n#EXT-X-DATERANGE:ID=\"\",START-DATE=0001-01-01T00:00:00Z,DURATION=999999999\n#EXTINF:2,\na\n#EXTINF:2,\nb\n#EXT-X-ENDLIST"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > 8<<10 {
			t.Skip("long playlists only take time")
		}
		m, err := DecodeMedia(body, origin, nil)
		if err != nil {
			codeOf(t, err)
			return
		}
		live, err := NewLive(nil, []*Media{m}, plain{}, Options{Epoch: epoch})
		if err != nil {
			codeOf(t, err)
			return
		}
		length := live.VOD.Length
		for _, at := range []time.Time{live.Timeline.Ready(), epoch.Add(3 * length), epoch.Add(7*length + length/2)} {
			if at.Before(live.Timeline.Ready()) {
				continue
			}
			w, err := live.Timeline.Window(0, at)
			if err != nil {
				t.Fatal(err)
			}
			text := live.AppendMedia(nil, 0, w)
			if bad := checkHeader(strings.Split(string(text), "\n")); len(bad) > 0 || bytes.Contains(text, []byte("\n\n")) {
				t.Fatalf("%v in\n%s", bad, text)
			}
			again, err := DecodeMedia(append(text, tagEndlist...), origin, nil)
			if err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
			if int64(len(again.Segments)) != w.End-w.First {
				t.Fatalf("%d segments, want %d in\n%s", len(again.Segments), w.End-w.First, text)
			}
			for i := range again.Segments {
				sameSegment(t, &again.Segments[i], &m.Segments[(w.First+int64(i))%int64(len(m.Segments))])
			}
		}
	})
}

func sameSegment(t *testing.T, got, want *Segment) {
	t.Helper()
	same := got.Duration == want.Duration && got.ByteRange == want.ByteRange && got.Gap == want.Gap && got.title() == want.title() &&
		(got.Map == nil) == (want.Map == nil) && slices.EqualFunc(got.Keys, want.Keys, sameKey) &&
		(got.Map == nil || slices.EqualFunc(got.Map.keys, want.Map.keys, sameKey)) &&
		resource(plain{}, 0, origin, got.URI) == resource(plain{}, 0, origin, want.URI)
	if !same {
		t.Fatalf("segment\n%+v, want\n%+v", got, want)
	}
}

func sameKey(a, b Key) bool {
	ivA, _ := attributeOf(a.text(), "IV")
	ivB, _ := attributeOf(b.text(), "IV")
	return a.method == b.method && a.format == b.format && ivA == ivB
}

// inPlace leaves every address where it is.
type inPlace struct{ *Multivariant }

func (a inPlace) Rendition(n int) string { return a.Renditions[n].Address.String() }

func (inPlace) Resource(_ int, address *url.URL) string { return address.String() }

func (inPlace) NotesEach() bool                  { return false }
func (inPlace) Absolute(address *url.URL) string { return address.String() }

// FuzzDecodeMultivariant writes what it can with every address where it is:
// that reads the same, and a second time nothing changes any more.
func FuzzDecodeMultivariant(f *testing.F) {
	seeds(f, "master.m3u8")
	f.Add([]byte("#EXTM3U\n#EXT-X-MEDIA:\"=\",URI=0"))
	f.Add([]byte("#EXTM3U\n#EXT-X-MEDIA:A=\"0\",URI==\", \""))
	f.Add([]byte("#EXTM3U\n#EXT-X-MEDIA:URI=a\n#EXT-X-STREAM-INF:\n#EXT-X-STREAM-INF:URI=\"x\"\n:\n#EXT-X-I-FRAME-STREAM-INF:URI=,URI=\"b"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > 8<<10 {
			t.Skip("long playlists only take time")
		}
		m, err := DecodeMultivariant(body, origin)
		if err != nil {
			codeOf(t, err)
			return
		}
		if !wellQuoted(body) {
			return
		}
		first := m.encode(inPlace{m}, nobody)
		again, err := DecodeMultivariant(first, origin)
		if err != nil {
			t.Fatalf("%v in\n%s", err, first)
		}
		if len(again.Renditions) != len(m.Renditions) {
			t.Fatalf("%d renditions, want %d in\n%s", len(again.Renditions), len(m.Renditions), first)
		}
		for n, r := range m.Renditions {
			a, b := r, again.Renditions[n]
			if a.Address.String() != b.Address.String() {
				t.Fatalf("rendition %d is at %s, want %s", n, b.Address, a.Address)
			}
			if a.Address, b.Address = nil, nil; a != b {
				t.Fatalf("rendition %d is %+v, want %+v in\n%s", n, b, a, first)
			}
		}
		if second := again.encode(inPlace{again}, nobody); !bytes.Equal(first, second) {
			t.Fatalf("written again:\n%s\nwant\n%s", second, first)
		}
	})
}

var quotes = regexp.MustCompile(`^([^"]*[^"=,]="[^"]*"(,|$))*[^"]*$`)

// wellQuoted says whether quotes come in pairs, around whole values: of others
// one cleaning can make way for another.
func wellQuoted(text []byte) bool {
	for _, line := range strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if !quotes.MatchString(strings.TrimSpace(line)) {
			return false
		}
	}
	return true
}
