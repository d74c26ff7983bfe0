package playlist

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vod2live/loop"
)

// rangedVOD is a VOD of one video and one audio rendition, whose segments do not begin
// together, with ranges that are tagged anywhere.
type rangedVOD struct {
	begins map[string]time.Duration // of each range in the VOD, by its ID
	lasts  map[string]time.Duration // likewise; chapter: until the next one
	tags   map[int]string           // by segment of the video
}

const (
	rangedSegments = 20
	chapter        = -1
)

// over reports whether a range has ended before an instant of the VOD.
func (v *rangedVOD) over(id string, at time.Duration) bool {
	begins := v.begins[id]
	if v.lasts[id] != chapter {
		return begins+v.lasts[id] < at-20*time.Millisecond
	}
	for next, lasts := range v.lasts {
		if lasts == chapter && v.begins[next] > begins && v.begins[next] < at-20*time.Millisecond {
			return true
		}
	}
	return false
}

func (v *rangedVOD) draw(t *rapid.T) {
	v.begins, v.lasts, v.tags = map[string]time.Duration{}, map[string]time.Duration{}, map[int]string{}
	top := rapid.Bool().Draw(t, "all at the top")
	for n := range rapid.IntRange(1, 8).Draw(t, "ranges") {
		id := fmt.Sprintf("r%d", n)
		v.begins[id] = time.Duration(rapid.IntRange(0, 4*rangedSegments*10-1).Draw(t, "begins")) * 100 * time.Millisecond
		tag := 0
		if !top {
			tag = rapid.IntRange(0, rangedSegments-1).Draw(t, "tag")
		}
		kind := rapid.SampledFrom([]struct {
			line  string
			lasts time.Duration
		}{
			{`CLASS="com.apple.hls.interstitial",DURATION=9,X-ASSET-URI="https://ads.test/1.m3u8"`, 9 * time.Second},
			{`CLASS="chapter",END-ON-NEXT=YES`, chapter},
			{`DURATION=25`, 25 * time.Second},
			{`SCTE35-OUT=0xFC`, 0},
		}).Draw(t, "attributes")
		v.lasts[id] = kind.lasts
		v.tags[tag] += fmt.Sprintf("#EXT-X-DATERANGE:ID=%q,START-DATE=%q,%s\n", id, vodDate.Add(v.begins[id]).Format(dateLayout), kind.line)
	}
}

var vodDate = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// source is the VOD; the audio's segments are 11 ms longer and shorter in turn.
func (v *rangedVOD) source(t failer) Source {
	base := &url.URL{Scheme: "http", Host: "origin.test", Path: "/vod/ranged/master.m3u8"}
	multivariant, err := DecodeMultivariant([]byte("#EXTM3U\n"+mediaLine("AUDIO", `GROUP-ID="a",NAME="en",DEFAULT=YES`, "a.m3u8")+variantLine(`BANDWIDTH=1000,RESOLUTION=320x180,`+avc+`,AUDIO="a"`, "v.m3u8")), base)
	if err != nil {
		t.Fatal(err)
	}
	vod := Source{Multivariant: multivariant}
	for _, ms := range []int{11, 0} {
		text := "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI=\"i.mp4\"\n#EXT-X-PROGRAM-DATE-TIME:" + vodDate.Format(dateLayout) + "\n"
		for i := range rangedSegments {
			text += v.tags[i] + fmt.Sprintf("#EXTINF:%s,\nfilm-%d.m4s\n", seconds(4000+ms*(1-i%2*2)), i)
		}
		m, err := DecodeMedia([]byte(text+"#EXT-X-ENDLIST\n"), base, nil)
		if err != nil {
			t.Fatal(err)
		}
		vod.Media = append(vod.Media, m)
	}
	return vod
}

