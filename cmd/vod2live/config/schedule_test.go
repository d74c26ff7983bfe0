package config

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"vod2live/proxy/schedule"
)

// channelFile is a file with one channel beside an origin; its keys are indented by
// four blanks, and the first of them is in line 3.
func channelFile(keys string) []byte {
	return []byte("origins: { vod: { url: http://a.test/ } }\nchannels: { news: {\n" + keys + "\n} }\n")
}

func TestSchedule_IsReadAsItIsWritten(t *testing.T) {
	f, err := parse(channelFile(`    title: "News, all day", number: 7, target_duration: 6s, model: vod/a.m3u8, filler: [ vod/ident.m3u8 ],
    schedule: [
      { at: 2026-12-01T06:00:00Z, loop: [ vod/a.m3u8, { vod: vod/b.m3u8, in: 12s, out: 1h32m, title: The film, episode: S01E02 } ] },
      { at: 2026-12-24T18:00:00+01:00, play: [ vod/c.m3u8 ], wait: 5m },
      { at: 2026-12-25T00:00:00Z, play: [ vod/a.m3u8 ], end: true },
    ]`), environment())
	if err != nil {
		t.Fatal(err)
	}
	c := f.Channels[0]
	a, ident := schedule.Item{Origin: "vod", Path: "a.m3u8"}, schedule.Item{Origin: "vod", Path: "ident.m3u8"}
	want := Channel{Name: "news", Channel: schedule.Channel{
		Title: "News, all day", Number: "7", Target: 6 * time.Second, Model: &a, Filler: []schedule.Item{ident},
		Eras: []schedule.Era{
			{At: instant("2026-12-01T06:00:00Z"), Loop: []schedule.Item{a, {Origin: "vod", Path: "b.m3u8", In: 12 * time.Second, Out: 92 * time.Minute, Title: "The film", Episode: "S01E02"}}},
			{At: instant("2026-12-24T17:00:00Z"), Wait: 5 * time.Minute, Play: []schedule.Item{{Origin: "vod", Path: "c.m3u8"}}, Loop: []schedule.Item{ident}},
			{At: instant("2026-12-25T00:00:00Z"), Play: []schedule.Item{a}, End: true},
		},
	}}
	for n := range c.Eras {
		c.Eras[n].At = c.Eras[n].At.UTC()
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("%+v\nwant %+v", c, want)
	}
	if _, alone := c.Alone(); alone {
		t.Error("a schedule is taken for one VOD")
	}
}

