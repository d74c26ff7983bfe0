package playlist

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vod2live/loop"
)

// station is a channel of the tests.
type station struct {
	model    *Model
	programs []*Program
	pages    [][]page // of each program, the VOD's media playlists as a reader understands them
	line     *loop.Timeline
	live     *Live
}

// item is one entry of a loop: a VOD, cut.
type item struct {
	ladder
	in, out time.Duration
}

// build makes a channel whose model loops alone for some time before all items do.
func build(t failer, model ladder, items []item, first time.Duration) (*station, error) {
	t.Helper()
	vod, _ := model.source(t)
	s := &station{model: modelOf(t, vod)}
	for _, it := range append([]item{{ladder: model}}, items...) {
		if err := s.add(t, it); err != nil {
			return nil, err
		}
	}
	own, _ := s.programs[0].Item(0, 0)
	all := make([]*loop.Item, len(items))
	for i, it := range items {
		all[i], _ = s.programs[i+1].Item(i+1, it.out)
	}
	var err error
	s.line, err = loop.NewTimeline(epoch, 0, loop.Plan{At: epoch, Loop: []*loop.Item{own}}, loop.Plan{At: epoch.Add(first), Loop: all})
	if err != nil {
		return nil, err
	}
	s.live = NewChannel(s.model, s.programs, s.line)
	return s, nil
}

func (s *station) add(t failer, it item) error {
	vod, texts := it.source(t)
	p, err := s.model.Lay(vod, Clip{In: it.in, Target: 6 * time.Second})
	if err != nil {
		return fmt.Errorf("%s: %w", it.name, err)
	}
	if p, err = p.Render(plain{}, nil); err != nil {
		return fmt.Errorf("%s: %w", it.name, err)
	}
	var pages []page
	for n, text := range texts {
		base := vod.Media[n].address
		if vod.Multivariant != nil {
			base = vod.Multivariant.address
		}
		pages = append(pages, listen(text, base))
	}
	s.programs, s.pages = append(s.programs, p), append(s.pages, pages)
	return nil
}

// watch walks a rendition between two instants, and holds what a player sees against
// the laws and against the VODs' own playlists.
func (s *station) watch(t failer, n int, from, to time.Time) (played map[int]int) {
	t.Helper()
	played = map[int]int{}
	var last page
	var header []string
	var w loop.Window
	for at := from; at.Before(to); at = w.Next {
		w = windowAt(t, s.live, n, at)
		if len(s.live.Missing(n, w)) > 0 {
			t.Fatalf("rendition %d at %s: text is missing", n, at)
		}
		text := string(s.live.AppendMedia(nil, n, w))
		p, bad := checkText(text, origin)
		if last.segments != nil {
			bad = append(bad, checkNext(kept(last), kept(p))...)
		}
		bad = append(bad, s.checkItems(n, last, p, played)...)
		if fixed := p.lines[:slices.IndexFunc(p.lines, isSequence)]; header == nil {
			header = fixed
		} else if !slices.Equal(header, fixed) {
			bad = append(bad, fmt.Sprintf("the header was %q", header))
		}
		if header[1] != "#EXT-X-VERSION:8" || slices.Contains(header, tagIndependentSegments) {
			bad = append(bad, fmt.Sprintf("the header is %q", header))
		}
		if len(bad) > 0 {
			t.Fatalf("rendition %d at %s:\n%s\nin\n%s", n, at, strings.Join(bad, "\n"), text)
		}
		last = p
	}
	return played
}

func isSequence(line string) bool { return strings.HasPrefix(line, tagMediaSequence) }

// kept is a page without what an item before may lend its segments as long as it is
// shown: nothing takes back a bit rate, nor the init section from gaps.
func kept(p page) page {
	p.segments = slices.Clone(p.segments)
	for i := range p.segments {
		s := &p.segments[i]
		if s.bitrate = ""; s.gap {
			s.media, _, _ = strings.Cut(s.media, " map ")
		}
	}
	return p
}

