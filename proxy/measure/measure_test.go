package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/media"
	"vod2live/proxy/origin"
)

// rig is an origin of files, and a client of it.
type rig struct {
	files    map[string][]byte
	requests []string // path and range
	handle   func(w http.ResponseWriter, r *http.Request) bool
	url      string
	client   *origin.Client
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{files: map[string][]byte{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.requests = append(r.requests, req.URL.Path+" "+req.Header.Get("Range"))
		body, is := r.files[req.URL.Path]
		switch {
		case r.handle != nil && r.handle(w, req):
		case !is:
			http.NotFound(w, req)
		default:
			http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(body))
		}
	}))
	t.Cleanup(server.Close)
	o, err := origin.New("vod", server.URL, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	r.url, r.client = server.URL, origin.NewClient(server.Client().Transport, metrics.New(""), o)
	for _, name := range []string{"first.ts", "last.ts", "init.mp4", "first.m4s", "last.m4s"} {
		if r.files["/"+name], err = os.ReadFile(filepath.Join("..", "media", "testdata", name)); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// media decodes a playlist of lines.
func (r *rig) media(t *testing.T, lines ...string) *playlist.Media {
	t.Helper()
	address, err := url.Parse(r.url + "/index.m3u8")
	if err != nil {
		t.Fatal(err)
	}
	text := "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" + strings.Join(lines, "\n") + "\n#EXT-X-ENDLIST\n"
	m, err := playlist.DecodeMedia([]byte(text), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const tsVOD = "#EXTINF:1.001,\nfirst.ts\n#EXTINF:1.001,\nmiddle.ts\n#EXTINF:1.001,\nlast.ts"

func TestRead_LengthOfMPEGTSByItsFirstAndLastSegment(t *testing.T) {
	r := newRig(t)
	m, err := Read(context.Background(), r.client, r.media(t, tsVOD), "")
	if err != nil {
		t.Fatal(err)
	}
	if m.Format != media.TS || m.Playlist != 3003*time.Millisecond || m.Unknown != nil {
		t.Errorf("%+v", m)
	}
	if got, ok := m.Length(media.Video); got != 3003*time.Millisecond || !ok {
		t.Errorf("the video lasts %v, want 3.003s", got)
	}
	// 131 frames of AAC, by two timestamps that were rounded to 90 kHz.
	if got, ok := m.Length(media.Audio); got != time.Duration(131*1024*1_000_000_000/44100+1) || !ok {
		t.Errorf("the audio lasts %v, want 131 frames", got)
	}
	if begin, ok := m.Begin(media.Video); begin != 1466733334 || !ok {
		t.Errorf("the video begins at %v, want 132006 ticks", begin)
	}
	want := []string{"/first.ts bytes=0-524288", "/last.ts bytes=0-8388608"}
	if fmt.Sprint(r.requests) != fmt.Sprint(want) {
		t.Errorf("requests %v, want %v", r.requests, want)
	}
}

func TestRead_MP4InByteRangesOfOneFile(t *testing.T) {
	r := newRig(t)
	head, first, last := r.files["/init.mp4"], r.files["/first.m4s"], r.files["/last.m4s"]
	r.files["/all.mp4"] = bytes.Join([][]byte{head, first, last}, nil)
	m, err := Read(context.Background(), r.client, r.media(t,
		fmt.Sprintf(`#EXT-X-MAP:URI="all.mp4",BYTERANGE="%d@0"`, len(head)),
		fmt.Sprintf("#EXTINF:1.001,\n#EXT-X-BYTERANGE:%d@%d\nall.mp4", len(first), len(head)),
		fmt.Sprintf("#EXTINF:1.001,\n#EXT-X-BYTERANGE:%d\nall.mp4", len(last))), "")
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := m.Length(media.Video); got != 3003*time.Millisecond || !ok {
		t.Errorf("the video lasts %v, want 3.003s: %v", got, m.Unknown)
	}
	if begin, ok := m.Begin(media.Audio); begin != 42993198 || !ok {
		t.Errorf("the audio begins at %v, want 1896 ticks of 44.1 kHz, by its edit list", begin)
	}
	if len(r.requests) != 3 {
		t.Errorf("requests %v, want one for each of the three parts", r.requests)
	}
}

// TestRead_TheLastSegmentHasItsOwnInitializationSection: that of the first would read nothing of it.
func TestRead_TheLastSegmentHasItsOwnInitializationSection(t *testing.T) {
	r := newRig(t)
	r.files["/other.mp4"] = bytes.Replace(r.files["/init.mp4"], []byte("vide"), []byte("text"), 1)
	m, err := Read(context.Background(), r.client, r.media(t, "#EXT-X-MAP:URI=\"other.mp4\"\n#EXTINF:1.001,\nfirst.m4s\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:1.001,\nlast.m4s"), "")
	if err != nil {
		t.Fatal(err)
	}
	if m.First.Track(media.Video) != nil || m.Last.Track(media.Video) == nil {
		t.Errorf("the first segment has %+v, the last %+v", m.First.Tracks, m.Last.Tracks)
	}
}

func TestRead_OneSegmentIsReadOnce(t *testing.T) {
	r := newRig(t)
	m, err := Read(context.Background(), r.client, r.media(t, "#EXTINF:1.001,\nfirst.ts"), "")
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := m.Length(media.Video); got != 1001*time.Millisecond || !ok || len(r.requests) != 1 {
		t.Errorf("%v, by %v", got, r.requests)
	}
}

func TestRead_WhatCanNotBeMeasuredIsAnOutcome(t *testing.T) {
	for name, c := range map[string]struct {
		lines string
		want  error
	}{
		"whole-segment encryption":    {"#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n" + tsVOD, ErrEncrypted},
		"a gap at the end":            {tsVOD + "\n#EXT-X-GAP\n#EXTINF:1,\ngap.ts", ErrGaps},
		"another host":                {"#EXTINF:1,\nhttps://elsewhere.invalid/a.ts", ErrElsewhere},
		"no media at all":             {"#EXTINF:1,\nnothing.bin", ErrFormat},
		"MP4 without its beginning":   {"#EXTINF:1,\nfirst.m4s", media.ErrMalformed},
		"an init section of nonsense": {"#EXT-X-MAP:URI=\"nothing.bin\"\n#EXTINF:1,\nfirst.m4s", media.ErrMalformed},
		"discontinuities of its own":  {"#EXTINF:1,\nfirst.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:1,\nlast.ts", ErrDiscontinuity},
		"a last segment over 8 MiB":   {"#EXTINF:1,\nfirst.ts\n#EXTINF:1,\nlarge.ts", media.ErrTooLarge},
	} {
		r := newRig(t)
		r.files["/nothing.bin"] = []byte("nothing that is known to anybody")
		r.files["/large.ts"] = bytes.Repeat(r.files["/last.ts"], 1+maxLast/len(r.files["/last.ts"]))
		m, err := Read(context.Background(), r.client, r.media(t, c.lines), "")
		if err != nil || !errors.Is(m.Unknown, c.want) {
			t.Errorf("%s: %+v, %v, want %v", name, m, err, c.want)
			continue
		}
		if _, known := m.Length(media.Video); known {
			t.Errorf("%s: a length is known", name)
		}
	}
}

func TestRead_FailuresOfTheOriginAreErrors(t *testing.T) {
	for name, handle := range map[string]func(w http.ResponseWriter, r *http.Request) bool{
		"the last segment is absent": func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/last.ts" {
				http.NotFound(w, r)
			}
			return r.URL.Path == "/last.ts"
		},
		"ranges fail": func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		},
		"a body breaks off": func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Length", "9776")
			w.Header().Set("Content-Range", "bytes 0-9775/9776")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write([]byte("G"))
			panic(http.ErrAbortHandler)
		},
	} {
		r := newRig(t)
		r.handle = handle
		if m, err := Read(context.Background(), r.client, r.media(t, tsVOD), ""); err == nil {
			t.Errorf("%s: %+v, want an error", name, m)
		}
	}
}

