package config

import (
	"reflect"
	"testing"
	"time"

	"vod2live/proxy/schedule"
)

// TestBreaks_ItemsCompleteTheirsFromTheChannel: a rule as a whole, all else by key; the
// filler has none.
func TestBreaks_ItemsCompleteTheirsFromTheChannel(t *testing.T) {
	f, err := parse(channelFile(`    target_duration: 6s, model: vod/a.m3u8, filler: [ vod/ident.m3u8 ],
    breaks: { every: 12m, between: true, slate: vod/s.m3u8, for: 60s, mark: [ daterange, cue ] },
    schedule: [
      { at: 2026-12-01T06:00:00Z, play: [ vod/a.m3u8, { vod: vod/b.m3u8, breaks: { at: [ 20m, 45m ], mark: interstitial, assets: "https://ads.test/{id}" } }, { vod: vod/c.m3u8, breaks: false } ] },
      { at: 2026-12-02T06:00:00Z, loop: { vod: vod/d.m3u8, breaks: { slate: vod/t.m3u8, for: 30s, source_markers: keep } } },
    ]`), environment())
	if err != nil {
		t.Fatal(err)
	}
	slate, other := schedule.Item{Origin: "vod", Path: "s.m3u8"}, schedule.Item{Origin: "vod", Path: "t.m3u8"}
	both := []string{schedule.MarkDateRange, schedule.MarkCue}
	eras := f.Channels[0].Eras
	for n, want := range []*schedule.Breaks{
		{Every: 12 * time.Minute, Between: true, Slate: &slate, For: time.Minute, Mark: both},
		{At: []time.Duration{20 * time.Minute, 45 * time.Minute}, Slate: &slate, For: time.Minute, Mark: []string{schedule.MarkInterstitial}, Assets: "https://ads.test/{id}"},
		{Off: true},
	} {
		if got := eras[0].Play[n].Breaks; !reflect.DeepEqual(got, want) {
			t.Errorf("item %d: %+v, want %+v", n, got, want)
		}
	}
	want := &schedule.Breaks{Every: 12 * time.Minute, Between: true, Slate: &other, For: 30 * time.Second, Mark: both, SourceMarkers: schedule.KeepMarkers}
	if got := eras[1].Loop[0].Breaks; !reflect.DeepEqual(got, want) {
		t.Errorf("of the second era: %+v, want %+v", got, want)
	}
	if got := eras[0].Loop[0].Breaks; got != nil {
		t.Errorf("the filler has %+v", got)
	}
}

// TestBreaks_OfAllStreamsAreForChannelsWithoutTheirOwn, wherever they stand in the file.
func TestBreaks_OfAllStreamsAreForChannelsWithoutTheirOwn(t *testing.T) {
	const live = "live: { breaks: { every: 10m, mark: interstitial, assets: \"https://ads.test/\" } }\n"
	const rest = `origins: { vod: { url: http://a.test/ } }
channels:
  one: { loop: vod/a.m3u8 }
  two: { loop: [ vod/a.m3u8, vod/b.m3u8 ] }
  own: { loop: vod/a.m3u8, breaks: { every: 12m, slate: vod/s.m3u8, for: 60s } }
  none: { loop: vod/a.m3u8, breaks: false }
  fill: { filler: vod/f.m3u8, schedule: [ { at: 2026-12-01T06:00:00Z, play: vod/a.m3u8 } ] }
`
	for _, text := range []string{live + rest, rest + live} {
		f, err := parse([]byte(text), environment())
		if err != nil {
			t.Fatal(err)
		}
		for n, want := range []struct {
			every time.Duration
			alone bool
		}{{10 * time.Minute, true}, {10 * time.Minute, false}, {12 * time.Minute, false}, {0, true}} {
			c := f.Channels[n]
			i, alone := c.Alone()
			if b := c.Eras[0].Loop[0].Breaks; b == nil || b.Every != want.every || alone != want.alone || alone && i.Breaks != b {
				t.Errorf("%s: %+v, alone: %v", c.Name, b, alone)
			}
		}
		fill := f.Channels[4].Eras[0]
		if played, filler := fill.Play[0].Breaks, fill.Loop[0].Breaks; played == nil || filler != nil {
			t.Errorf("of the item %+v, of the filler %+v", played, filler)
		}
		if f.Breaks == nil || f.Breaks.Every != 10*time.Minute {
			t.Errorf("of VODs: %+v", f.Breaks)
		}
	}
}

func TestBreaks_OfAllStreamsHaveNoSlate(t *testing.T) {
	for keys, want := range map[string]string{
		"every: 10m, slate: vod/s.m3u8, for: 60s": `f:1:31: unknown key "slate"; known here: assets, at, between, every, mark, source_markers` + "\n" + `f:1:50: unknown key "for"; known here: assets, at, between, every, mark, source_markers`,
		"every: 10m": `f:1:17: breaks need mark: interstitial and assets, or in a channel a slate and for`,
		"every: 10m, mark: [ cue, interstitial ]": `f:1:17: breaks without a slate have no length: their mark can be interstitial only`,
	} {
		_, err := parse([]byte("live: { breaks: { "+keys+" } }\norigins: { vod: { url: http://a.test/ } }\n"), environment())
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n%v\nwant\n%s", keys, err, want)
		}
	}
}