// checkItems holds new segments against the playlists of the VOD that plays.
func (s *station) checkItems(n int, last, p page, played map[int]int) (bad []string) {
	for _, seen := range p.segments {
		if k := len(last.segments); k > 0 && seen.number <= last.segments[k-1].number {
			continue
		}
		r := s.line.Run(n, seen.number)
		program, own := s.programs[r.Item.ID], page{}
		if mapped := program.Mapped[n]; mapped >= 0 {
			own = s.pages[r.Item.ID][mapped]
		}
		played[r.Item.ID]++
		if r.From == 0 && !seen.marked && seen.number > 0 {
			bad = append(bad, fmt.Sprintf("item %d begins without a discontinuity", r.Item.ID))
		}
		switch track := &program.VOD.Tracks[n]; {
		case track.Sliced:
			if !strings.HasSuffix(seen.media, SliceName(program.Slices(n), r.From)+"  keys[] map ") {
				bad = append(bad, fmt.Sprintf("%+v is no slice", seen))
			}
		case r.From >= min(track.Kept, r.Item.Kept(n)):
			if !seen.gap {
				bad = append(bad, fmt.Sprintf("%+v is no gap", seen))
			}
		default:
			at := slices.IndexFunc(own.segments, func(h heard) bool { return h.media == seen.media })
			if want := r.From + s.skipped(r.Item.ID, own); at != want {
				bad = append(bad, fmt.Sprintf("%+v is segment %d of the VOD, want %d", seen, at, want))
			}
		}
	}
	return bad
}

// skipped counts the segments of a VOD's playlist before a clip begins: those that
// begin more than half a second before.
func (s *station) skipped(id int, own page) (count int) {
	var at time.Duration
	for _, h := range own.segments {
		if at >= s.programs[id].In-tolerance {
			break
		}
		at += h.duration
		count++
	}
	return count
}

const tolerance = 500 * time.Millisecond

// checkTogether: at one instant all renditions begin and end together, and what they
// have of one instant has one discontinuity sequence number (6.2.4).
func (s *station) checkTogether(t failer, at time.Time) {
	t.Helper()
	var reference page
	for n := range s.live.Renditions() {
		if s.live.LeftOut(n) != nil {
			continue
		}
		p := listen(string(s.live.AppendMedia(nil, n, windowAt(t, s.live, n, at))), origin)
		if reference.segments == nil {
			reference = p
			continue
		}
		for _, seen := range p.segments {
			middle := seen.date.Add(seen.duration / 2)
			for _, other := range reference.segments {
				whole := other.date.Add(tolerance).Before(middle) && middle.Before(other.date.Add(other.duration-tolerance))
				if whole && other.sequence != seen.sequence {
					t.Fatalf("rendition %d at %s: %+v is in another discontinuity than %+v", n, at, seen, other)
				}
			}
		}
		first, last := p.segments[0].date.Sub(reference.segments[0].date).Abs(), ending(p).Sub(ending(reference)).Abs()
		if first > 6500*time.Millisecond || last > 6500*time.Millisecond {
			t.Fatalf("rendition %d at %s begins %s and ends %s from another", n, at, first, last)
		}
	}
}

func ending(p page) time.Time {
	s := p.segments[len(p.segments)-1]
	return s.date.Add(s.duration)
}

