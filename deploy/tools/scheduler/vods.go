package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// reader reads playlists: of files in a folder as file:///PATH, or from a server.
type reader struct{ client *http.Client }

func newReader(folder string) reader {
	t := http.DefaultTransport.(*http.Transport).Clone()
	if folder != "" {
		t.RegisterProtocol("file", http.NewFileTransportFS(os.DirFS(folder)))
	}
	return reader{&http.Client{Transport: t, Timeout: 10 * time.Second}}
}

// length is how long a VOD lasts: what the segments of its first variant last together.
func (r reader) length(playlist *url.URL) (time.Duration, error) {
	text, err := r.get(playlist)
	if err != nil {
		return 0, err
	}
	if variant := firstVariant(text); variant != "" {
		media, err := playlist.Parse(variant)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", shown(playlist), err)
		}
		if text, err = r.get(media); err != nil {
			return 0, err
		}
		playlist = media
	}
	var sum float64
	for line := range strings.Lines(text) {
		if digits, is := strings.CutPrefix(line, "#EXTINF:"); is {
			digits, _, _ = strings.Cut(strings.TrimSpace(digits), ",")
			seconds, err := strconv.ParseFloat(digits, 64)
			if err != nil {
				return 0, fmt.Errorf("%s: %w", shown(playlist), err)
			}
			sum += seconds
		}
	}
	if sum <= 0 || sum > 7*86400 {
		return 0, fmt.Errorf("%s: segments of %g s, which is no VOD", shown(playlist), sum)
	}
	return time.Duration(sum * float64(time.Second)), nil
}

// firstVariant is the first address behind an EXT-X-STREAM-INF; empty: the playlist is a media playlist.
func firstVariant(text string) string {
	variants := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		variants = variants || strings.HasPrefix(line, "#EXT-X-STREAM-INF")
		if variants && line != "" && line[0] != '#' {
			return line
		}
	}
	return ""
}

// maxAnswer bounds what is read of a server.
const maxAnswer = 16 << 20

func (r reader) get(u *url.URL) (string, error) {
	resp, err := r.client.Get(u.String())
	if err != nil {
		return "", fmt.Errorf("GET %s: %w", shown(u), errors.Unwrap(err)) // which has the whole address
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("GET %s: %s", shown(u), resp.Status)
	}
	var b bytes.Buffer
	if n, err := b.ReadFrom(io.LimitReader(resp.Body, maxAnswer+1)); err != nil || n > maxAnswer {
		return "", fmt.Errorf("GET %s: the answer is cut, or larger than %d bytes", shown(u), maxAnswer)
	}
	return b.String(), nil
}

// shown is an address as messages have it: without its query, which may be a secret.
func shown(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
