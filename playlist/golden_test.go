package playlist

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func TestNewLive_Golden(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(s.name, func(t *testing.T) {
			live := s.live(t, 0)
			long, minute := s.live(t, live.VOD.Length*3/2), s.live(t, time.Minute)
			if live.Multivariant != nil {
				golden(t, "testdata/"+s.name+"/live/master.m3u8", live.Multivariant)
			}
			for n := range s.media {
				golden(t, fmt.Sprintf("testdata/%s/live/%d.txt", s.name, n), document(t, []*Live{live, long, minute}, n))
			}
		})
	}
}

// document is the live playlist of a rendition at the instants that testdata/README.md names.
func document(t *testing.T, windows []*Live, n int) []byte {
	var b bytes.Buffer
	live, long, minute := windows[0], windows[1], windows[2]
	show := func(name string, l *Live, at time.Time) {
		w, err := l.Timeline.Window(n, at)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "=== %s, %s after the beginning ===\n%s\n", name, at.Sub(epoch), l.AppendMedia(nil, n, w))
	}
	vod := live.VOD
	reference := &vod.Tracks[vod.Reference]
	show("head", live, live.Timeline.Ready())
	if mid := epoch.Add(2*vod.Length - reference.Duration(reference.Len()-1)); within(live, mid) {
		show("mid", live, mid)
	}
	show("loop", live, epoch.Add(2*vod.Length+reference.Start(2)))
	show("turn", live, turn(live))
	show("long", long, epoch.Add(4*vod.Length+vod.Length/2))
	show("minute", minute, epoch.Add(time.Minute+2*vod.Length+reference.Start(1)))
	return b.Bytes()
}

// TestFollow_Golden are VODs that are edited in place.
func TestFollow_Golden(t *testing.T) {
	folders, err := filepath.Glob("testdata/edits/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no edits in testdata: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			before, after := load(t, folder+"/before"), load(t, folder+"/after")
			next := edit(t, before, after)
			for n := range before.media {
				golden(t, fmt.Sprintf("%s/live/%d.txt", folder, n), takeover(t, next, n))
			}
		})
	}
}

// edit lets a version of a VOD take over from another, with windows of a minute
// and a half.
func edit(t *testing.T, before, after *sample) *Live {
	options := Options{Window: 90 * time.Second, Epoch: epoch}
	old, err := NewLive(before.multivariant, before.media, mirror{before.name, before.multivariant == nil}, options)
	if err != nil {
		t.Fatal(err)
	}
	next, err := old.Follow(after.multivariant, after.media, mirror{after.name, after.multivariant == nil}, options, epoch.Add(10*time.Minute+time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// takeover is the live playlist of a rendition before, at and after the instant
// at which the new version begins.
func takeover(t *testing.T, next *Live, n int) []byte {
	var b bytes.Buffer
	begins := next.Begins()
	for _, at := range []time.Duration{-time.Second, 0, 5 * time.Second, 45 * time.Second, 100 * time.Second} {
		live := next
		w, err := live.Timeline.Window(n, begins.Add(at))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "=== %s after the new version begins ===\n%s\n", at, live.AppendMedia(nil, n, w))
	}
	return b.Bytes()
}

// within says whether the windows of the instant lie in one loop.
func within(live *Live, at time.Time) bool {
	for n := range live.VOD.Tracks {
		w, err := live.Timeline.Window(n, at)
		if err != nil || !live.Timeline.Run(n, w.First).Zero.Equal(live.Timeline.Run(n, w.End-1).Zero) {
			return false
		}
	}
	return true
}

// turn is when the reference's window begins with the loop's first segment.
func turn(live *Live) time.Time {
	vod := live.VOD
	at := epoch.Add(2 * vod.Length)
	for {
		w, _ := live.Timeline.Window(vod.Reference, at)
		if r := live.Timeline.Run(vod.Reference, w.First); r.From == 0 && r.Zero.After(epoch) {
			return at
		}
		at = w.Next
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestNewLive_SamplesKeepTheLaws(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(s.name, func(t *testing.T) {
			live := s.live(t, 0)
			for _, l := range []*Live{live, s.live(t, live.VOD.Length*3/2)} {
				for n := range s.media {
					checkLive(t, l, n, s.seenAt(n), understood(s.text[n], s.address(n)), atOrigin)
				}
			}
		})
	}
}

func atOrigin(media string) string {
	return strings.ReplaceAll(media, "https://live.test/live/", "https://origin.test/vod/")
}

// TestSamples_AllAreDescribed keeps testdata readable.
func TestSamples_AllAreDescribed(t *testing.T) {
	text, err := os.ReadFile("testdata/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples(t) {
		if !strings.Contains(string(text), "| "+s.name+" |") {
			t.Errorf("testdata/README.md doesn't say what to look at in %s", s.name)
		}
	}
}
