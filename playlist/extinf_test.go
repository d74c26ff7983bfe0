package playlist

import (
	"strings"
	"testing"
	"time"
)

// TestDecodeMedia_ReadsDurationsAsPackagersWriteThem, and what is served is a
// number that all players read.
func TestDecodeMedia_ReadsDurationsAsPackagersWriteThem(t *testing.T) {
	for written, want := range map[string]struct {
		duration time.Duration
		line     string
	}{
		"2,":                                    {2 * time.Second, "#EXTINF:2,"},
		"2.0,":                                  {2 * time.Second, "#EXTINF:2.0,"},
		"2":                                     {2 * time.Second, "#EXTINF:2,"},
		" 2 , a title":                          {2 * time.Second, "#EXTINF:2, a title"},
		"2e0,":                                  {2 * time.Second, "#EXTINF:2.000,"},
		"1.25E+1,x":                             {12500 * time.Millisecond, "#EXTINF:12.500,x"},
		"1.1e-05,":                              {11 * time.Microsecond, "#EXTINF:0.000011,"},
		"0.00001,":                              {10 * time.Microsecond, "#EXTINF:0.00001,"},
		"+2.5,":                                 {2500 * time.Millisecond, "#EXTINF:2.500,"},
		`6 tvg-id="a, b",News`:                  {6 * time.Second, `#EXTINF:6,tvg-id="a, b",News`},
		`6.006 bitrate=1 ,News, late`:           {6006 * time.Millisecond, "#EXTINF:6.006,bitrate=1 ,News, late"},
		"0000000000000000000000000000000004.5,": {4500 * time.Millisecond, "#EXTINF:4.500,"},
	} {
		m, err := DecodeMedia([]byte("#EXTM3U\n#EXTINF:"+written+"\na.ts\n#EXT-X-ENDLIST"), origin, nil)
		if err != nil {
			t.Errorf("%q: %v", written, err)
			continue
		}
		if s := m.Segments[0]; s.Duration != want.duration || s.info != want.line {
			t.Errorf("%q is %s, served as %s; want %s, %s", written, s.Duration, s.info, want.duration, want.line)
		}
	}
}

// TestDecodeMedia_LeavesOutSegmentsOfNoDuration, but counts them, and gives the
// tags above them to the next one.
func TestDecodeMedia_LeavesOutSegmentsOfNoDuration(t *testing.T) {
	m, err := DecodeMedia([]byte(strings.Join([]string{
		"#EXTM3U", "#EXT-X-MEDIA-SEQUENCE:16",
		"#EXT-X-CUE-OUT:4", "#EXT-X-DISCONTINUITY", "#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00Z",
		"#EXT-X-KEY:METHOD=AES-128,URI=\"k\"", "#EXT-X-BYTERANGE:10@5", "#EXTINF:0,", "#EXT-X-NOTE", "all.ts",
		"#EXT-X-MARK", "#EXT-X-BYTERANGE:20", "#EXTINF:2,", "all.ts",
		"#EXT-X-GAP", "#EXT-X-BYTERANGE:3", "#EXTINF:-1 tvg-id=\"x\",x", "all.ts",
		"#EXT-X-DATERANGE:ID=\"d\",START-DATE=\"2020-01-01T00:00:02Z\"", "#EXT-X-BYTERANGE:30", "#EXTINF:2,", "all.ts",
		"#EXT-X-END-MARK", "#EXT-X-BYTERANGE:1", "#EXTINF:1e-12,", "all.ts",
		"#EXT-X-ENDLIST",
	}, "\n")), origin, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Segments) != 2 || m.Notes[NoteLeftOut] != 3 {
		t.Fatalf("%d segments, notes %v; want 2 segments and 3 left out", len(m.Segments), m.Notes)
	}
	first, second := m.Segments[0], m.Segments[1]
	if first.ByteRange != "20@15" || second.ByteRange != "30@38" {
		t.Errorf("byte ranges %s and %s, want 20@15 and 30@38", first.ByteRange, second.ByteRange)
	}
	if iv := first.Keys[0].Line(); !strings.HasSuffix(iv, "IV=0x00000000000000000000000000000011") {
		t.Errorf("the first key is %s, want the IV of number 17", iv)
	}
	if iv := second.Keys[0].Line(); !strings.HasSuffix(iv, "IV=0x00000000000000000000000000000013") {
		t.Errorf("the second key is %s, want the IV of number 19", iv)
	}
	if before := strings.Join(first.before, " "); !first.Discontinuity || first.Date.IsZero() || before != "#EXT-X-CUE-OUT:4 #EXT-X-NOTE #EXT-X-MARK" {
		t.Errorf("above the first: %q, discontinuity %t, date %s", before, first.Discontinuity, first.Date)
	}
	if second.Gap || len(second.ranges) != 1 {
		t.Errorf("the second is a gap: %t; it has %d ranges, want 1", second.Gap, len(second.ranges))
	}
	if after := strings.Join(m.after, " "); after != "#EXT-X-END-MARK" {
		t.Errorf("behind the last: %q", after)
	}
}

