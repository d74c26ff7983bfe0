package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A viewer gets the part that he requests, whatever others requested at the same path before.
func TestCache_KeepsPartsOfAStreamAndDeltaUpdatesApart(t *testing.T) {
	t.Parallel()
	f := newFleet(t, "-dvr", "1h")
	media := f.at(kindNamed(t, "ts")) + "/0.m3u8"
	ago := func(d time.Duration) int64 { return time.Now().Add(-d).Unix() }
	whole := fmt.Sprintf("?start=%d&end=%d", ago(10*time.Minute), ago(9*time.Minute))
	f.asksOnce(t, media+whole)
	seen := map[string]string{}
	for _, query := range []string{
		"", whole, fmt.Sprintf("?start=%d", ago(10*time.Minute)), fmt.Sprintf("?start=%d", ago(5*time.Minute)), fmt.Sprintf("?utc=%d", ago(4*time.Minute)),
		"?dvr=600", "?dvr=600&_HLS_skip=YES", "?delay=60", "?dvr=600&delay=60",
	} {
		text := f.same(t, media, query)
		if other, has := seen[text]; has {
			t.Errorf("%q has the playlist of %q", query, other)
		}
		seen[text] = query
		if delta := strings.Contains(query, "_HLS_skip"); delta != strings.Contains(text, "#EXT-X-SKIP:") {
			t.Errorf("%q: a delta update %v\n%s", query, !delta, text)
		}
	}
}

// asksOnce fetches an interval that is over in two seconds of the clock; the instances see one request.
func (f *fleet) asksOnce(t *testing.T, address string) {
	t.Helper()
	seconds := map[string]bool{}
	err := await(func() error {
		got, err := fetch(address+"&CMCD=a", "")
		if err != nil {
			return err
		}
		if got.status != http.StatusOK {
			return fmt.Errorf("status %d", got.status)
		}
		if life := got.header.Get("Cache-Control"); !strings.Contains(life, "max-age=86400") {
			return fmt.Errorf("Cache-Control is %q", life)
		}
		second, _, _ := strings.Cut(got.header.Get("X-Now"), ".")
		if seconds[second] = true; len(seconds) < 2 {
			return fmt.Errorf("the second has not passed")
		}
		return nil
	})
	if path, _, _ := strings.Cut(address, "?"); err != nil || f.requests(path) != 1 {
		t.Errorf("%s: %d requests reached the instances, want 1: %v", address, f.requests(path), err)
	}
}

// same is a playlist as the cache has it, which an instance has, too, once no change comes between.
func (f *fleet) same(t *testing.T, media, query string) (text string) {
	t.Helper()
	err := await(func() (err error) {
		if text, err = fetchText(media + query); err != nil {
			return err
		}
		direct, err := fetchText(f.instances[1].viewers + strings.TrimPrefix(media, f.cache.url) + query)
		if err == nil && direct != text {
			err = fmt.Errorf("%q: the cache has\n%s\nan instance\n%s", query, text, direct)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return text
}
