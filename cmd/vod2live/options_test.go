package main

import (
	"strings"
	"testing"
	"time"

	"vod2live/cmd/vod2live/config"
)

func environment(pairs ...string) (env config.Environment) {
	for i := 0; i < len(pairs); i += 2 {
		env = append(env, pairs[i]+"="+pairs[i+1])
	}
	return env
}

func TestOptions_FlagsWinOverEnvironment(t *testing.T) {
	env := environment("VOD2LIVE_WINDOW", "30s", "VOD2LIVE_LOG_LEVEL", "warn", "VOD2LIVE_MEMORY", "1GiB")
	o, err := parseOptions([]string{"-window", "90s", "-epoch", "2024-02-29T12:00:00+01:00"}, env)
	if err != nil {
		t.Fatal(err)
	}
	if o.window != 90*time.Second || o.logLevel != "warn" || o.memory != 1<<30 {
		t.Errorf("window %s, level %s, memory %d", o.window, o.logLevel, o.memory)
	}
	if want := time.Date(2024, 2, 29, 11, 0, 0, 0, time.UTC); !o.epoch.Equal(want) {
		t.Errorf("epoch %s, want %s", o.epoch, want)
	}
}

// TestOptions_MemoryHasRoomForTheSegmentCache: who wants one need not know of the
// other.
func TestOptions_MemoryHasRoomForTheSegmentCache(t *testing.T) {
	for _, c := range []struct {
		args     []string
		segments int64
		memory   int64
	}{
		{nil, 0, 512 << 20},
		{[]string{"-segment-cache", "1GiB"}, 1 << 30, 1792 << 20},
		{[]string{"-segment-cache", "512MiB", "-memory", "700MiB"}, 512 << 20, 700 << 20},
	} {
		if o, err := parseOptions(c.args, environment()); err != nil || o.segmentCache != c.segments || o.memory != c.memory {
			t.Errorf("%v: %v, %+v; want %d of %d bytes", c.args, err, o, c.segments, c.memory)
		}
	}
}

func TestOptions_NoMessageShowsAURL(t *testing.T) {
	for _, url := range []string{"https://cdn.test/v?sig=TOPSECRET", "https://TOPSECRET@cdn.test/#x", "ftp://u:TOPSECRET@cdn.test/", "https://u:TOPSECRET@cdn.test:x/", "TOPSECRET@cdn.test"} {
		_, err := parseOptions(nil, environment("VOD2LIVE_ORIGIN", url))
		if err == nil || strings.Contains(err.Error(), "TOPSECRET") {
			t.Errorf("VOD2LIVE_ORIGIN=%s: %v", url, err)
		}
	}
	if _, err := parseOptions([]string{"https://u:TOPSECRET@cdn.test/"}, environment()); err == nil || strings.Contains(err.Error(), "TOPSECRET") {
		t.Errorf("without a flag: %v", err)
	}
}

func TestOptions_AllMistakesAreToldAtOnce(t *testing.T) {
	_, err := parseOptions([]string{"-listen", "8080", "-admin", "9180", "-window", "48h"}, environment())
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("%v, want three lines", err)
	}
	_, err = parseOptions(nil, environment("VOD2LIVE_DRAIN", "soon", "VOD2LIVE_TIMEOUT", "soon"))
	if err == nil || !strings.Contains(err.Error(), "VOD2LIVE_DRAIN") || !strings.Contains(err.Error(), "VOD2LIVE_TIMEOUT") {
		t.Errorf("%v, want both variables named", err)
	}
}

func TestHelp_NamesEveryFlagWithItsDefault(t *testing.T) {
	page := strings.Join(strings.Fields(help()), " ")
	for _, s := range (&options{}).table() {
		row := "-" + s.Name + " " + s.Unit + " " + s.Help
		if shown := shownDefault(s); shown != "" {
			row += " (default " + shown + ")"
		}
		if !strings.Contains(page, strings.Join(strings.Fields(row), " ")) {
			t.Errorf("-help lacks %s", row)
		}
	}
	for n, line := range strings.Split(help(), "\n") {
		if len([]rune(line)) > helpWidth {
			t.Errorf("line %d of -help has %d columns", n+1, len([]rune(line)))
		}
	}
}
