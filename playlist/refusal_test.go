package playlist

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"vod2live/loop"
)

// vodOf is a VOD of four segments with lines above the first.
func vodOf(lines string) string {
	return "#EXTM3U\n" + lines + "\n#EXTINF:2,\na.ts\n#EXTINF:2,\nb.ts\n#EXTINF:2,\nc.ts\n#EXTINF:2,\nd.ts\n#EXT-X-ENDLIST\n"
}

func TestDecodeMedia_RefusesByName(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		code loop.Code
	}{
		"nothing":                  {"", CodeNotPlaylist},
		"HTML":                     {"<html>#EXTM3U</html>", CodeNotPlaylist},
		"a comment first":          {"# hello\n" + vodOf(""), CodeNotPlaylist},
		"another first line":       {"#EXTM3U8\n", CodeNotPlaylist},
		"no segment":               {"#EXTM3U\n#EXT-X-ENDLIST", loop.CodeEmpty},
		"a live playlist":          {strings.TrimSuffix(vodOf(""), "#EXT-X-ENDLIST\n"), CodeNoEndlist},
		"a multivariant playlist":  {"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n", CodeNested},
		"a delta update":           {vodOf("#EXT-X-SKIP:SKIPPED-SEGMENTS=3"), CodeDelta},
		"no duration above zero":   {"#EXTM3U\n#EXTINF:0,\na.ts\n#EXTINF:-1,\nb.ts\n#EXT-X-ENDLIST", loop.CodeBadDuration},
		"an event":                 {strings.TrimSuffix(vodOf("#EXT-X-PLAYLIST-TYPE:EVENT"), "#EXT-X-ENDLIST\n"), CodeNoEndlist},
		"no number of segments":    {vodOf("#EXT-X-MEDIA-SEQUENCE:one"), CodeSyntax},
		"duration NaN":             {vodOf("#EXTINF:NaN,\nx.ts"), loop.CodeBadDuration},
		"duration Inf":             {vodOf("#EXTINF:Inf,\nx.ts"), loop.CodeBadDuration},
		"no duration":              {vodOf("#EXTINF:,title\nx.ts"), loop.CodeBadDuration},
		"no number":                {vodOf("#EXTINF:abc,\nx.ts"), CodeSyntax},
		"an address alone":         {vodOf("x.ts"), CodeSyntax},
		"two EXTINF":               {vodOf("#EXTINF:4,\n#EXTINF:5,\nx.ts"), CodeSyntax},
		"offset implied at first":  {vodOf("#EXT-X-BYTERANGE:100"), CodeByteRange},
		"offset implied elsewhere": {vodOf("#EXTINF:2,\n#EXT-X-BYTERANGE:1@0\nx.ts\n#EXT-X-BYTERANGE:100"), CodeByteRange},
		"a range of nothing":       {vodOf("#EXT-X-BYTERANGE:@5"), CodeSyntax},
		"a negative range":         {vodOf("#EXT-X-BYTERANGE:-5@5"), CodeSyntax},
		"a range beyond counting":  {vodOf("#EXT-X-BYTERANGE:9223372036854775807@1"), CodeSyntax},
		"encrypted init, no IV":    {vodOf("#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXT-X-MAP:URI=\"i\""), CodeInitWithoutIV},
		"MAP behind a segment":     {vodOf("#EXTINF:2,\nx.ts\n#EXT-X-MAP:URI=\"i\""), CodeMapTooLate},
		"KEY without METHOD":       {vodOf("#EXT-X-KEY:"), CodeSyntax},
		"MAP without URI":          {vodOf("#EXT-X-MAP:BYTERANGE=\"5@0\""), CodeSyntax},
		"offset of another file":   {vodOf("#EXT-X-BYTERANGE:9@0\n#EXTINF:2,\nx.ts\n#EXT-X-BYTERANGE:9\n#EXTINF:2,\n../x.ts"), CodeByteRange},
		"IMPORT of nothing":        {vodOf("#EXT-X-DEFINE:IMPORT=\"x\""), CodeUndefinedVariable},
		"QUERYPARAM of nothing":    {vodOf("#EXT-X-DEFINE:QUERYPARAM=\"x\""), CodeUndefinedVariable},
		"a reference to nothing":   {vodOf("#EXT-X-DEFINE:NAME=\"x\",VALUE=\"y\"\n#EXTINF:2,\n{$z}"), CodeUndefinedVariable},
		"a reference, no define":   {vodOf("#EXTINF:2,\n{$z}"), CodeUndefinedVariable},
		"defined twice":            {vodOf("#EXT-X-DEFINE:NAME=\"x\",VALUE=\"y\"\n#EXT-X-DEFINE:NAME=\"x\",VALUE=\"y\""), CodeSyntax},
	} {
		_, err := DecodeMedia([]byte(c.text), origin, nil)
		if got := codeIn(err); got != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func codeIn(err error) loop.Code {
	if refusal, ok := errors.AsType[*loop.Refusal](err); ok {
		return refusal.Code
	}
	return ""
}

func TestDecodeMultivariant_RefusesByName(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		code loop.Code
	}{
		"nothing":                {"", CodeNotPlaylist},
		"no address":             {"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",URI=\"\"", CodeNoRendition},
		"an address unreadable":  {"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://[x/a.m3u8", CodeSyntax},
		"a reference to nothing": {"#EXTM3U\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{$c}", CodeUndefinedVariable},
		"too many tags":          {"#EXTM3U\n" + strings.Repeat("#EXT-X-MEDIA:TYPE=AUDIO\n", maxMediaTags+1), CodeTooLarge},
		"too many renditions":    {"#EXTM3U\n" + manyVariants(MaxRenditions+1), CodeTooLarge},
	} {
		_, err := DecodeMultivariant([]byte(c.text), origin)
		if got := codeIn(err); got != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func manyVariants(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "#EXT-X-STREAM-INF:BANDWIDTH=1\n%d.m3u8\n", i)
	}
	return b.String()
}

