package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// requests counts those that instances answered at an address of the cache.
func (f *fleet) requests(address string) int {
	return f.logged(`"msg":"request"`, `"path":"`+strings.TrimPrefix(address, f.cache.url)+`"`)
}

// Of whole seconds are the segments of "ts", of fractions those of "fmp4".
func TestCache_InstancesSeeOneRequestPerChangeAndRendition(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ts", "fmp4"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t)
			addresses, err := renditions(f.at(kindNamed(t, name)))
			if err != nil {
				t.Fatal(err)
			}
			c := newCrowd()
			c.watch(addresses, 300/len(addresses), 2*loopLength+4*time.Second)
			c.check(t)
			for _, address := range addresses {
				changes, requests := c.changes(address), f.requests(address)
				t.Logf("%s: %d versions, %d requests", address, changes, requests)
				if changes < 6 {
					t.Errorf("%s: %d versions were seen, want at least 6", address, changes)
				}
				// A request more where a change and the end of a second fall together, or the machine stands still
				// for so long that what is answered has a max-age of 0.
				if requests > changes+changes/2+1 {
					t.Errorf("%s: %d requests reached the instances for %d versions", address, requests, changes)
				}
			}
		})
	}
}

// check wants all answers right, and none past its max-age. nginx counts in whole seconds, as HTTP does: it sends what
// it keeps until the second is over in which max-age is. Another second is for a machine that stands still.
func (c *crowd) check(t *testing.T) {
	t.Helper()
	t.Logf("%d polls, %d of them hits; sent at worst %v after the change and %v beyond max-age", c.polls, c.hits, c.late, c.old)
	if len(c.wrong) > 0 {
		t.Errorf("%d wrong answers, the first:\n%s", len(c.wrong), c.wrong[0])
	}
	if most := 2 * time.Second; c.late > most || c.old > most {
		t.Errorf("a playlist was sent %v after its change and %v beyond its max-age, want less than %v", c.late, c.old, most)
	}
}

// changes counts the versions of a playlist that were seen.
func (c *crowd) changes(address string) (count int) {
	for key := range c.versions {
		if strings.HasPrefix(key, address+" ") {
			count++
		}
	}
	return count
}

func TestCache_KeepsSegmentsInSlicesAndNoErrors(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	k := kindNamed(t, "byterange-ts")
	stream, err := tracksOf(f.at(k))
	if err != nil {
		t.Fatal(err)
	}
	path := "/live/" + k.name + "/" + stream[0].segments()[0].uri[strings.LastIndex(stream[0].segments()[0].uri, "../")+3:]
	whole, err := fetch(shared.origin.url+"/vods"+strings.TrimPrefix(path, "/live"), "")
	if err != nil || whole.status != http.StatusOK {
		t.Fatalf("%s at the origin: %d: %v", path, whole.status, err)
	}
	want := whole.body[1000:5000]
	for _, query := range []string{"?CMCD=a", "?CMCD=b", ""} {
		got, err := fetch(f.cache.url+path+query, "bytes=1000-4999")
		if err != nil || got.status != http.StatusPartialContent || !bytes.Equal(got.body, want) {
			t.Errorf("%s%s: status %d, %d bytes: %v", path, query, got.status, len(got.body), err)
		}
	}
	if n := f.requests(f.cache.url + path); n != 1 {
		t.Errorf("%d requests for one slice reached the instances, want 1", n)
	}
	for range 2 {
		got, err := fetch(f.cache.url+"/live/absent/seg.ts", "")
		if err != nil || got.status != http.StatusNotFound || got.header.Get("X-Cache") == "HIT" {
			t.Errorf("an absent segment: status %d, %v: %v", got.status, got.header, err)
		}
	}
}

// A few can't unpack gzip. What they get is the same playlist.
func TestCache_UnpacksForThoseWhoCannot(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	addresses, err := renditions(f.at(kindNamed(t, "ts")))
	if err != nil {
		t.Fatal(err)
	}
	plain := &http.Client{Transport: &http.Transport{DisableCompression: true}, Timeout: startTimeout}
	defer plain.CloseIdleConnections()
	err = await(func() error {
		before, err := fetchText(addresses[0])
		if err != nil {
			return err
		}
		response, err := plain.Get(addresses[0])
		if err != nil {
			return err
		}
		defer response.Body.Close()
		return sameBody(response, before)
	})
	if err != nil {
		t.Error(err)
	}
}

func sameBody(response *http.Response, want string) error {
	body, err := io.ReadAll(response.Body)
	if err == nil && (response.Header.Get("Content-Encoding") != "" || string(body) != want) {
		err = fmt.Errorf("%v\n%s\nwant\n%s", response.Header, body, want)
	}
	return err
}