// The two channels: one of MPEG-TS, one of fMP4 with separate audio, each of VODs that
// differ in all that may differ.
var (
	transport = ladder{name: "model", rates: 3, segments: durationsOf(6, 6000, 4200), subtitles: []string{"en", "de"}, frames: true}
	fragments = ladder{name: "model", rates: 3, separate: true, segments: durationsOf(6, 6000, 4200), audio: durationsOf(6, 6016, 4100), spoken: []string{"en", "de"}, subtitles: []string{"en"}}

	transportItems = []item{
		{ladder: transport},
		{ladder: ladder{name: "aes", rates: 5, segments: durationsOf(9, 4000), keys: `#EXT-X-KEY:METHOD=AES-128,URI="key"`, subtitles: []string{"fr"}}},
		{ladder: ladder{name: "breaks", rates: 2, segments: []int{5500, 5500, 2000, 5500, 6400, 3000, 5500}, breaks: []int{3, 5}, subtitles: []string{"en"}, ranges: true, frames: true}},
		{ladder: ladder{name: "bare", bare: true, segments: durationsOf(4, 6000, 300)}},
		{ladder: ladder{name: "clip", rates: 4, segments: durationsOf(20, 3000), breaks: []int{8}, subtitles: []string{"de"}}, in: 14 * time.Second, out: 40 * time.Second},
	}
	fragmentItems = []item{
		{ladder: fragments},
		{ladder: ladder{name: "cbcs", rates: 5, separate: true, segments: durationsOf(9, 4000), audio: durationsOf(8, 4011, 3900), spoken: []string{"fr"}, keys: `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://key",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"`}},
		{ladder: ladder{name: "breaks", rates: 2, separate: true, segments: durationsOf(7, 5000), audio: []int{5013, 4990, 5010, 5000, 5000, 5000, 5000}, breaks: []int{3}, spoken: []string{"de", "en"}, subtitles: []string{"en"}, ranges: true}},
		{ladder: ladder{name: "tail", rates: 1, separate: true, segments: durationsOf(5, 6000, 3000), audio: durationsOf(5, 6000, 1500), spoken: []string{"en"}, subtitles: []string{"en"}}},
		{ladder: ladder{name: "clip", rates: 4, separate: true, segments: durationsOf(20, 3000), audio: durationsOf(20, 3001), breaks: []int{8}, spoken: []string{"de"}, subtitles: []string{"en"}}, in: 14 * time.Second, out: 40 * time.Second},
	}
)

func stations(t failer) map[string]*station {
	t.Helper()
	all := map[string]*station{}
	for name, c := range map[string]struct {
		model ladder
		items []item
	}{"ts": {transport, transportItems}, "fmp4": {fragments, fragmentItems}} {
		s, err := build(t, c.model, c.items, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = s
	}
	return all
}

func TestChannel_ThreeTurnsOfUnlikeVODsKeepTheLaws(t *testing.T) {
	for name, s := range stations(t) {
		t.Run(name, func(t *testing.T) {
			from := s.line.Begins().Add(-30 * time.Second)
			to := s.line.Begins().Add(3*s.length() + time.Minute)
			for n := range s.live.Renditions() {
				played := s.watch(t, n, from, to)
				for id := 1; id < len(s.programs); id++ {
					if each := s.count(id, n); played[id] < 3*each {
						t.Errorf("rendition %d: %d segments of item %d are played, %d in each turn", n, played[id], id, each)
					}
				}
			}
			for at := from; at.Before(to); at = at.Add(700 * time.Millisecond) {
				s.checkTogether(t, at)
			}
		})
	}
}

// length of one turn of the loop, and count of an item's segments in it.
func (s *station) length() (sum time.Duration) {
	s.line.Items(func(it *loop.Item) {
		if it.ID > 0 {
			sum += it.Length()
		}
	})
	return sum
}

func (s *station) count(id, n int) (segments int) {
	s.line.Items(func(it *loop.Item) {
		if it.ID == id {
			segments = it.Len(n)
		}
	})
	return segments
}

func TestChannel_Golden(t *testing.T) {
	for name, s := range stations(t) {
		folder := "testdata/channels/" + name
		golden(t, folder+"/master.m3u8", s.model.Multivariant())
		var notes bytes.Buffer
		for id, p := range s.programs {
			fmt.Fprintf(&notes, "%d: %v, begins at %s: %s\n", id, p.Mapped, p.In, noticesOf(p.Notices))
		}
		golden(t, folder+"/mapping.txt", notes.Bytes())
		for n := range s.live.Renditions() {
			var b bytes.Buffer
			at := s.line.Begins().Add(s.length())
			for _, it := range s.items() {
				w := windowAt(t, s.live, n, at.Add(10*time.Second))
				fmt.Fprintf(&b, "=== 10 s after the beginning of item %d ===\n%s\n", it.ID, s.live.AppendMedia(nil, n, w))
				at = at.Add(it.Length())
			}
			golden(t, fmt.Sprintf("%s/%d.txt", folder, n), b.Bytes())
		}
	}
}

// items of the last era's loop.
func (s *station) items() (all []*loop.Item) {
	s.line.Items(func(it *loop.Item) {
		if it.ID > 0 {
			all = append(all, it)
		}
	})
	return all
}

// TestChannel_RandomLaddersKeepTheLaws.
func TestChannel_RandomLaddersKeepTheLaws(t *testing.T) {
	refused, built := map[loop.Code]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		separate := rapid.Bool().Draw(t, "separate")
		model := randomLadder(t, "model", separate)
		model.bare = false
		var items []item
		for i := range rapid.IntRange(1, 4).Draw(t, "items") {
			it := item{ladder: randomLadder(t, fmt.Sprint("vod", i), separate)}
			if most := it.length() - 7*time.Second; most > 0 && rapid.Bool().Draw(t, "clip") {
				it.in = time.Duration(rapid.Int64Range(0, int64(most)).Draw(t, "in"))
			}
			if rapid.Bool().Draw(t, "out") {
				it.out = it.in + time.Duration(rapid.IntRange(1, 20).Draw(t, "length"))*time.Second
			}
			items = append(items, it)
		}
		s, err := build(t, model, items, time.Duration(rapid.IntRange(60, 200).Draw(t, "first"))*time.Second)
		if err != nil {
			refused[codeOf(t, err)]++
			return
		}
		built++
		from, to := s.line.Begins().Add(-10*time.Second), s.line.Begins().Add(s.length()+30*time.Second)
		s.watch(t, rapid.IntRange(0, s.live.Renditions()-1).Draw(t, "rendition"), from, to)
		for range 5 {
			s.checkTogether(t, from.Add(time.Duration(rapid.Int64Range(0, int64(to.Sub(from))).Draw(t, "at"))))
		}
	})
	t.Logf("%d built, refused: %v", built, refused)
	if built == 0 {
		t.Error("no channel was built")
	}
}