func TestNewLive_RefusesWebVTTThatCantBeCut(t *testing.T) {
	m, err := DecodeMultivariant([]byte("#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,URI=\"s\"\n#EXT-X-STREAM-INF:RESOLUTION=1x1\nv"), origin)
	if err != nil {
		t.Fatal(err)
	}
	video, _ := DecodeMedia([]byte(vodOf("")), origin, nil)
	for line, code := range map[string]loop.Code{
		"#EXT-X-KEY:METHOD=AES-128,URI=\"k\"": CodeWebVTTEncrypted,
		"#EXT-X-BYTERANGE:10@0":               CodeWebVTTByteRange,
	} {
		subtitles, err := DecodeMedia([]byte("#EXTM3U\n"+line+"\n#EXTINF:8,\na.vtt\n#EXT-X-ENDLIST"), origin, nil)
		if err != nil {
			t.Fatal(err)
		}
		live, err := NewLive(m, []*Media{subtitles, video}, plain{}, Options{Epoch: epoch})
		if err != nil || live.LeftOut(0) == nil || live.LeftOut(0).Code != code {
			t.Errorf("%s: %v, want it left out because of %s", line, err, code)
		}
		_, err = NewLive(m, []*Media{subtitles, video}, plain{}, Options{Epoch: epoch, Strict: true})
		var refusal *loop.Refusal
		if !errors.As(err, &refusal) || refusal.Code != code || refusal.Rendition != 0 {
			t.Errorf("%s: %v, want %s of rendition 0 where that is strict", line, err, code)
		}
	}
}

func TestDecodeMedia_NamesTheLineOfTheText(t *testing.T) {
	text := "#EXTM3U\r\n\r\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"\r\n\r\n#EXTINF:2,\r\na.ts\r\n\r\nstray.ts\r\n"
	_, err := DecodeMedia([]byte(text), &url.URL{}, nil)
	if err == nil || !strings.Contains(err.Error(), "line 8:") {
		t.Errorf("%v, want line 8", err)
	}
	for text, want := range map[string]string{
		"#EXTINF:2,\na.ts\n\n#EXTINF:abc,x\nb.ts":                              "line 5: the number can't be read: #EXTINF:abc,x",
		"#EXTINF:abc,x?sig=s3cr3t\na.ts":                                       "line 2: the number can't be read: #EXTINF:abc,x?***",
		"#EXT-X-MEDIA-SEQUENCE:x\n#EXTINF:2,\na.ts":                            "line 2: the number can't be read: #EXT-X-MEDIA-SEQUENCE:x",
		"#EXTINF:2,\n{$a}.ts":                                                  "line 3: no EXT-X-DEFINE for {$a}: {$a}.ts",
		"#EXT-X-DEFINE:NAME=\"b\",VALUE=\"c\"\n\n#EXTINF:2,\n{$b}{$a}.ts":      "line 5: no EXT-X-DEFINE for {$a}: {$b}{$a}.ts",
		"\n#EXT-X-DEFINE:NAME=\"b\",VALUE=\"c\"\n\n#EXT-X-DEFINE:IMPORT=\"d\"": "line 5: the variable has no value: #EXT-X-DEFINE:IMPORT=\"d\"",
	} {
		if _, err := DecodeMedia([]byte("#EXTM3U\n"+text+"\n"), &url.URL{}, nil); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestDecodeMedia_AnImpliedOffsetGoesByTheResource, however its address is
// written (4.4.4.2).
func TestDecodeMedia_AnImpliedOffsetGoesByTheResource(t *testing.T) {
	m, err := DecodeMedia([]byte(vodOf("#EXT-X-BYTERANGE:9@5\n#EXTINF:2,\nall.ts\n#EXT-X-BYTERANGE:7\n#EXTINF:2,\n./all.ts")), origin, nil)
	if err != nil || m.Segments[1].ByteRange != "7@14" {
		t.Errorf("%v, want the range 7@14", err)
	}
}

func TestDecodeMedia_ABitrateOfNothingIsDropped(t *testing.T) {
	live := liveOf(t, []byte(vodOf("#EXT-X-BITRATE:\n#EXTINF:2,\nx.ts\n#EXT-X-BITRATE")), 0)
	if text := mediaAt(t, live, epoch.Add(time.Minute)); strings.Contains(text, tagBitrate) {
		t.Errorf("it is on air:\n%s", text)
	}
}

// TestDecodeMedia_WhatIsNoReferenceStays: also where nothing is defined (4.3).
func TestDecodeMedia_WhatIsNoReferenceStays(t *testing.T) {
	for _, line := range []string{"a{$b.ts", "a{b}.ts"} {
		m, err := DecodeMedia([]byte(vodOf("# {$a}\n#EXTINF:2,{$a}\n"+line)), origin, nil)
		if err != nil || m.Segments[0].URI != line {
			t.Errorf("%s: %v", line, err)
		}
	}
}
