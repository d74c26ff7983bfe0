package playlist

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vod2live/loop"
)

// TestFollow_RandomEditsKeepTheLaws: what a player sees while one VOD takes over
// from another obeys the same laws as ever.
func TestFollow_RandomEditsKeepTheLaws(t *testing.T) {
	refused, followed := map[loop.Code]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		renditions := rapid.IntRange(1, 2).Draw(t, "renditions")
		old, err := draw(t, renditions)
		if err != nil {
			return
		}
		edit, err := draw(t, renditions)
		if err != nil {
			return
		}
		edit.options = old.options
		live, err := NewLive(old.multivariant, old.media, plain{}, old.options)
		if err != nil {
			return
		}
		seen := live.Timeline.Ready().Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "seen")) * time.Second)
		next, err := live.Follow(edit.multivariant, edit.media, plain{}, edit.options, seen)
		if err != nil {
			refused[codeOf(t, err)]++
			return
		}
		followed++
		for n := range renditions {
			checkFollow(t, next, n, listen(edit.text[n], origin))
		}
	})
	t.Logf("%d followed, refused: %v", followed, refused)
	if followed == 0 {
		t.Error("no edit was followed")
	}
}

// checkFollow walks a rendition from before a new era to after the last of the
// one before has left.
func checkFollow(t *rapid.T, next *Live, n int, edit page) {
	var last page
	at := next.Begins().Add(-10 * time.Second)
	if ready := next.Timeline.Ready(); at.Before(ready) {
		at = ready
	}
	base := next.Timeline.Run(n, windowAt(t, next, n, next.Begins().Add(time.Hour)).End).First
	for r := next.Timeline.Run(n, base); r.Zero.After(next.Begins()); r = next.Timeline.Run(n, base) {
		base = r.First - int64(r.From) - 1
	}
	base++
	settled := next.Begins().Add(next.VOD.Window + 2*next.VOD.Length + 2*loop.MaxSegment)
	for !at.After(settled) {
		live := next.Since(at)
		w := windowAt(t, live, n, at)
		text := string(live.AppendMedia(nil, n, w))
		p, bad := checkText(text, origin)
		if p.segments[0].number < base { // the window may be short yet for a target duration that has grown
			bad = slices.DeleteFunc(bad, func(s string) bool { return strings.HasPrefix(s, "only ") })
		}
		bad = append(bad, checkEdit(p, edit, base, &next.VOD.Tracks[n])...)
		for i := range p.segments {
			p.segments[i].bitrate = "" // a hint that lasts as long as its tag is shown: nothing takes it back
		}
		if last.segments != nil {
			bad = append(bad, checkNext(last, p)...)
		}
		if len(bad) > 0 {
			t.Fatalf("rendition %d at %s:\n%s\nin\n%s", n, at, strings.Join(bad, "\n"), text)
		}
		last, at = p, w.Next
	}
}

// checkEdit: the segments of the new era are those of the edited VOD.
func checkEdit(p, edit page, base int64, track *loop.Track) (bad []string) {
	own := page{}
	for _, s := range p.segments {
		if s.number >= base {
			s.number -= base
			own.segments = append(own.segments, s)
			if s.number == 0 && !s.marked {
				bad = append(bad, "an era begins without a discontinuity")
			}
		}
	}
	return append(bad, checkMedia(own, edit, track, unchanged)...)
}

