package schedule

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// repeated is a list of the same JSON.
func repeated(n int, json string) string { return strings.TrimSuffix(strings.Repeat(json+",", n), ",") }

// TestRead_BoundsWhatTheFillerMultiplies: a few bytes for each era and each filler would
// be a billion items.
func TestRead_BoundsWhatTheFillerMultiplies(t *testing.T) {
	const fillers, eras = 1000, 200
	var all []string
	for n := range eras {
		all = append(all, fmt.Sprintf(`{"at":%q}`, noon.Add(time.Duration(n)*time.Minute).Format(time.RFC3339)))
	}
	text := func(eras int) []byte {
		return []byte(`{"target_duration":1,"model":"v/a","filler":[` + repeated(fillers, `"v/a"`) + `],"eras":[` + strings.Join(all[:eras], ",") + `]}`)
	}
	if _, err := Read("o", text(maxItems/fillers)); err != nil {
		t.Error(err)
	}
	if _, err := Read("o", text(maxItems/fillers+1)); err == nil || !strings.Contains(err.Error(), "more than 100000 items, with the filler") {
		t.Errorf("%v", err)
	}
}

// TestRead_AnEraWithNumbersNeedsItsOwnLoop: nobody has written down what a filler counts
// for.
func TestRead_AnEraWithNumbersNeedsItsOwnLoop(t *testing.T) {
	const numbered = `"starts":"2026-12-01T12:00:00Z","numbers":{"media":[1],"discontinuity":1}`
	const text = `{"filler":["v/a"],"eras":[{"at":"2026-12-01T12:00:00Z",` + numbered + `}]}`
	if _, err := Read("o", []byte(text)); err == nil || !strings.Contains(err.Error(), "an era with numbers needs a loop") {
		t.Errorf("%v", err)
	}
}

// TestCheckNumbers_AnEraStartsNearItsWish: else one that is wished for tomorrow could
// change what was published yesterday.
func TestCheckNumbers_AnEraStartsNearItsWish(t *testing.T) {
	for later, want := range map[time.Duration]Code{0: "", 5 * time.Second: "", 6 * time.Second: CodeNumbersDiffer, 40 * time.Minute: CodeNumbersDiffer} {
		o := lockedFor(5)
		o.Eras[3].At = o.Eras[3].At.Add(later)
		if err := o.CheckNumbers(); CodeOf(err) != want {
			t.Errorf("an era that starts %s before its wish: %v", later, err)
		}
	}
}

// TestCheckNumbers_TellsNoQuery of a VOD: it may hold a secret.
func TestCheckNumbers_TellsNoQuery(t *testing.T) {
	o := lockedFor(5)
	o.Eras[1].Loop[0].Query = "sig=hidden"
	o.Eras[1].Loop[0].Stretches[0].Segments[0] = 0
	if err := o.CheckNumbers(); err == nil || strings.Contains(err.Error(), "hidden") {
		t.Errorf("%v", err)
	}
}
