package onair

import (
	"net/url"
	"testing"
	"time"

	"vod2live/playlist"
)

// TestRetime_AnEraOfAReplacedStationIsOfTheNewOptions: it may have been made before
// the reload and come after it.
func TestRetime_AnEraOfAReplacedStationIsOfTheNewOptions(t *testing.T) {
	m, err := playlist.DecodeMedia([]byte("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n1.ts\n#EXTINF:4,\n2.ts\n#EXT-X-ENDLIST\n"), &url.URL{Scheme: "http", Host: "origin.test", Path: "/p.m3u8"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	old := playlist.Options{Window: time.Minute, Epoch: epoch.Add(-time.Hour)}
	live, err := playlist.NewLive(nil, []*playlist.Media{m}, unchanged{}, old)
	if err != nil {
		t.Fatal(err)
	}
	made := &era{live: live}
	st := &Stream{options: old, renditions: make([]rendition, 1)}
	st.newest.Store(made)
	longer := playlist.Options{Window: time.Hour, Epoch: epoch.Add(-2 * time.Hour)}
	if !st.retime(longer, epoch) {
		t.Fatal("it can't be retimed")
	}
	want, err := st.Media(0, epoch)
	if err != nil {
		t.Fatal(err)
	}
	st.play(made, epoch)
	got, err := st.Media(0, epoch)
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Body) != string(want.Body) || st.newest.Load().live.VOD.Window != time.Hour {
		t.Errorf("%q, want %q", got.Body, want.Body)
	}
}

// unchanged are addresses as the VOD has them.
type unchanged struct{}

func (unchanged) Rendition(int) string                    { return "0.m3u8" }
func (unchanged) Resource(_ int, address *url.URL) string { return address.String() }
func (unchanged) NotesEach() bool                         { return false }
func (unchanged) Absolute(address *url.URL) string        { return address.String() }
