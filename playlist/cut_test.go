package playlist

import (
	"strings"
	"testing"
	"time"

	"vod2live/loop"
)

// TestAppendMedia_CutItemsKeepTheLaws: an era begins within a loop, at every boundary
// of each sample's reference.
func TestAppendMedia_CutItemsKeepTheLaws(t *testing.T) {
	cuts := 0
	for _, s := range samples(t) {
		live := s.live(t, 0)
		item := loop.NewItem(live.VOD, live.Era)
		reference := &live.VOD.Tracks[live.VOD.Reference]
		for i := 1; i < reference.Len(); i++ {
			at := epoch.Add(10*live.VOD.Length + reference.Start(i))
			line, err := live.Timeline.Then(loop.Plan{At: at, Loop: []*loop.Item{item}})
			if err != nil {
				t.Fatal(err)
			}
			if !line.Run(live.VOD.Reference, windowAt(t, live, live.VOD.Reference, line.Begins()).End-1).Item.Whole() {
				cuts++
			}
			cut := *live
			cut.Timeline = line
			for n := range s.media {
				checkCut(t, &cut, n, listen(s.text[n], origin))
			}
		}
	}
	if cuts == 0 {
		t.Error("no item was cut")
	}
}

// checkCut walks a rendition from before an era to after it.
func checkCut(t *testing.T, live *Live, n int, vod page) {
	t.Helper()
	if live.LeftOut(n) != nil {
		return
	}
	var last page
	begins := live.Timeline.Begins()
	end := begins.Add(live.VOD.Window + live.VOD.Length)
	for at := begins.Add(-live.VOD.TargetDuration); at.Before(end); {
		w := windowAt(t, live, n, at)
		text := string(live.AppendMedia(nil, n, w))
		p, bad := checkText(text, origin)
		if last.segments != nil {
			bad = append(bad, checkNext(last, p)...)
		}
		bad = append(bad, checkPlays(live, n, p, vod)...)
		if len(bad) > 0 {
			t.Fatalf("rendition %d at %s:\n%s\nin\n%s", n, at, strings.Join(bad, "\n"), text)
		}
		last, at = p, w.Next
	}
}

// checkPlays: what is shown of each item has the samples of its VOD, in its order.
func checkPlays(live *Live, n int, p, vod page) (bad []string) {
	for _, s := range p.segments {
		r := live.Timeline.Run(n, s.number)
		switch {
		case r.From >= r.Item.Kept(n) && !s.gap:
			bad = append(bad, s.media+" pads a cut item, and is no gap")
		case r.From < min(r.Item.Kept(n), live.VOD.Tracks[n].Kept) && !strings.HasSuffix(s.media, suffixOf(vod.segments[r.From].media)):
			bad = append(bad, s.media+", in the VOD "+vod.segments[r.From].media)
		}
	}
	return bad
}

// suffixOf is what tells the samples of a segment, less the folder of its address.
func suffixOf(media string) string {
	address, rest, _ := strings.Cut(media, " ")
	address = address[strings.LastIndexByte(address, '/')+1:]
	if strings.Contains(rest, "http") {
		return "" // keys and init sections have addresses, too
	}
	return address + " " + rest
}

