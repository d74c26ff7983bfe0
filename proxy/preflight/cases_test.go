package preflight

import (
	"bytes"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
	"vod2live/proxy/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

// cases are VODs that play elsewhere and that are odd in one way each: what check
// reports of them, and what viewers get, stands in the live.txt of each.
var cases = []string{
	"audio-ends-early", "audio-rendition-404", "cue-beyond-the-end", "extinf-attributes", "extinf-exponent", "extinf-negative-last", "extinf-zero-last",
	"iframe-playlist-404", "imsc-segments-too-long", "last-segment-short", "subtitles-empty", "vod-type-without-endlist", "webvtt-on-another-host",
}

func TestCases_LoopAsTheyShould(t *testing.T) {
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join("testdata", "cases", name)
			served := read(t, folder)
			var got bytes.Buffer
			r := check(t, served, false)
			fmt.Fprintf(&got, "loops: %t, length %s, target duration %s\n", r.Loops, time.Duration(r.Length), time.Duration(r.TargetDuration))
			var lines []string
			for _, p := range append(r.Problems, r.Repairs...) {
				if p.Code == CodeSegmentMissing {
					continue // there are only playlists
				}
				lines = append(lines, fmt.Sprintf("%s %s, rendition %s\n", p.Severity, p.Code, numberOf(p)))
			}
			slices.Sort(lines)
			got.WriteString(strings.Join(lines, ""))
			watch(t, &got, served)
			golden(t, filepath.Join(folder, "live.txt"), got.Bytes())
		})
	}
}

// read are the files of a folder.
func read(t *testing.T, folder string) files {
	t.Helper()
	f := files{}
	names, err := filepath.Glob(folder + "/*")
	if err != nil || len(names) == 0 {
		t.Fatalf("%s is empty: %v", folder, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(name) != "live.txt" {
			f[filepath.Base(name)] = string(text)
		}
	}
	return f
}

// numberOf is the rendition that a problem is of.
func numberOf(p problem.Problem) string {
	if p.Rendition == nil {
		return "-"
	}
	return strconv.Itoa(*p.Rendition)
}

// mask leaves out what is another in each run.
func mask(text string) string {
	return regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(text, "ORIGIN")
}

// watch writes what viewers get: the playlists at an instant in the third loop,
// and each slice.
func watch(t *testing.T, w *bytes.Buffer, f files) {
	t.Helper()
	upstream := httptest.NewServer(f)
	t.Cleanup(upstream.Close)
	o, err := origin.New("live", upstream.URL, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 1, 0, 1, 0, 0, time.UTC)
	s := proxy.New(proxy.Config{Config: onair.Config{
		Origins: []*origin.Origin{o}, Transport: proxy.NewTransport(5 * time.Second), Metrics: metrics.New("test"), Log: zap.NewNop(),
		Options: playlist.Options{Window: 20 * time.Second, Epoch: now.Add(-40 * time.Second)}, Now: func() time.Time { return now },
		Revalidate: time.Minute, GoneAfter: time.Minute, Timeout: 5 * time.Second, CacheBytes: 64 << 20, Examine: Examine,
	}})
	t.Cleanup(s.Close)
	get := func(path string) string {
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
		fmt.Fprintf(w, "\n=== GET %s: %d ===\n%s", path, answer.Code, mask(answer.Body.String()))
		return answer.Body.String()
	}
	if !strings.Contains(get("/live/master.m3u8"), "#EXT-X-STREAM-INF") {
		return
	}
	for n := range strings.Count(f["master.m3u8"], "URI=") + strings.Count(f["master.m3u8"], "STREAM-INF:") - strings.Count(f["master.m3u8"], "I-FRAME-STREAM-INF:") {
		body := get(fmt.Sprintf("/live/master.m3u8/%d.m3u8", n))
		addresses := regexp.MustCompile(`(?m)^[^#\n]*\.m3u8/.*\.vtt$`).FindAllString(body, -1)
		for i, address := range addresses {
			if !slices.Contains(addresses[:i], address) {
				get("/live/master.m3u8/" + address)
			}
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}
