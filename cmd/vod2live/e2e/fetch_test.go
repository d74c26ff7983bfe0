package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// client fetches like a player, and closes what it doesn't reuse.
var client = &http.Client{Timeout: 30 * time.Second}

// answer is a whole response.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// fetch gets an address, with a Range header unless the range is empty.
func fetch(address, byterange string) (answer, error) {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return answer{}, err
	}
	if byterange != "" {
		request.Header.Set("Range", byterange)
	}
	return answerTo(request)
}

// answerTo sends a request and reads the whole answer.
func answerTo(request *http.Request) (answer, error) {
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, fmt.Errorf("read %s: %w", request.URL, err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: body}, nil
}

// fetchText gets a playlist and wants status 200.
func fetchText(address string) (string, error) {
	got, err := fetch(address, "")
	if err != nil {
		return "", err
	}
	if got.status != http.StatusOK {
		return "", fmt.Errorf("%s: status %d: %s", address, got.status, got.body)
	}
	return string(got.body), nil
}

// resolve is the address of a URI that stands in the playlist at another address.
func resolve(playlist, uri string) (string, error) {
	base, err := url.Parse(playlist)
	if err != nil {
		return "", err
	}
	address, err := base.Parse(uri)
	if err != nil {
		return "", err
	}
	return address.String(), nil
}

// renditions fetches a multivariant playlist and returns the addresses of the playlists it names. A media playlist
// is the only one of itself.
func renditions(multivariant string) ([]string, error) {
	text, err := fetchText(multivariant)
	if err != nil {
		return nil, err
	}
	if strings.Contains(text, "#EXTINF") {
		return []string{multivariant}, nil
	}
	var addresses []string
	for _, uri := range renditionURIs(text) {
		address, err := resolve(multivariant, uri)
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, address)
	}
	if len(addresses) == 0 {
		return nil, fmt.Errorf("%s names no rendition:\n%s", multivariant, text)
	}
	return addresses, nil
}
