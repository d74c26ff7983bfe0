package playlist

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vod2live/loop"
)

// goingOn is a VOD whose timestamps go on over so many loops: segments of one resource
// each or byte ranges of one, some with an init section, one in the middle of which a
// second begins.
func goingOn(t *rapid.T, loops int64) (*Media, []time.Duration) {
	ranged, inits := rapid.Bool().Draw(t, "ranged"), rapid.IntRange(0, 2).Draw(t, "init sections")
	count := rapid.IntRange(1, 70).Draw(t, "segments")
	text, lengths := "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:9\n", []time.Duration{}
	for i := range count {
		if i == 0 && inits > 0 || i == count/2 && inits > 1 {
			text += fmt.Sprintf("#EXT-X-MAP:URI=\"init%d.mp4\"\n", i)
		}
		lengths = append(lengths, time.Duration(rapid.IntRange(2000, 9000).Draw(t, "length"))*time.Millisecond)
		text += fmt.Sprintf("#EXTINF:%.3f,title %d\n", lengths[i].Seconds(), i)
		if ranged {
			text += fmt.Sprintf("#EXT-X-BYTERANGE:1000@%d\nall.mp4?v=%d\n", 1000*i, i%2)
		} else {
			text += fmt.Sprintf("folder/s%d.m4s\n", i)
		}
	}
	m, err := DecodeMedia([]byte(text+"#EXT-X-ENDLIST\n"), origin, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.Continuity = &Continuity{Loops: loops, Mark: "mark"}
	return m, lengths
}

// TestContinuity_EachNumberHasOneAddressThatMovedKnows: over random VODs and instants
// years apart, the playlist has tags where loops begin anew and nowhere else, and each
// init section once.
func TestContinuity_EachNumberHasOneAddressThatMovedKnows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loops := rapid.Int64Range(2, 7).Draw(t, "loops")
		media, lengths := goingOn(t, loops)
		live, err := NewLive(nil, []*Media{media}, plain{}, Options{Epoch: epoch, Window: time.Duration(rapid.IntRange(60, 600).Draw(t, "window")) * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		count := int64(len(lengths))
		at := live.Timeline.Ready().Add(time.Duration(rapid.Int64Range(0, int64(3*365*24*time.Hour)).Draw(t, "at")))
		names := map[string]int64{}
		for range 30 {
			text := string(live.AppendMedia(nil, 0, windowAt(t, live, 0, at)))
			p := listen(text, origin)
			inits := 1
			for n, s := range p.segments {
				k := s.number / count
				if want := s.number%(count*loops) == 0 && s.number > 0; n > 0 && s.marked != want {
					t.Fatalf("number %d of loops of %d has a tag: %v", s.number, count, s.marked)
				} else if n > 0 && (want || initOf(s) != initOf(p.segments[n-1])) {
					inits++
				}
				if want := k / loops; s.sequence != want {
					t.Fatalf("number %d has the discontinuity sequence number %d, want %d", s.number, s.sequence, want)
				}
				checkMoved(t, live, names, s, k%loops)
			}
			if n := strings.Count(text, "#EXT-X-MAP"); n > inits {
				t.Fatalf("%d init sections, at most %d are needed:\n%s", n, inits, text)
			}
			if strings.Contains(text, tagByteRange) {
				t.Fatalf("a moved segment is a resource of its own:\n%s", text)
			}
			at = at.Add(lengths[0])
		}
	})
}

func initOf(s heard) string {
	_, init, _ := strings.Cut(s.media, " map ")
	return init
}

// checkMoved compares what is said of a segment with its number.
func checkMoved(t *rapid.T, live *Live, names map[string]int64, s heard, k int64) {
	address, _, _ := strings.Cut(s.media, " ")
	name := path.Base(address)
	if known, is := names[name]; is && known != s.number {
		t.Fatalf("numbers %d and %d are both at %s", known, s.number, name)
	}
	names[name] = s.number
	m, is := live.Moved(0, s.number)
	if !is || m.Name != name || m.Loop != k || m.Place != time.Duration(k)*live.VOD.Length {
		t.Fatalf("number %d at %s: %v, %+v; want loop %d", s.number, name, is, m, k)
	}
	if !strings.Contains(address, "/0.m3u8/") {
		t.Fatalf("number %d is at %s", s.number, address)
	}
}

// TestContinuity_AnEditIsTagged: the new version begins with a discontinuity, and its
// loops are counted from its own beginning.
func TestContinuity_AnEditIsTagged(t *testing.T) {
	edits := 0
	rapid.Check(t, func(t *rapid.T) {
		loops := rapid.Int64Range(2, 5).Draw(t, "loops")
		before, _ := goingOn(t, loops)
		after, _ := goingOn(t, loops)
		options := Options{Epoch: epoch, Window: time.Minute}
		live, err := NewLive(nil, []*Media{before}, plain{}, options)
		if err != nil {
			t.Fatal(err)
		}
		next, err := live.Follow(nil, []*Media{after}, plain{}, options, epoch.Add(time.Hour))
		if err != nil {
			if _, is := errors.AsType[*loop.Refusal](err); !is {
				t.Fatal(err)
			}
			return
		}
		edits++
		at := next.Begins().Add(time.Second)
		p := listen(string(next.AppendMedia(nil, 0, windowAt(t, next, 0, at.Add(20*time.Second)))), origin)
		tags := 0
		for _, s := range p.segments {
			m, is := next.Moved(0, s.number)
			if !is {
				t.Fatalf("number %d is not known", s.number)
			}
			if !s.date.Before(next.Begins()) && m.Version != next.Era || s.date.Before(next.Begins()) && m.Version != live.Era {
				t.Fatalf("number %d of %s is of version %d", s.number, s.date, m.Version)
			}
			if s.date.Equal(next.Begins()) {
				tags++
				if !s.marked || m.Loop != 0 {
					t.Fatalf("the new version begins with loop %d, tagged: %v", m.Loop, s.marked)
				}
			}
		}
		if tags != 1 {
			t.Fatalf("the new version begins %d times", tags)
		}
	})
	if edits == 0 {
		t.Error("no edit could follow")
	}
}