// TestDecodeMedia_AMediaSequenceThatIsNoneIsZero (iv: of the first segment).
func TestDecodeMedia_AMediaSequenceThatIsNoneIsZero(t *testing.T) {
	for line, iv := range map[string]string{
		"#EXT-X-MEDIA-SEQUENCE:": "0", "#EXT-X-MEDIA-SEQUENCE:-1": "0", "#EXT-X-MEDIA-SEQUENCE": "0", "#EXT-X-MEDIA-SEQUENCE:9": "9",
	} {
		m, err := DecodeMedia([]byte("#EXTM3U\n"+line+"\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST"), origin, nil)
		if err != nil {
			t.Errorf("%s: %v", line, err)
		} else if got := m.Segments[0].Keys[0].Line(); !strings.HasSuffix(got, "0000"+iv) {
			t.Errorf("%s: %s, want an IV of %s", line, got, iv)
		}
	}
}

// TestDecodeMedia_NotesWhatIsOdd and not worth a refusal.
func TestDecodeMedia_NotesWhatIsOdd(t *testing.T) {
	for text, note := range map[string]Note{
		"#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:2,\na.ts":                                                                NoteNoEndlist,
		"#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=12\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST":                               NoteBadIV,
		"#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST":                               NoteBadIV,
		"#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x12x\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST":                            NoteBadIV,
		"#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x123456789012345678901234567890123\n#EXTINF:2,\na\n#EXT-X-ENDLIST": NoteBadIV,
		"#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0X00000000000000000000000000000Abc\n#EXTINF:2,\na\n#EXT-X-ENDLIST":  "",
	} {
		m, err := DecodeMedia([]byte("#EXTM3U\n"+text), origin, nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if note == "" && len(m.Notes) > 0 || note != "" && m.Notes[note] != 1 {
			t.Errorf("%s: notes %v, want %s", text, m.Notes, note)
		}
	}
}

// TestDecodeMedia_AQueryParameterIsPercentDecodedAlone: a + is a plus.
func TestDecodeMedia_AQueryParameterIsPercentDecodedAlone(t *testing.T) {
	address := *origin
	address.RawQuery = "b=1&token=a+b%2Bc%20d&token=2"
	m, err := DecodeMedia([]byte("#EXTM3U\n#EXT-X-DEFINE:QUERYPARAM=\"token\"\n#EXTINF:2,\n{$token}.ts\n#EXT-X-ENDLIST"), &address, nil)
	if err != nil || m.Segments[0].URI != "a+b+c d.ts" {
		t.Errorf("%v, %v; want a+b+c d.ts", m, err)
	}
}

// TestDecodeMedia_LinesBelowALastEXTINFWithoutAddressStay with those above it: they
// stand behind the last segment.
func TestDecodeMedia_LinesBelowALastEXTINFWithoutAddressStay(t *testing.T) {
	m, err := DecodeMedia([]byte("#EXTM3U\n#EXTINF:2,\na.ts\n#EXT-X-ABOVE\n#EXTINF:3,\n#EXT-X-BELOW\n#EXT-X-ENDLIST"), origin, nil)
	if err != nil {
		t.Fatal(err)
	}
	if after := strings.Join(m.after, " "); len(m.Segments) != 1 || after != "#EXT-X-ABOVE #EXT-X-BELOW" {
		t.Errorf("%d segments and %q behind them, want 1 and both lines", len(m.Segments), after)
	}
}