func TestRead_WebVTTHasNoLength(t *testing.T) {
	r := newRig(t)
	r.files["/a.vtt"] = []byte("WEBVTT\n\n")
	m, err := Read(context.Background(), r.client, r.media(t, "#EXTINF:1,\na.vtt\n#EXTINF:1,\nb.vtt"), "")
	if err != nil || m.Format != media.WebVTT || m.Unknown != nil {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestRead_ErrorsHaveNoValueOfAVariable: it may be a token, and stands in the address of the initialization section too.
func TestRead_ErrorsHaveNoValueOfAVariable(t *testing.T) {
	r := newRig(t)
	for _, lines := range []string{
		"#EXT-X-DEFINE:NAME=\"t\",VALUE=\"s3cr3t\"\n#EXT-X-MAP:URI=\"{$t}/init.mp4\"\n#EXTINF:1,\na.m4s",
		"#EXT-X-DEFINE:NAME=\"t\",VALUE=\"s3cr3t\"\n#EXTINF:1,\n{$t}/a.ts",
	} {
		if _, err := Read(context.Background(), r.client, r.media(t, lines), ""); err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("the error is %v", err)
		}
	}
	if _, err := Read(context.Background(), r.client, r.media(t, "#EXT-X-MAP:URI=\"s3cr3t.mp4\"\n#EXTINF:1,\na.m4s"), "{$t}/a.m3u8"); err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("below a playlist at an address with a variable the error is %v", err)
	}
}