func randomLadder(t *rapid.T, name string, separate bool) ladder {
	l := ladder{name: name, separate: separate, rates: rapid.IntRange(1, 4).Draw(t, "rates"), frames: rapid.Bool().Draw(t, "frames"), ranges: rapid.Bool().Draw(t, "ranges")}
	l.bare = !separate && rapid.IntRange(0, 4).Draw(t, "bare") == 0
	each := rapid.IntRange(1500, 6400).Draw(t, "each")
	for range rapid.IntRange(2, 9).Draw(t, "segments") {
		l.segments = append(l.segments, each)
		if ms := each + rapid.IntRange(-40, 40).Draw(t, "audio"); ms < 6490 {
			l.audio = append(l.audio, ms)
		} else {
			l.audio = append(l.audio, each)
		}
	}
	if rapid.Bool().Draw(t, "break") && len(l.segments) > 2 {
		l.breaks = []int{rapid.IntRange(1, len(l.segments)-1).Draw(t, "at")}
	}
	some := func(of []string, least int) []string { return of[:rapid.IntRange(least, len(of)).Draw(t, "languages")] }
	l.spoken = some(rapid.Permutation([]string{"en", "de", "fr"}).Draw(t, "spoken"), 1)
	l.subtitles = some(rapid.Permutation([]string{"en", "de"}).Draw(t, "subtitles"), 0)
	l.keys = rapid.SampledFrom([]string{"", "", `#EXT-X-KEY:METHOD=AES-128,URI="key",IV=0x01`, `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://key",KEYFORMAT="com.apple.streamingkeydelivery"`}).Draw(t, "keys")
	return l
}

