package playlist

import (
	"testing"

	"vod2live/loop"
)

// TestMultivariant_WhatIsLeftOutIsNamedNowhere: neither by a line of its own nor
// by a group that has nothing else.
func TestMultivariant_WhatIsLeftOutIsNamedNowhere(t *testing.T) {
	const (
		english = "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"en\",URI=\"en\"\n"    // number 0
		french  = "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"fr\",URI=\"fr\"\n"    // 1
		angle   = "#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID=\"s\",NAME=\"two\",URI=\"angle\"\n"    // 2
		audio   = "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"s\",NAME=\"a\",URI=\"audio\"\n"      // 3
		inside  = "#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"s\",INSTREAM-ID=\"CC1\"\n" // in the video
		frames  = "#EXT-X-I-FRAME-STREAM-INF:VIDEO=\"s\",BANDWIDTH=1,URI=\"frames\"\n"     // 4
		head    = "#EXT-X-STREAM-INF:SUBTITLES=\"s\",BANDWIDTH=1,VIDEO=\"s\",CLOSED-CAPTIONS=\"s\",AUDIO=\"s\"\n"
	)
	m, err := DecodeMultivariant([]byte("#EXTM3U\n"+english+french+angle+audio+inside+frames+head+"video\n"), origin)
	if err != nil {
		t.Fatal(err)
	}
	for out, want := range map[string]string{
		"":    english + french + angle + audio + inside + frames + head,
		"0":   french + angle + audio + inside + frames + head,
		"01":  angle + audio + inside + frames + "#EXT-X-STREAM-INF:BANDWIDTH=1,VIDEO=\"s\",CLOSED-CAPTIONS=\"s\",AUDIO=\"s\"\n",
		"2":   english + french + audio + inside + "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"frames\"\n" + "#EXT-X-STREAM-INF:SUBTITLES=\"s\",BANDWIDTH=1,CLOSED-CAPTIONS=\"s\",AUDIO=\"s\"\n",
		"4":   english + french + angle + audio + inside + head,
		"012": audio + inside + "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"frames\"\n" + "#EXT-X-STREAM-INF:BANDWIDTH=1,CLOSED-CAPTIONS=\"s\",AUDIO=\"s\"\n",
	} {
		leftOut := map[int]bool{}
		for _, n := range out {
			leftOut[int(n-'0')] = true
		}
		got := joined(m.without(func(n int) *loop.Refusal {
			if leftOut[n] {
				return refuse(loop.CodeEmpty, "absent")
			}
			return nil
		}))
		if want = "#EXTM3U\n" + want + "video\n"; got != want {
			t.Errorf("without %s:\n%s\nwant\n%s", out, got, want)
		}
	}
}

// TestMultivariant_EssentialIsWhatPlaysByDefault, and nothing else.
func TestMultivariant_EssentialIsWhatPlaysByDefault(t *testing.T) {
	media := func(kind, group, name, more string) string {
		return "#EXT-X-MEDIA:TYPE=" + kind + ",GROUP-ID=\"" + group + "\",NAME=\"" + name + "\"" + more + "\n"
	}
	for name, c := range map[string]struct {
		text string
		want []bool
	}{
		"the default of each audio group": {
			media("AUDIO", "a", "1", ",URI=\"a1\"") + media("AUDIO", "a", "2", ",DEFAULT=YES,URI=\"a2\"") + media("AUDIO", "b", "1", ",URI=\"b1\"") +
				media("AUDIO", "b", "2", ",URI=\"b2\"") + "#EXT-X-STREAM-INF:BANDWIDTH=1\nv", []bool{false, true, true, false, true},
		},
		"a default in the video":                        {media("AUDIO", "a", "1", ",DEFAULT=YES") + media("AUDIO", "a", "2", ",URI=\"a2\"") + "#EXT-X-STREAM-INF:BANDWIDTH=1\nv", []bool{false, true}},
		"a first one in the video":                      {media("AUDIO", "a", "1", "") + media("AUDIO", "a", "2", ",URI=\"a2\"") + "#EXT-X-STREAM-INF:BANDWIDTH=1\nv", []bool{false, true}},
		"subtitles, whatever they say":                  {media("SUBTITLES", "s", "1", ",DEFAULT=YES,URI=\"s\"") + "#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"i\"", []bool{false, true, false}},
		"an optional one that is a variant stream, too": {media("AUDIO", "a", "1", ",URI=\"a1\"") + media("AUDIO", "a", "2", ",URI=\"v\"") + "#EXT-X-STREAM-INF:BANDWIDTH=1\nv", []bool{true, true}},
		"all but subtitles, without variant streams":    {media("SUBTITLES", "s", "1", ",URI=\"s\"") + media("AUDIO", "a", "1", ",URI=\"a1\"") + media("AUDIO", "a", "2", ",URI=\"a2\""), []bool{false, true, true}},
	} {
		m, err := DecodeMultivariant([]byte("#EXTM3U\n"+c.text+"\n"), origin)
		if err != nil || len(m.Renditions) != len(c.want) {
			t.Errorf("%s: %v, %+v", name, err, m)
			continue
		}
		for n, want := range c.want {
			if m.Renditions[n].Essential != want {
				t.Errorf("%s: rendition %d is essential: %t, want %t", name, n, !want, want)
			}
		}
	}
}
