package e2e

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// crowd are many viewers of one live stream. They poll as players do: after the target duration when the playlist has
// changed, after half of it when it has not (RFC 8216bis 6.3.4).
type crowd struct {
	client *http.Client

	mu       sync.Mutex // guards all below
	versions map[string]mediaPlaylist
	bodies   map[string]string // by the version's address and ETag
	polls    int
	hits     int
	wrong    []string
	late     time.Duration // how long after its change a playlist was still sent, at worst
	old      time.Duration // how far an age was beyond max-age, at worst
}

func newCrowd() *crowd {
	transport := &http.Transport{MaxIdleConnsPerHost: 1000}
	return &crowd{
		client:   &http.Client{Transport: transport, Timeout: startTimeout},
		versions: map[string]mediaPlaylist{}, bodies: map[string]string{},
	}
}

// watch has so many viewers at each address for a while.
func (c *crowd) watch(addresses []string, viewers int, total time.Duration) {
	var all sync.WaitGroup
	until := time.Now().Add(total)
	for _, address := range addresses {
		for range viewers {
			all.Go(func() { c.view(address, until) })
		}
	}
	all.Wait()
	c.client.CloseIdleConnections()
}

// view is one viewer.
func (c *crowd) view(address string, until time.Time) {
	time.Sleep(rand.N(2 * time.Second))
	var seen mediaPlaylist
	var tag string
	for time.Now().Before(until) {
		got, now := c.poll(address, tag)
		if now == "" {
			return
		}
		wait := got.target / 2
		if now != tag {
			if tag != "" && len(seen.segments) > 0 {
				c.note(checkChange(seen, got), address)
			}
			seen, tag, wait = got, now, got.target
		}
		time.Sleep(wait)
	}
}

// poll asks as a browser does, for gzip and with the tag of what it has; it returns the playlist and its tag.
func (c *crowd) poll(address, tag string) (mediaPlaylist, string) {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		c.note(err, address)
		return mediaPlaylist{}, ""
	}
	if tag != "" {
		request.Header.Set("If-None-Match", tag)
	}
	response, err := c.client.Do(request)
	if err != nil {
		c.note(err, address)
		return mediaPlaylist{}, ""
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		c.note(err, address)
		return mediaPlaylist{}, ""
	}
	return c.take(address, response, string(body))
}

// take keeps what an answer says.
func (c *crowd) take(address string, response *http.Response, body string) (mediaPlaylist, string) {
	tag := response.Header.Get("Etag")
	key := address + " " + tag
	c.mu.Lock()
	defer c.mu.Unlock()
	c.polls++
	if response.Header.Get("X-Cache") == "HIT" {
		c.hits++
	}
	switch known, is := c.bodies[key]; {
	case response.StatusCode == http.StatusNotModified && is:
	case response.StatusCode != http.StatusOK || tag == "":
		c.wrong = append(c.wrong, fmt.Sprintf("%s: status %d: %s", address, response.StatusCode, body))
		return mediaPlaylist{}, ""
	case !is:
		c.bodies[key], c.versions[key] = body, parseMedia(body)
	case known != body:
		c.wrong = append(c.wrong, fmt.Sprintf("%s: two playlists with the tag %s:\n%s\n%s", address, tag, known, body))
	}
	c.age(response.Header, c.versions[key])
	return c.versions[key], tag
}

// age measures how old an answer was when nginx sent it.
func (c *crowd) age(header http.Header, p mediaPlaylist) {
	seconds, err := strconv.ParseFloat(header.Get("X-Now"), 64)
	date, dateErr := http.ParseTime(header.Get("Date"))
	maxAge, ageErr := strconv.Atoi(strings.TrimPrefix(header.Get("Cache-Control"), "public, max-age="))
	if err != nil || dateErr != nil || ageErr != nil || len(p.segments) == 0 {
		c.wrong = append(c.wrong, fmt.Sprintf("an answer without its times: %v", header))
		return
	}
	sent := time.UnixMilli(int64(seconds * 1000))
	last := p.segments[len(p.segments)-1]
	c.late = max(c.late, sent.Sub(last.begin().Add(last.length()+p.target)))
	c.old = max(c.old, sent.Sub(date.Add(time.Duration(maxAge)*time.Second)))
}

func (c *crowd) note(err error, address string) {
	if err == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, address+": "+err.Error())
}
