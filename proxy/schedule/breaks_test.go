package schedule

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

// TestRead_BreaksOfAnObjectAreThoseOfTheFile: the same keys, the same rules.
func TestRead_BreaksOfAnObjectAreThoseOfTheFile(t *testing.T) {
	o, err := Read("o", []byte(`{
  "breaks": { "every": "12m", "slate": "vod/s.m3u8", "for": 60, "mark": ["daterange"] },
  "eras": [ { "at": "2026-12-24T18:00:00Z", "loop": [ "vod/a.m3u8",
    { "vod": "vod/b.m3u8", "breaks": { "at": ["20m", 2700], "mark": ["interstitial"], "assets": "https://ads.test/{id}", "source_markers": "keep" } },
    { "vod": "vod/c.m3u8", "breaks": false } ] } ] }`))
	if err != nil {
		t.Fatal(err)
	}
	slate := Item{Origin: "vod", Path: "s.m3u8"}
	for n, want := range []*Breaks{
		{Every: 12 * time.Minute, Slate: &slate, For: time.Minute, Mark: []string{MarkDateRange}},
		{At: []time.Duration{20 * time.Minute, 45 * time.Minute}, Slate: &slate, For: time.Minute, Mark: []string{MarkInterstitial}, Assets: "https://ads.test/{id}", SourceMarkers: KeepMarkers},
		{Off: true},
	} {
		if got := o.Eras[0].Loop[n].Breaks; !reflect.DeepEqual(got, want) {
			t.Errorf("item %d: %+v, want %+v", n, got, want)
		}
	}
}

func TestRead_MistakesInBreaksAreToldWithTheirPlaces(t *testing.T) {
	for breaks, want := range map[string]string{
		`true`:              `o:1:11: breaks: an object such as {"every": "12m"}, or false, is needed here`,
		`[]`:                `o:1:11: breaks: an object such as {"every": "12m"}, or false, is needed here`,
		`{"every":"30s"}`:   `o:1:20: every: too short: at least 1m0s`,
		`{"for":3601}`:      `o:1:18: for: too long: at most 1h0m0s`,
		`{"at":"5m"}`:       `o:1:17: at: a list is needed here`,
		`{"at":["5m",0]}`:   `o:1:23: at: too short: at least 1s`,
		`{"mark":["cues"]}`: `o:1:20: mark: not one of daterange, cue, interstitial`,
		`{"assets":"/ads"}`: `o:1:21: assets: not an address such as https://ads.example.com/list?break={id}&channel={channel}`,
		`{"every":"10m"}`:   `o:1:1: breaks need mark: interstitial and assets, or in a channel a slate and for`,
		`{"between":"yes"}`: `o:1:22: between: true or false is needed here`,
		`{"every":"10m","slate":"vod/s.m3u8","for":60,"mark":["interstitial"]}`: `o:1:1: breaks with mark: interstitial need assets, the address of a list of assets`,
	} {
		_, err := Read("o", []byte(`{"breaks":`+breaks+`,"eras":[{"at":"2026-12-24T18:00:00Z","loop":["vod/a.m3u8"]}]}`))
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", breaks, err, want)
		}
	}
}

func TestCheckAssets_WhatPlayersCantRequestIsRejected(t *testing.T) {
	for text, good := range map[string]bool{
		"https://ads.test/list?break={id}&channel={channel}": true, "http://ads.test": true,
		"": false, "/list": false, "ftp://ads.test/": false, "https://u:p@ads.test/": false, "https://ads.test/{user}": false,
		"https://ads.test/a b": false, "https://ads.test/\"": false, "https://ads.test/\n": false, "https://ads.test/ä": false, "https://{id}/": true,
	} {
		if err := CheckAssets(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestEncode_BreaksAreReadAsTheyWere: whatever items and the channel have, each item has
// the same breaks again.
func TestEncode_BreaksAreReadAsTheyWere(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	common, alone := 0, 0
	for range 2000 {
		o := lockedFor(3)
		o.Breaks = randomBreaks(random, true)
		for n := range o.Eras {
			i := &o.Eras[n].Loop[0]
			if random.IntN(3) > 0 {
				i.Breaks = randomBreaks(random, false)
			}
		}
		if len(o.Faults()) > 0 {
			continue
		}
		if o.Fill(); random.IntN(2) == 0 { // as in an object that has been made of two
			o.Eras[0].Loop[0].Breaks = randomBreaks(random, true)
		}
		again := reread(t, o)
		if o.commonBreaks() == nil {
			alone++
		} else {
			common++
		}
		for n := range o.Eras {
			if want, got := o.Eras[n].Loop[0].Breaks, again.Eras[n].Loop[0].Breaks; !got.Equal(want) {
				t.Fatalf("%s, and not %s, in\n%s", got.encode(), want.encode(), o.Encode())
			}
		}
		if at, differs := FirstChange(o, again, noon); differs || string(again.Encode()) != string(o.Encode()) {
			t.Fatalf("they differ at %s:\n%s\n%s", at, o.Encode(), again.Encode())
		}
	}
	if common < 100 || alone < 100 {
		t.Errorf("%d are under the channel's breaks, %d are alone", common, alone)
	}
}

// randomBreaks are some, or none; whole: they need nothing of the channel's.
func randomBreaks(random *rand.Rand, whole bool) *Breaks {
	b := &Breaks{}
	switch random.IntN(8) {
	case 0:
		return nil
	case 1:
		return &Breaks{Off: true}
	}
	some := func() bool { return random.IntN(2) == 0 }
	if whole || some() {
		b.Every = 12 * time.Minute
	}
	if some() {
		b.At = []time.Duration{90500 * time.Millisecond, time.Hour}
	}
	b.Between = some()
	switch { // a slate, or a mark without length
	case some():
		b.Slate, b.For = &Item{Origin: "vod", Path: "s.m3u8", Query: "v=1"}, time.Minute
		if some() {
			b.Mark = []string{MarkCue}
		}
	case whole || some():
		b.Mark, b.Assets = []string{MarkInterstitial}, "https://ads.test/{id}"
	}
	if some() {
		b.SourceMarkers = KeepMarkers
	}
	return b
}

// TestCheck_BreaksAreHeldToTheRulesOfTheirItems: they change with a lead only, and name
// VODs that the object may name.
func TestCheck_BreaksAreHeldToTheRulesOfTheirItems(t *testing.T) {
	held := lockedFor(48)
	slate := Item{Origin: "vod", Path: "s.m3u8"}
	change := func(n int, slate Item) error {
		o := held.Alike()
		o.Written, o.Frozen = noon, noon.Add(5*time.Minute)
		o.Eras[n].Loop[0].Breaks = &Breaks{Every: time.Minute, Slate: &slate, For: time.Minute}
		return rules.Check(held, reread(t, o), noon.Add(10*time.Minute), noon.Add(10*time.Minute))
	}
	if err := change(5, slate); err != nil {
		t.Error(err)
	}
	if err := change(0, slate); CodeOf(err) != CodeRewritesPast {
		t.Errorf("of the era on air: %v", err)
	}
	if err := change(5, Item{Origin: "other", Path: "s.m3u8"}); CodeOf(err) != CodeUnreadable {
		t.Errorf("of another origin: %v", err)
	}
}
