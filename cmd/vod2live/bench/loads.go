package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// What is loaded at once, with loadsMemory.
const (
	loadsMemory = "512MiB"
	loadsBound  = 640 // MiB resident

	hugeVODs       = 32
	hugeRenditions = 8
	hugeSegments   = 499_990 // of each rendition; a playlist has at most a million lines
	hugeFiles      = 40      // of WebVTT
	hugeFile       = 15 << 20
)

// hostile serves VODs that take much memory, and a small one that is requested
// meanwhile.
type hostile struct{ files map[string]string }

func newHostile() hostile {
	sub := "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,SUBTITLES=\"s\"\nfilm.m3u8\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"s\",URI=\"text.m3u8\"\n"
	var huge strings.Builder
	huge.WriteString("#EXTM3U\n")
	for n := range hugeRenditions {
		fmt.Fprintf(&huge, "#EXT-X-STREAM-INF:BANDWIDTH=%d\nhuge.m3u8?%d\n", n+1, n)
	}
	cues := "WEBVTT\n\n" + strings.Repeat("00:00.000 --> 00:04.000\n"+strings.Repeat("x", 75)+"\n\n", hugeFile/100)
	return hostile{map[string]string{
		"master.m3u8": huge.String(),
		"huge.m3u8":   "#EXTM3U\n" + strings.Repeat("#EXTINF:1,\na\n", hugeSegments) + "#EXT-X-ENDLIST\n",
		"sub.m3u8":    sub,
		"film.m3u8":   "#EXTM3U\n" + strings.Repeat("#EXTINF:4,\na.ts\n", 25) + "#EXT-X-ENDLIST\n",
		"text.m3u8":   "#EXTM3U\n#EXTINF:100,\ntext.vtt\n#EXT-X-ENDLIST\n",
		"text.vtt":    cues,
	}}
}

func (h hostile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, h.files[path.Base(r.URL.Path)])
}

// loads measures what huge loads take, and what viewers of a loaded stream wait
// meanwhile.
func (b *bench) loads() ([]row, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	origin := &http.Server{Handler: newHostile(), ReadHeaderTimeout: patience}
	go func() { _ = origin.Serve(l) }() // ends with Close
	defer origin.Close()
	var rows []row
	for _, f := range []flood{
		{"32 loads of 4 million segments", hugeVODs, b.load},
		{"40 WebVTT files of 15 MiB", hugeFiles, b.slice},
	} {
		ours, err := b.vod2live("vod2live", "http://"+l.Addr().String(), "-memory", loadsMemory, never)
		if err != nil {
			return rows, err
		}
		found, err := b.during(ours, f)
		ours.end()
		if rows = append(rows, found...); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// flood is a set of concurrent requests, over this many VODs.
type flood struct {
	what string
	vods int
	ask  func(vod string) error
}

func (b *bench) load(vod string) error {
	_, _, err := b.get(vod + "/master.m3u8")
	return err
}

// slice requests the newest slice of subtitles.
func (b *bench) slice(vod string) error {
	_, text, err := b.get(vod + "/sub.m3u8/1.m3u8")
	lines := strings.Fields(text)
	if err == nil && len(lines) > 0 {
		_, _, err = b.get(vod + "/sub.m3u8/" + lines[len(lines)-1])
	}
	return err
}

// during requests a loaded playlist while a flood lasts.
func (b *bench) during(server *process, f flood) ([]row, error) {
	meanwhile := server.url + "/live/film.m3u8"
	if status, _, err := b.get(meanwhile); err != nil || status != http.StatusOK {
		return nil, fmt.Errorf("%s: %d %w", meanwhile, status, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- f.pour(server) }() // ends with the answers
	var waits []time.Duration
	most := int64(0)
	for {
		began := time.Now()
		if _, _, err := b.get(meanwhile); err != nil {
			return nil, err
		}
		waits = append(waits, time.Since(began))
		resident, err := server.resident()
		if err != nil {
			return nil, err
		}
		most = max(most, resident)
		select {
		case err := <-ended:
			return f.rows(waits, most), err
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// pour sends the requests of a flood.
func (f flood) pour(server *process) error {
	var all errgroup.Group
	for i := range f.vods {
		all.Go(func() error { return f.ask(fmt.Sprintf("%s/live/%d", server.url, i)) })
	}
	return all.Wait()
}

// get sends a request and ignores the answer.
func (b *bench) get(url string) (status int, text string, err error) {
	req, err := http.NewRequestWithContext(b.ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

func (f flood) rows(waits []time.Duration, most int64) []row {
	slices.Sort(waits)
	milliseconds := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return []row{
		{
			what: f.what + " at -memory " + loadsMemory + ": a loaded playlist meanwhile, 99 of 100", unit: "ms", bound: 500,
			measured: sample{milliseconds(waits[len(waits)*99/100])},
			note:     fmt.Sprintf("of %d; median %s ms, slowest %s ms", len(waits), number(milliseconds(waits[len(waits)/2])), number(milliseconds(waits[len(waits)-1]))),
		},
		{what: "– resident memory, at the most", unit: "MiB", bound: loadsBound, measured: sample{float64(most >> 20)}},
	}
}