// TestChannel_TextThatWasDroppedComesBackTheSame: Missing names what a window needs, and
// a program that is laid out and rendered anew has the same text.
func TestChannel_TextThatWasDroppedComesBackTheSame(t *testing.T) {
	for name, s := range stations(t) {
		bare := make([]*Program, len(s.programs))
		for id, p := range s.programs {
			bare[id] = p.WithoutText()
			if bare[id].Rendered() || bare[id].Bytes() >= p.Bytes() {
				t.Errorf("%s: program %d has %d bytes with its text and %d without", name, id, p.Bytes(), bare[id].Bytes())
			}
		}
		again := stations(t)[name]
		from, waits := s.line.Begins().Add(-time.Minute), 0
		for at := from; at.Before(s.line.Begins().Add(2 * s.length())); at = at.Add(5 * time.Second) {
			for n := range s.live.Renditions() {
				w := windowAt(t, s.live, n, at)
				some := slices.Clone(bare)
				for _, id := range NewChannel(s.model, some, s.line).Missing(n, w) {
					some[id] = again.programs[id]
					waits++
				}
				live := NewChannel(s.model, some, s.line)
				if len(live.Missing(n, w)) > 0 || !bytes.Equal(live.AppendMedia(nil, n, w), s.live.AppendMedia(nil, n, w)) || live.Fingerprint(n, w) != s.live.Fingerprint(n, w) {
					t.Fatalf("%s, rendition %d at %s: another text or fingerprint", name, n, at)
				}
			}
		}
		if waits == 0 {
			t.Errorf("%s: no text was missing", name)
		}
		for id := range s.programs {
			if s.programs[id].Sum != again.programs[id].Sum || id > 1 && s.programs[id].Sum == s.programs[id-1].Sum {
				t.Errorf("%s: the sum of program %d is %s and %s", name, id, s.programs[id].Sum, again.programs[id].Sum)
			}
		}
	}
}

