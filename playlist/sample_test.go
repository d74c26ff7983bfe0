package playlist

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// mirror writes addresses as the proxy does: what is beneath /vod/ at the
// origin is beneath /live/ here.
type mirror struct {
	folder string // of the stream
	single bool
}

func (m mirror) Rendition(n int) string { return "master.m3u8/" + strconv.Itoa(n) + ".m3u8" }

func (mirror) NotesEach() bool { return false }

func (mirror) Absolute(address *url.URL) string { return address.String() }

func (m mirror) Resource(n int, address *url.URL) string {
	rest, within := strings.CutPrefix(address.EscapedPath(), "/vod/")
	if address.Host != "origin.test" || !within {
		return address.String()
	}
	up := "../"
	if n >= 0 && !m.single {
		up = "../../"
	}
	if inFolder, is := strings.CutPrefix(rest, m.folder+"/"); is {
		rest, up = inFolder, up[3:]
	}
	if address.RawQuery != "" {
		rest += "?" + address.RawQuery
	}
	return up + rest
}

// sample is a VOD of testdata.
type sample struct {
	name         string
	multivariant *Multivariant // nil: one media playlist
	media        []*Media
	text         []string // of each media playlist
}

func samples(t testing.TB) (all []*sample) {
	t.Helper()
	names, err := filepath.Glob("testdata/*/0.m3u8")
	if err != nil || len(names) == 0 {
		t.Fatalf("no VODs in testdata: %v", err)
	}
	for _, name := range names {
		all = append(all, load(t, filepath.Dir(name)))
	}
	return all
}

func load(t testing.TB, folder string) *sample {
	t.Helper()
	s := &sample{name: filepath.Base(folder)}
	address := s.at("https://origin.test/vod/", "/master.m3u8?token=abc")
	body, err := os.ReadFile(folder + "/master.m3u8")
	if err == nil {
		if s.multivariant, err = DecodeMultivariant(body, address); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
	}
	for n := range max(1, s.renditions()) {
		body, err := os.ReadFile(fmt.Sprintf("%s/%d.m3u8", folder, n))
		if err != nil {
			t.Fatal(err)
		}
		m, err := DecodeMedia(body, s.address(n), s.variables())
		if err != nil {
			t.Fatalf("%s, rendition %d: %v", s.name, n, err)
		}
		s.media, s.text = append(s.media, m), append(s.text, string(body))
	}
	return s
}

func (s *sample) at(prefix, rest string) *url.URL {
	address, err := url.Parse(prefix + s.name + rest)
	if err != nil {
		panic(err)
	}
	return address
}

func (s *sample) renditions() int {
	if s.multivariant == nil {
		return 0
	}
	return len(s.multivariant.Renditions)
}

func (s *sample) variables() Variables {
	if s.multivariant == nil {
		return nil
	}
	return s.multivariant.Variables
}

func (s *sample) address(n int) *url.URL {
	if s.multivariant == nil {
		return s.at("https://origin.test/vod/", "/0.m3u8")
	}
	return s.multivariant.Renditions[n].Address
}

// seenAt is where viewers see the playlist of a rendition.
func (s *sample) seenAt(n int) *url.URL {
	if s.multivariant == nil {
		return s.at("https://live.test/live/", "/0.m3u8")
	}
	return s.at("https://live.test/live/", fmt.Sprintf("/master.m3u8/%d.m3u8", n))
}

func (s *sample) live(t testing.TB, window time.Duration) *Live {
	t.Helper()
	live, err := NewLive(s.multivariant, s.media, mirror{s.name, s.multivariant == nil}, Options{Window: window, Epoch: epoch})
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	return live
}

// understood is the VOD's own text as a player understands it; none where it
// has variables, or quotes that are none, which the reader doesn't know.
func understood(text string, address *url.URL) page {
	if strings.Contains(text, "EXT-X-DEFINE") || strings.Contains(text, `\`) {
		return page{}
	}
	return listen(text, address)
}
