package config

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// IsAddress says whether something can listen at HOST:PORT or :PORT.
func IsAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	_, err = net.LookupPort("tcp", port)
	return err == nil
}

func (r *reader) string(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) { *to, _ = r.text(n) }
}

func (r *reader) bool(to *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		text, ok := r.text(n)
		if !ok {
			return
		}
		if text != "true" && text != "false" {
			r.mistake(n, "%q is neither true nor false", written(n))
		}
		*to = text == "true"
	}
}

// duration reads one from the least to the most that is possible; a most of 0 is
// none.
func (r *reader) duration(to *time.Duration, least, most time.Duration) func(*yaml.Node) {
	return func(n *yaml.Node) {
		text, ok := r.text(n)
		if !ok {
			return
		}
		d, err := time.ParseDuration(text)
		switch {
		case err != nil:
			r.mistake(n, "%q is no duration such as 60s or 10m", written(n))
		case d < least:
			r.mistake(n, "%s is too short: at least %s", written(n), least)
		case d > most && most > 0:
			r.mistake(n, "%s is too long: at most %s", written(n), most)
		}
		*to = d
	}
}

// epoch reads when streams begin.
func (r *reader) epoch(to *time.Time) func(*yaml.Node) {
	return func(n *yaml.Node) {
		text, ok := r.text(n)
		if !ok {
			return
		}
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			r.mistake(n, "%q is no instant such as 2026-01-01T00:00:00Z", written(n))
		} else if err := CheckEpoch(t); err != nil {
			r.mistake(n, "%s %v", written(n), err)
		}
		*to = t
	}
}

// cacheSize reads bytes for segments.
func (r *reader) cacheSize(to *int64) func(*yaml.Node) {
	return func(n *yaml.Node) {
		text, ok := r.text(n)
		if !ok {
			return
		}
		size, err := ParseSize(text)
		if err != nil {
			r.mistake(n, "%q is %v", written(n), err)
		} else if size > 0 && size < LeastSegmentCache {
			r.mistake(n, "%s is too little: at least 16MiB, or 0 for none", written(n))
		}
		*to = size
	}
}

var errSize = errors.New("not a size such as 512MiB")

// ParseSize reads bytes, with a unit if there is one.
func ParseSize(text string) (int64, error) {
	units := []struct {
		name  string
		bytes int64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1}}
	for _, unit := range units {
		digits, is := strings.CutSuffix(text, unit.name)
		if !is {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 || n > (1<<62)/unit.bytes {
			break
		}
		return n * unit.bytes, nil
	}
	return 0, errSize
}