// TestChannel_RangesLastOverTheNextItem, and their text is needed as long.
func TestChannel_RangesLastOverTheNextItem(t *testing.T) {
	s, err := build(t, transport, []item{{ladder: ladder{name: "short", rates: 1, segments: durationsOf(3, 4000), ranges: true}}, {ladder: transport}, {ladder: transport}}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	n := s.live.VOD.Reference
	begins := s.line.Begins().Add(s.length())
	some := slices.Clone(s.programs)
	some[1] = some[1].WithoutText()
	lasting := 0
	for at := begins.Add(12 * time.Second); at.Before(begins.Add(2 * time.Minute)); at = at.Add(time.Second) {
		w := windowAt(t, s.live, n, at)
		p := listen(string(s.live.AppendMedia(nil, n, w)), origin)
		shown := slices.ContainsFunc(p.segments, func(h heard) bool { return strings.Contains(h.media, "/short/") })
		missing := len(NewChannel(s.model, some, s.line).Missing(n, w)) > 0
		if has := len(p.ranges) > 0; missing != (has || shown) {
			t.Fatalf("at %s: text is missing: %t; ranges: %v, shown: %t", at, missing, p.ranges, shown)
		} else if has && !shown {
			lasting++
		}
	}
	if lasting == 0 {
		t.Error("no range outlasts its item")
	}
}

// TestChannel_AWindowNeedsOnlyTheItemsThatItShows, and those just before it, of however
// many the channel has.
func TestChannel_AWindowNeedsOnlyTheItemsThatItShows(t *testing.T) {
	for name, s := range stations(t) {
		at := s.line.Begins().Add(2*s.length() + 3*time.Minute)
		for n := range s.live.Renditions() {
			w := windowAt(t, s.live, n, at)
			text, sum := s.live.AppendMedia(nil, n, w), s.live.Fingerprint(n, w)
			few := *s.live
			few.versions = make([]*version, len(s.live.versions))
			for number := s.live.firstLasting(n, s.line.Run(n, w.First)); number < w.End; {
				r := s.line.Run(n, number)
				number += r.Len()
				few.versions[r.Item.ID] = s.live.versions[r.Item.ID]
			}
			if !slices.Contains(few.versions, nil) {
				t.Fatalf("%s: the window needs all %d items", name, len(few.versions))
			}
			if got := few.AppendMedia(nil, n, w); !bytes.Equal(got, text) || few.Fingerprint(n, w) != sum {
				t.Errorf("%s, rendition %d: without the other items the window is\n%s\nwant\n%s", name, n, got, text)
			}
		}
	}
}

// TestFingerprint_OfAChannel_TellsAllTextsApart, with the numbers and the first date.
func TestFingerprint_OfAChannel_TellsAllTextsApart(t *testing.T) {
	for name, s := range stations(t) {
		for n := range s.live.Renditions() {
			texts := map[string]string{}
			for at := s.line.Begins().Add(-time.Minute); at.Before(s.line.Begins().Add(2 * s.length())); at = at.Add(900 * time.Millisecond) {
				w := windowAt(t, s.live, n, at)
				tag := fmt.Sprint(s.live.Fingerprint(n, w), w.First, w.End, s.line.Run(n, w.First).Zero)
				text := string(s.live.AppendMedia(nil, n, w))
				if old, known := texts[tag]; known && old != text {
					t.Fatalf("%s, rendition %d at %s: one tag for\n%s\nand\n%s", name, n, at, old, text)
				}
				texts[tag] = text
			}
			if len(texts) < 10 {
				t.Errorf("%s, rendition %d: %d texts", name, n, len(texts))
			}
		}
	}
}

// TestItem_SaysWhereAClipIsCut, and what that takes away.
func TestItem_SaysWhereAClipIsCut(t *testing.T) {
	uneven := fragments
	uneven.segments, uneven.audio = durationsOf(7, 6000), []int{6000, 6000, 4000, 6000, 6000, 6000, 6000, 2000}
	for name, c := range map[string]struct {
		of      ladder
		in, out time.Duration
		from    time.Duration
		length  time.Duration
		notices string
	}{
		"whole":                      {transport, 0, 0, 0, transport.length(), ""},
		"at a boundary":              {transport, 12 * time.Second, 24 * time.Second, 12 * time.Second, 12 * time.Second, ""},
		"before a boundary":          {transport, 7 * time.Second, 19 * time.Second, 12 * time.Second, 12 * time.Second, ""},
		"after the end":              {transport, 0, time.Hour, 0, transport.length(), "clip-moved -1"},
		"just after the end":         {transport, 0, transport.length() + time.Second, 0, transport.length(), ""},
		"less than is made":          {ladder{name: "s", rates: 1, segments: durationsOf(20, 2000)}, 4 * time.Second, 5 * time.Second, 4 * time.Second, 36 * time.Second, "clip-moved -1"},
		"where the audio hangs over": {uneven, 0, 18 * time.Second, 0, 18 * time.Second, "cut-overhang 0, cut-overhang 1"},
		"begins later":               {uneven, 13 * time.Second, 0, 42 * time.Second, 0, "clip-moved -1"},
	} {
		model := c.of
		vod, _ := model.source(t)
		p, err := modelOf(t, vod).Lay(vod, Clip{In: c.in, Target: 6 * time.Second})
		if err != nil {
			if name != "begins later" || codeOf(t, err) != loop.CodeClipUnaligned {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		it, notices := p.Item(3, c.out)
		if it.ID != 3 || p.In != c.from || it.Length() != c.length || noticesOf(notices) != c.notices {
			t.Errorf("%s: from %s, %s long, notices %s", name, p.In, it.Length(), noticesOf(notices))
		}
	}
}

// TestLay_AClipThatBeginsLateIsNoticed: the first common boundary is more than a target
// duration after the wish.
func TestLay_AClipThatBeginsLateIsNoticed(t *testing.T) {
	l := fragments
	l.segments, l.audio = durationsOf(10, 6000), []int{6000, 4000, 6000, 6000, 6000, 2000, 6000, 6000, 6000, 6000, 6000}
	vod, _ := l.source(t)
	p, err := modelOf(t, vod).Lay(vod, Clip{In: 7 * time.Second, Target: 6 * time.Second})
	if err != nil || p.In != 30*time.Second || noticesOf(p.Notices) != "clip-moved -1" {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestRender_AClipKeepsTheRangesThatLastIntoIt, at their dates.
func TestRender_AClipKeepsTheRangesThatLastIntoIt(t *testing.T) {
	l := transport
	l.ranges = true
	for _, in := range []time.Duration{12 * time.Second, 18 * time.Second} {
		s, err := build(t, transport, []item{{ladder: l, in: in}}, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		n, zero := s.live.VOD.Reference, s.line.Begins()
		date := func(offset time.Duration) string { return zero.Add(offset - in).Format("2006-01-02T15:04:05.000Z") }
		want := fmt.Sprintf(`START-DATE="%s",END-DATE="%s"`, date(5*time.Second), date(45*time.Second))
		if text := string(s.live.AppendMedia(nil, n, windowAt(t, s.live, n, zero.Add(7*time.Second)))); !strings.Contains(text, want) {
			t.Errorf("in %s: want %s in\n%s", in, want, text)
		}
	}
}