func instant(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestChannel_OneWholeVODIsAsEver(t *testing.T) {
	for keys, want := range map[string]bool{
		"loop: [ vod/a.m3u8 ]":                                             true,
		"loop: vod/a.m3u8, window: 90s":                                    true,
		"loop: [ { vod: vod/a.m3u8 } ]":                                    true,
		"loop: [ vod/a.m3u8, vod/b.m3u8 ]":                                 false,
		"loop: [ { vod: vod/a.m3u8, in: 10s } ]":                           false,
		"loop: [ vod/a.m3u8 ], target_duration: 6s":                        false,
		"loop: [ vod/a.m3u8 ], model: vod/b.m3u8":                          false,
		"schedule: [ { at: 2026-01-01T00:00:00Z, loop: [ vod/a.m3u8 ] } ]": false,
	} {
		f, err := parse(channelFile("    "+keys), environment())
		if err != nil {
			t.Errorf("%s: %v", keys, err)
			continue
		}
		if _, alone := f.Channels[0].Alone(); alone != want {
			t.Errorf("%s: alone is %v, want %v", keys, alone, want)
		}
	}
}

func TestSchedule_MistakesAreToldWithTheirPlaces(t *testing.T) {
	const good = "{ at: 2026-12-01T06:00:00Z, loop: [ vod/a.m3u8 ] }"
	const several = "target_duration: 6s, model: vod/a.m3u8, "
	for keys, want := range map[string]string{
		"title: x": `f:2:13: the channel "news" needs a loop, such as [ vod/movie/master.m3u8 ], or a schedule`,
		"loop: [ vod/a.m3u8 ], schedule: [ " + good + " ]":                               `f:2:13: the channel "news" has a loop and a schedule: only one can be played`,
		"loop: [ { in: 12s } ]":                                                          `f:3:9: an item needs a vod, such as { vod: vod/film/master.m3u8, in: 12s }`,
		"loop: [ { vod: vod/a.m3u8, in: 12s, out: 12s } ]":                               `f:3:9: out (12s) is not after in (12s)`,
		"loop: [ { vod: vod/a.m3u8, in: 12 } ]":                                          `f:3:32: in "12": not a duration such as 60s, 10m or 1h30m; did you mean 12s?`,
		"loop: [ { vod: vod/a.m3u8, inn: 12s } ]":                                        `f:3:28: unknown key "inn"; did you mean in?`,
		"loop: [ { vod: nowhere/a.m3u8 } ]":                                              `f:3:16: origin "nowhere" not found`,
		"loop: [ /vod/a.m3u8 ]":                                                          `f:3:9: "/vod/a.m3u8" begins with a slash: give ORIGIN/PATH, such as vod/a.m3u8`,
		"loop: [ vod/a/ ]":                                                               `f:3:9: "vod/a/" is a folder; a channel needs the playlist in it, such as vod/a/master.m3u8`,
		"loop: [ vod/a.m3u8 ], target_duration: 6.5s":                                    `f:3:40: target_duration "6.5s": not whole seconds: EXT-X-TARGETDURATION has no fractions`,
		"loop: [ vod/a.m3u8 ], target_duration: 3m":                                      `f:3:40: target_duration "3m": too long: at most 2m`,
		"loop: [ vod/a.m3u8 ], title: \"a\\nb\"":                                         `f:3:30: title`,
		"schedule: daily.json":                                                           `f:3:11: "daily.json" is not a schedule: give its eras, ORIGIN/PATH.json of an object, or ./NAME.json beside this file`,
		"schedule: vod/daily.txt":                                                        `f:3:11: "vod/daily.txt" is not a schedule`,
		"schedule: other/daily.json":                                                     `f:3:11: origin "other" not found`,
		"schedule: vod/daily.json, origins: [ vod, other ]":                              `f:3:43: origin "other" not found`,
		"loop: [ vod/a.m3u8 ], slate: vod/b.m3u8":                                        `f:2:13: the channel "news" has a slate or origins, which belong to a schedule object`,
		"schedule: [ { loop: [ vod/a.m3u8 ] } ]":                                         `f:3:13: an era needs at, the instant when it begins`,
		"schedule: [ { at: 2026-12-01T06:00:00Z } ]":                                     `f:3:13: an era needs play or loop`,
		"schedule: [ { at: 2026-12-01 06:00, loop: [ vod/a.m3u8 ] } ]":                   `f:3:19: at "2026-12-01 06:00": not an instant`,
		"schedule: [ { at: 2026-12-01T06:00:00Z, play: [ vod/a.m3u8 ] } ]":               `f:3:13: nothing is left to play after this era: give it a loop, the channel a filler, or the era end: true (nothing-to-fill)`,
		"schedule: [ { at: 2026-12-01T06:00:00Z, loop: [ vod/a.m3u8 ], end: true } ]":    `f:3:13: an era that ends the channel (end: true) has no loop`,
		"schedule: [ " + good + ", { at: 2026-12-02T06:00:00Z, loop: [ vod/a.m3u8 ] } ]": `f:2:13: the channel "news": a schedule of several eras needs target_duration and model`,
		several + "schedule: [ { at: 2026-12-01T06:00:00Z, play: [ vod/a.m3u8 ], end: true }, " + good + " ]":                                      `f:3:53: only the last era can end the channel (end: true)`,
		several + "schedule: [ " + good + ", " + good + " ]":                                                                                       `f:3:105: the eras are not in the order of time: this one begins at 2026-12-01T06:00:00Z, the previous one at 2026-12-01T06:00:00Z (eras-unordered)`,
		several + "schedule: [ " + good + ", { at: 2026-12-01T06:00:23Z, loop: [ vod/a.m3u8 ] } ]":                                                 `f:3:105: the previous era is too short: 23s, at least 24s are needed (era-too-short)`,
		several + "schedule: [ { at: 2026-12-01T06:00:00Z, wait: 5m, loop: [ vod/a.m3u8 ] }, { at: 2026-12-01T06:05:10Z, loop: [ vod/a.m3u8 ] } ]": `f:3:115: the previous era is too short: 5m10s, at least 5m18s are needed (era-too-short)`,
		"loop: [ " + strings.Repeat("vod/a.m3u8, ", 1001) + " ]":                                                                                   `f:2:13: the channel "news": 1001 items without numbers; at most 1000 are counted (numbers-missing)`,
	} {
		_, err := parse(channelFile(keys), environment())
		if err == nil {
			t.Errorf("%.80s: no mistake", keys)
			continue
		}
		if got, _, _ := strings.Cut(err.Error(), "\n"); !strings.HasPrefix(got, want) {
			t.Errorf("%.80s:\n%s\nwant %s", keys, err, want)
		}
	}
}

// TestSchedule_TheExampleOfTheDocumentationIsValid: people copy it.
func TestSchedule_TheExampleOfTheDocumentationIsValid(t *testing.T) {
	page, err := os.ReadFile("../../../deploy/CHANNELS.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(page), "```yaml\n")
	example, _, closed := strings.Cut(after, "```")
	f, err := parse([]byte(example), environment())
	if err != nil || !closed || len(f.Channels) != 2 {
		t.Errorf("%v\n%s", err, example)
	}
}
