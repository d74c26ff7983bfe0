package schedule

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func hour(n int) time.Time { return time.Date(2026, 12, 1, n, 0, 0, 0, time.UTC) }

var film = Item{Origin: "vod", Path: "film.m3u8"}

func list(n int) []Item { return slices.Repeat([]Item{film}, n) }

func TestFaults_EveryRuleThatIsBrokenHasOne(t *testing.T) {
	c := Channel{Eras: []Era{
		{At: hour(2), Wait: time.Hour, Play: list(1)},
		{At: hour(1), Loop: list(1), End: true},
		{At: hour(1), Loop: list(1)},
		{At: hour(1).Add(time.Minute), Wait: time.Hour, Loop: list(1)},
		{At: hour(2), Loop: list(1)},
		{At: hour(4), End: true},
	}}
	var got []string
	for _, f := range c.Faults() {
		got = append(got, f.Text)
	}
	for n, want := range []string{"needs target_duration and model", "nothing-to-fill", "only the last era", "eras-unordered", "eras-unordered", "era-too-short", "an era needs play or loop"} {
		if n >= len(got) || !strings.Contains(got[n], want) {
			t.Fatalf("fault %d of %q is not of %s", n, got, want)
		}
	}
	if len(got) != 7 {
		t.Errorf("%d faults: %q", len(got), got)
	}
}

func TestFaults_AWaitAndATargetDurationLengthenTheLeastEra(t *testing.T) {
	for gap, want := range map[time.Duration]int{5*time.Minute + 18*time.Second: 0, 5*time.Minute + 17*time.Second: 1} {
		c := Channel{Target: 6 * time.Second, Model: &film, Eras: []Era{{At: hour(1), Wait: 5 * time.Minute, Loop: list(1)}, {At: hour(1).Add(gap), Loop: list(1)}}}
		if got := c.Faults(); len(got) != want {
			t.Errorf("after %s: %+v", gap, got)
		}
	}
}

func TestFaults_ItemsAreCountedFromTheLastNumbersOn(t *testing.T) {
	c := Channel{Target: 6 * time.Second, Model: &film, Eras: []Era{{At: hour(1), Loop: list(900)}, {At: hour(2), Loop: list(101)}}}
	if got := c.TooMany(); !strings.HasPrefix(got, "1001 items") || !strings.Contains(got, "numbers-missing") {
		t.Errorf("1,001 items without numbers: %q", got)
	}
	c.Eras[0].Numbers = &Numbers{}
	if got := c.TooMany(); got != "" {
		t.Errorf("101 items after numbers: %q", got)
	}
	c.Eras[1].Loop = list(1001)
	if got := c.TooMany(); got == "" {
		t.Error("1,001 items after numbers are not too many")
	}
}

// TestFaults_OnlyWhatServersWouldCountIsBounded: lock counts all items of a wish.
func TestFaults_OnlyWhatServersWouldCountIsBounded(t *testing.T) {
	eras := `"eras":[{"at":"2026-12-01T06:00:00Z","loop":["vod/a.m3u8"` + strings.Repeat(`,"vod/a.m3u8"`, 1000) + `]}]}`
	if _, err := Read("wish", []byte("{"+eras)); err != nil {
		t.Error(err)
	}
	_, err := Read("object", []byte(`{"written":"2026-12-01T06:00:00Z","frozen":"2026-12-01T07:00:00Z",`+eras))
	if err == nil || !strings.Contains(err.Error(), "1001 items") {
		t.Errorf("an object without numbers: %v", err)
	}
}

func TestFaults_TheFillerIsNotCountedForEachEra(t *testing.T) {
	c := Channel{Target: 6 * time.Second, Model: &film, Filler: list(2)}
	for n := range 400 {
		c.Eras = append(c.Eras, Era{At: hour(n), Play: list(1)})
	}
	c.Eras = append(c.Eras, Era{At: hour(400)}) // of filler alone
	if got := c.Faults(); len(got) != 0 || c.TooMany() != "" {
		t.Errorf("%+v", got)
	}
}

func TestFill_TheFillerRepeatsWhereNothingElseDoes(t *testing.T) {
	filler := []Item{{Origin: "vod", Path: "ident.m3u8"}}
	c := Channel{Filler: filler, Eras: []Era{{Play: list(1)}, {Loop: list(1)}, {Play: list(1), End: true}}}
	c.Fill()
	for n, want := range []string{"ident.m3u8", "film.m3u8", ""} {
		got := ""
		if loop := c.Eras[n].Loop; len(loop) > 0 {
			got = loop[0].Path
		}
		if got != want {
			t.Errorf("era %d repeats %q, want %q", n, got, want)
		}
	}
}

func TestSetVOD_TakesOriginAndPathAsInAnAddress(t *testing.T) {
	for text, want := range map[string]error{
		"vod/a/master.m3u8": nil, "vod/a%2Fb.m3u8?id=7": nil, "vod/a/": ErrFolder,
		"vod/../a.m3u8": ErrNotVOD, "vod/a%.m3u8": ErrNotVOD, "vod/a.m3u8#t=3": ErrNotVOD, "vod/a//b.m3u8": ErrNotVOD,
	} {
		var i Item
		if err := i.SetVOD(text); !errors.Is(err, want) {
			t.Errorf("SetVOD(%q) = %v, want %v", text, err, want)
		}
	}
}

func TestCheckLine_BoundsCharactersAndRefusesControls(t *testing.T) {
	for text, ok := range map[string]bool{
		strings.Repeat("ä", 500): true, strings.Repeat("ä", 501): false, "a\nb": false, "a\u0085b": false, "": true,
	} {
		if err := CheckLine(text); (err == nil) != ok {
			t.Errorf("CheckLine(%.10q) = %v", text, err)
		}
	}
}