func TestFollow_KeysOfTheEraBeforeEnd(t *testing.T) {
	locked := mediaOf(t, "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x01\n")
	clear := mediaOf(t, "")
	live := single(t, locked)
	next, err := live.Follow(nil, []*Media{clear}, plain{}, Options{}, epoch.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	at := next.Begins().Add(5 * time.Second)
	text := mediaAt(t, next, at)
	if want := "s3.ts\n#EXT-X-DISCONTINUITY\n#EXT-X-KEY:METHOD=NONE\n"; !strings.Contains(text, want) {
		t.Errorf("want %q in\n%s", want, text)
	}
}

func TestFollow_IndependentSegmentsAreSaidWhenAllAre(t *testing.T) {
	const tag = tagIndependentSegments + "\n"
	live := single(t, mediaOf(t, ""))
	next, err := live.Follow(nil, []*Media{mediaOf(t, tag)}, plain{}, Options{}, epoch.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if text := mediaAt(t, next, next.Begins().Add(next.VOD.Window)); strings.Contains(text, tag) {
		t.Errorf("said of segments of the era before:\n%s", text)
	}
	later := next.Begins().Add(next.VOD.Window + next.VOD.Length)
	if text := mediaAt(t, next, later); !strings.Contains(text, tag) {
		t.Errorf("not said:\n%s", text)
	}
	if since := next.Since(later); since.Versions() != 1 || mediaAt(t, since, later) != mediaAt(t, next, later) {
		t.Errorf("%d versions are kept", since.Versions())
	}
}

func TestFollow_RefusesByName(t *testing.T) {
	plainTS, fMP4, frames := mediaOf(t, ""), mediaOf(t, "#EXT-X-MAP:URI=\"i\"\n"), mediaOf(t, tagIFramesOnly+"\n")
	for name, c := range map[string]struct {
		old, edit *Media
		want      loop.Code
	}{
		"fMP4 to TS":    {fMP4, plainTS, CodeMapTooLate},
		"TS to fMP4":    {plainTS, fMP4, ""},
		"I-frames only": {plainTS, frames, loop.CodeRenditionsChanged},
	} {
		_, err := single(t, c.old).Follow(nil, []*Media{c.edit}, plain{}, Options{}, epoch.Add(time.Hour))
		if err == nil && c.want == "" {
			continue
		}
		if code := codeOf(t, err); code != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestFollow_OtherRenditionsAreRefused(t *testing.T) {
	const head = "#EXTM3U\n"
	video := func(size, codecs, name string) string {
		return "#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"a\",RESOLUTION=" + size + ",CODECS=\"" + codecs + "\"\n" + name + "\n"
	}
	audio := func(language string) string {
		return "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",LANGUAGE=\"" + language + "\",URI=\"a.m3u8\"\n"
	}
	old := head + audio("en") + video("480x270", "mp4a.40.2,avc1.4d401f", "v.m3u8")
	for name, c := range map[string]struct {
		edit string
		ok   bool
	}{
		"another bit rate, profile, address": {head + "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"m\",LANGUAGE=\"en\",URI=\"b.m3u8\"\n" +
			"#EXT-X-STREAM-INF:BANDWIDTH=7,CODECS=\"avc1.640028,mp4a.40.2\",AUDIO=\"a\",RESOLUTION=480x270\nw.m3u8\n", true},
		"another order":    {head + video("480x270", "avc1.4d401f,mp4a.40.2", "v.m3u8") + audio("en"), false},
		"another language": {head + audio("de") + video("480x270", "avc1.4d401f,mp4a.40.2", "v.m3u8"), false},
		"another size":     {head + audio("en") + video("640x360", "avc1.4d401f,mp4a.40.2", "v.m3u8"), false},
		"another codec":    {head + audio("en") + video("480x270", "hvc1.1,mp4a.40.2", "v.m3u8"), false},
		"one more":         {old + video("960x540", "avc1.4d401f,mp4a.40.2", "x.m3u8"), false},
		"one less":         {head + video("480x270", "avc1.4d401f,mp4a.40.2", "v.m3u8"), false},
	} {
		live, err := NewLive(decodeBoth(t, old), mediaFor(t, decodeBoth(t, old)), plain{}, Options{Epoch: epoch})
		if err != nil {
			t.Fatal(err)
		}
		m := decodeBoth(t, c.edit)
		_, err = live.Follow(m, mediaFor(t, m), plain{}, Options{}, epoch.Add(time.Hour))
		if c.ok != (err == nil) || err != nil && codeOf(t, err) != loop.CodeRenditionsChanged {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func decodeBoth(t *testing.T, text string) *Multivariant {
	t.Helper()
	m, err := DecodeMultivariant([]byte(text), origin)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mediaFor(t *testing.T, m *Multivariant) (media []*Media) {
	for range m.Renditions {
		media = append(media, mediaOf(t, ""))
	}
	return media
}

// mediaOf is a VOD of four segments of four seconds, with lines above the first.
func mediaOf(t *testing.T, lines string) *Media {
	t.Helper()
	text := "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" + lines
	for _, name := range []string{"s0.ts", "s1.ts", "s2.ts", "s3.ts"} {
		text += "#EXTINF:4,\n" + name + "\n"
	}
	m, err := DecodeMedia([]byte(text+"#EXT-X-ENDLIST\n"), origin, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func single(t *testing.T, m *Media) *Live {
	t.Helper()
	live, err := NewLive(nil, []*Media{m}, plain{}, Options{Epoch: epoch})
	if err != nil {
		t.Fatal(err)
	}
	return live
}

func windowAt(t failer, live *Live, n int, at time.Time) loop.Window {
	t.Helper()
	w, err := live.Timeline.Window(n, at)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func mediaAt(t *testing.T, live *Live, at time.Time) string {
	t.Helper()
	w, err := live.Timeline.Window(0, at)
	if err != nil {
		t.Fatal(err)
	}
	return string(live.AppendMedia(nil, 0, w))
}