// TestAppendMedia_OfACutItem_IsTheWholeOnesTextWithAShorterEnd: the audio hangs over
// the cut by 2 s, and is encrypted there.
func TestAppendMedia_OfACutItem_IsTheWholeOnesTextWithAShorterEnd(t *testing.T) {
	m := decodeBoth(t, "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",DEFAULT=YES,URI=\"a.m3u8\"\n"+
		"#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"a\",RESOLUTION=1x1\nv.m3u8\n")
	video := bare(t, "#EXTINF:6,\nv0.ts\n#EXTINF:6,\nv1.ts\n#EXTINF:6,\nv2.ts\n#EXTINF:6,\nv3.ts\n")
	audio := bare(t, "#EXTINF:6,\na0.ts\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x01\n#EXTINF:8,long\na1.ts\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:6,\na2.ts\n#EXTINF:4,\na3.ts\n#EXT-X-AFTER\n")
	live, err := NewLive(m, []*Media{audio, video}, plain{}, Options{Epoch: epoch})
	if err != nil {
		t.Fatal(err)
	}
	for wish, c := range map[time.Duration]struct{ audio, video string }{
		11 * time.Second: {
			audio: "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:04:06.000Z\n#EXTINF:6.000,long\nhttp://origin.test/vod/a1.ts\n#EXT-X-DISCONTINUITY\n#EXT-X-KEY:METHOD=NONE\n#EXT-X-PROGRAM",
			video: "#EXTINF:6,\nhttp://origin.test/vod/v1.ts\n#EXT-X-DISCONTINUITY\n",
		},
		23 * time.Second: {
			audio: "#EXTINF:4,\nhttp://origin.test/vod/a3.ts\n#EXT-X-AFTER\n#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM",
			video: "#EXTINF:6,\nhttp://origin.test/vod/v3.ts\n#EXT-X-DISCONTINUITY\n",
		},
	} {
		line, err := live.Timeline.Then(loop.Plan{At: epoch.Add(10*live.VOD.Length + wish), Loop: []*loop.Item{loop.NewItem(live.VOD, 0)}})
		if err != nil {
			t.Fatal(err)
		}
		cut := *live
		cut.Timeline = line
		for n, want := range []string{c.audio, c.video} {
			w := windowAt(t, &cut, n, line.Begins().Add(7*time.Second))
			if text := string(cut.AppendMedia(nil, n, w)); !strings.Contains(text, want) {
				t.Errorf("cut at %s: want\n%s\nin\n%s", wish, want, text)
			}
		}
	}
}

// TestAppendMedia_PadsACutItemWithGaps: audio that has its own discontinuity before
// that of the reference, and so ends early where it is cut between the two.
func TestAppendMedia_PadsACutItemWithGaps(t *testing.T) {
	m := decodeBoth(t, "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",DEFAULT=YES,URI=\"a.m3u8\"\n"+
		"#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO=\"a\",RESOLUTION=1x1\nv.m3u8\n")
	video := bare(t, "#EXTINF:4,\nv0.ts\n#EXTINF:4,\nv1.ts\n#EXTINF:4,\nv2.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:4,\nv3.ts\n")
	audio := bare(t, "#EXT-X-MAP:URI=\"i\"\n#EXTINF:4,\na0.ts\n#EXTINF:4,\na1.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:3,\na2.ts\n#EXTINF:4,\na3.ts\n#EXTINF:1,\na4.ts\n")
	live, err := NewLive(m, []*Media{audio, video}, plain{}, Options{Epoch: epoch})
	if err != nil {
		t.Fatal(err)
	}
	line, err := live.Timeline.Then(loop.Plan{At: epoch.Add(10*live.VOD.Length + 11*time.Second), Loop: []*loop.Item{loop.NewItem(live.VOD, 0)}})
	if err != nil {
		t.Fatal(err)
	}
	cut := *live
	cut.Timeline = line
	const gap = "a1.ts\n#EXT-X-GAP\n#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:02:48.000Z\n#EXTINF:4.000,\n0.m3u8/gap\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"http://origin.test/vod/i\"\n"
	w := windowAt(t, &cut, 0, line.Begins().Add(5*time.Second))
	if text := string(cut.AppendMedia(nil, 0, w)); !strings.Contains(text, gap) {
		t.Fatalf("want\n%s\nin\n%s", gap, text)
	}
	for r := line.Run(0, w.First); r.Item.Whole() || r.From < r.Item.Kept(0); r = line.Run(0, w.First) {
		w.First++
	}
	if text := string(cut.AppendMedia(nil, 0, w)); !strings.Contains(text, "#EXT-X-MAP:URI=\"http://origin.test/vod/i\"\n#EXT-X-GAP\n") {
		t.Errorf("a window that begins with the gap:\n%s", text)
	}
}

// bare is a VOD's media playlist with some lines.
func bare(t *testing.T, lines string) *Media {
	t.Helper()
	m, err := DecodeMedia([]byte("#EXTM3U\n"+lines+"#EXT-X-ENDLIST\n"), origin, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