// once is a channel that plays the clip of the VOD once, with a slate of 12 s in its
// breaks, and then the slate.
func (v *rangedVOD) once(t failer, clip Clip) *Live {
	vod := v.source(t)
	model := modelOf(t, vod)
	var programs []*Program
	var items []*loop.Item
	lay := func(vod Source, clip Clip) (all []*loop.Item) {
		whole, err := model.Lay(vod, clip)
		if err != nil {
			t.Fatal(err)
		}
		for n, p := range whole.Pieces() {
			if p, err = p.Render(plain{}, nil); err != nil {
				t.Fatal(err)
			}
			it, _ := p.Item(len(programs), 0)
			programs, all = append(programs, p), append(all, it.With(nil, n > 0))
		}
		return all
	}
	parts := lay(vod, clip)
	slate := lay((&rangedVOD{}).source(t), Clip{Target: 4 * time.Second})[0]
	for n, part := range parts {
		if n > 0 {
			items = append(items, slate.Fill(12*time.Second, 0)...)
		}
		items = append(items, part)
	}
	line, err := loop.NewTimeline(epoch, 0, loop.Plan{At: epoch, Play: items, Loop: []*loop.Item{slate}})
	if err != nil {
		t.Fatal(err)
	}
	return NewChannel(model, programs, line).Announce([]Marks{{Cue: true}}, nil)
}

var playedSegment = regexp.MustCompile(`film-(\d+)\.m4s`)

// TestParts_EachRangeOfTheVODIsOnAirOnceWhereItsContentIs, at the same date in all
// renditions, wherever its tag is: also of a clip.
func TestParts_EachRangeOfTheVODIsOnAirOnceWhereItsContentIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var v rangedVOD
		v.draw(t)
		clip := Clip{Target: 4 * time.Second, Part: true, In: time.Duration(rapid.IntRange(0, 5).Draw(t, "in")) * 4 * time.Second}
		for range rapid.IntRange(0, 3).Draw(t, "breaks") {
			clip.Breaks.At = append(clip.Breaks.At, time.Duration(rapid.IntRange(1, 50).Draw(t, "at"))*time.Second)
		}
		live := v.once(t, clip)
		var want map[string]string
		for n := range live.Renditions() {
			w, err := live.Timeline.View(n, loop.View{From: epoch, To: epoch.Add(3 * time.Minute)}, epoch.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			text := string(live.AppendView(nil, n, w, View{Event: true}))
			dates := map[string]string{}
			for _, line := range rangeLines(text) {
				a := readAttributes(line)
				id, _, _ := strings.Cut(a["ID"], "-")
				if _, again := dates[id]; again {
					t.Fatalf("rendition %d has %s again in\n%s", n, id, text)
				}
				dates[id] = a["START-DATE"]
			}
			if want == nil {
				want = dates
			}
			if !maps.Equal(want, dates) {
				t.Fatalf("rendition %d has %v, the first %v", n, dates, want)
			}
			v.check(t, clip.In, text, dates)
		}
	})
}

// check holds that each range begins with its content, but for half a second, and that
// none is missing, nor there if it was over before the clip.
func (v *rangedVOD) check(t *rapid.T, in time.Duration, text string, dates map[string]string) {
	played := map[time.Duration]time.Time{} // by where it is in the VOD
	var date time.Time
	cue := false
	for line := range strings.Lines(text) {
		if at, is := strings.CutPrefix(line, tagProgramDateTime+":"); is {
			date, _ = time.Parse(dateLayout, strings.TrimSpace(at))
		}
		cue = cue || strings.HasPrefix(line, "#EXT-X-CUE-OUT")
		if found := playedSegment.FindStringSubmatch(line); found != nil {
			var i int
			_, _ = fmt.Sscan(found[1], &i)
			if at := time.Duration(i) * 4 * time.Second; !cue && played[at].IsZero() {
				played[at] = date
			}
			cue = false
		}
	}
	for _, id := range slices.Sorted(maps.Keys(v.begins)) {
		begins := v.begins[id]
		if begins < in-nearPart && v.over(id, in) && dates[id] != "" {
			t.Fatalf("%s from %s on was over at %s, and is in\n%s", id, begins, in, text)
		}
		if begins < in {
			continue // before the clip
		}
		got, err := time.Parse(dateLayout, dates[id])
		if err != nil {
			t.Fatalf("%s at %s is missing in\n%s", id, begins, text)
		}
		segment := begins.Truncate(4 * time.Second)
		want := played[segment].Add(begins - segment)
		if next, plays := played[segment+4*time.Second]; plays && next.Sub(got).Abs() <= nearPart+20*time.Millisecond {
			continue // as near to the next part as renditions may begin it
		}
		if got.Sub(want).Abs() > 20*time.Millisecond {
			t.Fatalf("%s at %s of the VOD is at %s, want %s in\n%s", id, begins, got, want, text)
		}
	}
}
