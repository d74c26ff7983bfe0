package playlist

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestRetime_IsAsLoadedAnew: in all renditions, also after an edit in place.
func TestRetime_IsAsLoadedAnew(t *testing.T) {
	retimed, edits, impossible := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		renditions := rapid.IntRange(1, 2).Draw(t, "renditions")
		v, err := draw(t, renditions)
		if err != nil {
			return
		}
		live, err := NewLive(v.multivariant, v.media, plain{}, v.options)
		if err != nil {
			return
		}
		edited := false
		if rapid.Bool().Draw(t, "edited") {
			edit, err := draw(t, renditions)
			if err != nil {
				return
			}
			next, err := live.Follow(edit.multivariant, edit.media, plain{}, v.options, epoch.Add(time.Hour))
			if err != nil {
				return
			}
			live, v.media, edited = next, edit.media, true
		}
		options := Options{
			Window: time.Duration(rapid.IntRange(0, 200).Draw(t, "new window")) * time.Second,
			Epoch:  epoch.Add(-time.Duration(rapid.IntRange(0, 1000).Draw(t, "earlier")) * time.Second),
		}
		if options.Window == v.options.Window && options.Epoch.Equal(epoch) {
			return
		}
		again := live.Retime(options)
		fresh, err := NewLive(v.multivariant, v.media, plain{}, options)
		switch {
		case again == nil && err == nil && !edited:
			t.Fatal("can be loaded anew and not be retimed")
		case again == nil:
			impossible++
			return
		case err != nil:
			t.Fatalf("is retimed, and would be refused: %v", err)
		}
		if retimed++; edited {
			edits++
		}
		checkAlike(t, again, fresh)
	})
	t.Logf("%d retimed, %d of them edited; %d could not be", retimed, edits, impossible)
	if edits == 0 || edits == retimed {
		t.Errorf("%d retimed, %d of them edited", retimed, edits)
	}
}

// checkAlike compares what viewers get at some instants.
func checkAlike(t *rapid.T, a, b *Live) {
	if !bytes.Equal(a.Multivariant, b.Multivariant) || a.Renditions() != b.Renditions() {
		t.Fatalf("the multivariant playlist is\n%s\nwant\n%s", a.Multivariant, b.Multivariant)
	}
	for _, after := range []time.Duration{0, 17 * time.Second, time.Hour, 1000 * time.Hour} {
		at := b.Timeline.Ready().Add(after)
		for n := range b.Renditions() {
			got, want := windowAt(t, a, n, at), windowAt(t, b, n, at)
			if text, wanted := a.AppendMedia(nil, n, got), b.AppendMedia(nil, n, want); !bytes.Equal(text, wanted) {
				t.Fatalf("rendition %d at %s is\n%s\nwant\n%s", n, at, text, wanted)
			}
			if a.Fingerprint(n, got) != b.Fingerprint(n, want) || !got.Changed.Equal(want.Changed) || !got.Next.Equal(want.Next) {
				t.Fatalf("rendition %d at %s has another tag, or changes at another instant", n, at)
			}
		}
	}
}

// TestRetime_IsNotGuessed: where only the playlists at the origin tell, the stream has
// to be loaded.
func TestRetime_IsNotGuessed(t *testing.T) {
	live := single(t, mediaOf(t, "#EXTINF:4,\n1.ts\n#EXTINF:4,\n2.ts\n"))
	longer, err := live.Follow(nil, []*Media{mediaOf(t, "#EXTINF:9,\n1.ts\n#EXTINF:9,\n2.ts\n")}, plain{}, live.options, epoch.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	back, err := longer.Follow(nil, []*Media{mediaOf(t, "#EXTINF:4,\n1.ts\n#EXTINF:4,\n2.ts\n")}, plain{}, live.options, epoch.Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	hour, long := live.options, live.options
	hour.Window, long.Window = time.Hour, 30*time.Hour
	strict := live.options
	strict.Strict = true
	little := live.options
	little.Memory = 100
	for name, c := range map[string]struct {
		live    *Live
		options Options
		can     bool
	}{
		"as it is": {live, hour, true}, "after an edit": {longer, hour, true}, "with the target duration of the version before": {back, hour, false},
		"more segments than are served": {live, long, false}, "strict": {live, strict, false}, "more memory than there is": {live, little, false},
	} {
		if can := c.live.Retime(c.options) != nil; can != c.can {
			t.Errorf("%s: %v, want %v", name, can, c.can)
		}
	}
	if same := back.Retime(back.options); same == nil || same.Timeline != back.Timeline {
		t.Error("the same options change the timeline of an edited stream")
	}
}
