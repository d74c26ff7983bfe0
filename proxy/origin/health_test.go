package origin

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func (h *health) fail(path string, err error, now time.Time) {
	h.note(object{path: path}, err, now, now)
}

// asks says whether the place may be asked, with a witness or without.
func (h *health) asks(path string, now time.Time) bool {
	_, wait := h.ask(object{path: path}, now)
	return wait <= 0
}

var (
	start    = time.Unix(0, 0)
	status5  = &StatusError{Code: 503}
	sickness = map[string]error{"network": ErrNetwork, "timeout": ErrTimeout, "500": &StatusError{Code: 500}, "503": status5, "429": &StatusError{Code: 429}}
	fine     = map[string]error{"nil": nil, "404": ErrNotFound, "403": &StatusError{Code: 403}, "redirect": ErrRedirect, "206": ErrBody}
	nothing  = map[string]error{"viewer left": context.Canceled, "credentials": ErrCredentials, "outside": ErrOutside}
)

// sickHealth has just been paused, for a second.
func sickHealth() *health {
	h := &health{}
	for i := range enough {
		h.fail(fmt.Sprintf("a/%d.ts", i), ErrTimeout, start)
	}
	return h
}

func TestHealth_PausesAfterEnoughFailuresInARow(t *testing.T) {
	for name, err := range sickness {
		h := &health{}
		for i := range enough {
			if !h.asks("a/1.ts", start) {
				t.Errorf("%s: paused after %d failures", name, i)
			}
			h.fail(fmt.Sprintf("a/%d.ts", i), err, start)
		}
		if h.asks("a/1.ts", start) {
			t.Errorf("%s: not paused after %d failures", name, enough)
		}
	}
}

func TestHealth_AnAnswerEndsTheRow(t *testing.T) {
	for name, err := range fine {
		h := sickHealth()
		h.fail("a/1.ts", err, start.Add(time.Second))
		if !h.asks("a/2.ts", start) || h.failing() {
			t.Errorf("%s: still paused", name)
		}
	}
}

func TestHealth_WhatTellsNothingChangesNothing(t *testing.T) {
	for name, err := range nothing {
		h := sickHealth()
		h.fail("a/1.ts", err, start.Add(time.Second))
		if h.asks("a/1.ts", start) {
			t.Errorf("%s: it ends a pause", name)
		}
		h = &health{}
		for i := range 2 * enough {
			h.fail(fmt.Sprintf("a/%d.ts", i), err, start)
		}
		if !h.asks("a/1.ts", start) || h.failing() {
			t.Errorf("%s: it is a failure", name)
		}
	}
}

// TestHealth_OneProbeASecond, however the one before it ends.
func TestHealth_OneProbeAfterEachPause(t *testing.T) {
	h := sickHealth()
	var asked []time.Duration
	for now := start; now.Before(start.Add(5 * time.Second)); now = now.Add(100 * time.Millisecond) {
		for i := range 10 {
			if h.asks("a/1.ts", now) {
				asked = append(asked, now.Sub(start))
				h.fail("a/1.ts", ErrNetwork, now)
			} else if i == 0 {
				h.note(object{path: "a/old.ts"}, ErrTimeout, start, now) // of before the pause
			}
		}
	}
	if got, want := fmt.Sprint(asked), "[1s 2s 3s 4s]"; got != want {
		t.Errorf("asked at %s, want %s", got, want)
	}
}

func TestHealth_OneBadObjectIsNoBadPlace(t *testing.T) {
	for name, err := range sickness {
		if name == "network" {
			continue // there is no connection for any
		}
		h := &health{}
		for range 10 * enough {
			h.fail("a/bad.ts", err, start)
		}
		if !h.asks("a/good.ts", start) || !h.asks("a/bad.ts", start) {
			t.Errorf("%s: paused", name)
		}
	}
}

func TestHealth_FoldersThatHaveNotFailedAreAskedOn(t *testing.T) {
	h := sickHealth()
	if !h.asks("b/1.ts", start) || h.asks("a/9.ts", start) {
		t.Error("a folder that has not failed is paused, or the other is not")
	}
	h.fail("b/1.ts", status5, start)
	if h.asks("b/1.ts", start) {
		t.Error("both have failed, and are not paused")
	}
	h.note(object{path: "b/1.ts"}, nil, start.Add(time.Second), start.Add(time.Second))
	if !h.asks("a/1.ts", start) {
		t.Error("the place is back, and still paused")
	}
}

// TestHealth_OldFailuresTellNothingNew: of requests that hung when the place was
// down, and end when it is back.
func TestHealth_OldFailuresTellNothingNew(t *testing.T) {
	h := &health{}
	h.note(object{path: "a/1.ts"}, nil, start.Add(2*time.Second), start.Add(3*time.Second))
	for i := range 2 * enough {
		h.note(object{path: fmt.Sprintf("a/%d.ts", i)}, ErrTimeout, start, start.Add(10*time.Second))
	}
	if !h.asks("a/1.ts", start.Add(10*time.Second)) || h.failing() {
		t.Error("paused by failures of before it was back")
	}
}

func TestHealth_SuspectsAreBounded(t *testing.T) {
	h := sickHealth()
	for i := range 2 * maxSuspects {
		h.fail(fmt.Sprintf("folder%d/1.ts", i), ErrNetwork, start)
	}
	if n := len(h.suspects); n != maxSuspects {
		t.Errorf("%d folders are suspect", n)
	}
	if h.asks("new/1.ts", start) {
		t.Error("a stranger's folders keep the place asked")
	}
	h.fail("folder1/1.ts", nil, start.Add(time.Second))
	if len(h.suspects) != 0 {
		t.Errorf("%d folders are suspect once the place is back", len(h.suspects))
	}
}

// doubted is a place whose folder a/ was good, and has failed since.
func doubted(good ...string) *health {
	h := &health{}
	for _, path := range good {
		h.note(object{path: path}, nil, start, start)
	}
	for i := range enough {
		h.fail(fmt.Sprintf("a/%d.ts", i), status5, start)
	}
	return h
}

func TestHealth_ADoubtIsForTheWitness(t *testing.T) {
	for name, c := range map[string]struct {
		good []string
		want string
	}{
		"the newest of the folder": {[]string{"a/x.ts", "a/y.ts", "b/z.ts"}, "a/y.ts"},
		"of another":               {[]string{"b/z.ts", "c/z.ts"}, "c/z.ts"},
		"again good":               {[]string{"a/x.ts", "a/y.ts", "a/x.ts"}, "a/x.ts"},
	} {
		h := doubted(c.good...)
		witness, wait := h.ask(object{path: "a/9.ts"}, start)
		if wait > 0 || witness == nil || witness.path != c.want {
			t.Fatalf("%s: asked in %s, for %v, want %s", name, wait, witness, c.want)
		}
		if other, wait := h.ask(object{path: "a/8.ts"}, start); wait > 0 || other != nil {
			t.Errorf("%s: while the witness is asked for, others are refused", name)
		}
		if h.status(start).Paused {
			t.Errorf("%s: paused before the witness has failed", name)
		}
		if _, may := h.testified(*witness, status5, start, start); may || h.asks("a/9.ts", start) {
			t.Errorf("%s: the witness has failed, and the folder is asked", name)
		}
		if !h.asks("d/1.ts", start) {
			t.Errorf("%s: a folder that has not failed is paused", name)
		}
		if _, may := h.testified(*witness, nil, start, start.Add(time.Second)); !may || !h.asks("a/9.ts", start) || h.failing() {
			t.Errorf("%s: the witness is good, and the folder is paused", name)
		}
	}
}

// TestHealth_APauseIsToldWhileAnybodyAsks: nobody else would find out that the
// place is back.
func TestHealth_APauseIsToldWhileAnybodyAsks(t *testing.T) {
	h := sickHealth()
	h.asks("a/1.ts", start)
	for after, want := range map[time.Duration]bool{0: true, forgotten - 1: true, forgotten: false, 24 * time.Hour: false} {
		if s := h.status(start.Add(after)); s.Paused != want || !s.Failing {
			t.Errorf("%s after it was asked for: paused %v, failing %v", after, s.Paused, s.Failing)
		}
	}
	h.asks("a/1.ts", start.Add(24*time.Hour))
	if !h.status(start.Add(24 * time.Hour)).Paused {
		t.Error("it is asked for again, and not paused")
	}
}

// TestHealth_OneBadWitnessIsNotAskedForAgainAndAgain.
func TestHealth_OneBadWitnessIsNotAskedForAgainAndAgain(t *testing.T) {
	h := doubted("a/v.ts", "a/x.ts", "a/y.ts", "a/z.ts")
	var asked []string
	for now := start; len(asked) < 4; now = now.Add(pause) {
		witness, _ := h.ask(object{path: "a/9.ts"}, now)
		asked = append(asked, witness.path)
		h.testified(*witness, ErrTimeout, now, now)
	}
	if got, want := fmt.Sprint(asked), "[a/z.ts a/y.ts a/x.ts a/z.ts]"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
}

func TestHealth_WitnessesAreBounded(t *testing.T) {
	h := &health{}
	for i := range 2 * maxFolders {
		for n := range 2 * maxWitnesses {
			h.note(object{fmt.Sprintf("f%d/%d.ts", i, n), ""}, nil, start, start)
		}
	}
	h.note(object{"long/1.ts", strings.Repeat("x", maxWitnessBytes)}, nil, start, start)
	if n := h.witnesses.folders.Len(); n != maxFolders {
		t.Errorf("%d folders have witnesses", n)
	}
	if known, _ := h.witnesses.folders.Get(h.witnesses.last); len(known) != maxWitnesses {
		t.Errorf("%d witnesses of one folder", len(known))
	}
}

// TestHealth_AnObjectIsItsQueryToo, and one that alone fails is no doubt.
func TestHealth_AnObjectIsItsQueryToo(t *testing.T) {
	h := &health{}
	for i := range 10 * enough {
		h.note(object{"a/1.ts", fmt.Sprintf("bad=%d", i%2)}, errCut, start, start)
	}
	if h.failures != 2 || !h.asks("a/1.ts", start) {
		t.Errorf("%d failures of two objects", h.failures)
	}
}

// TestHealth_WithoutAWitnessOnlyWhatHasFailedIsPaused, where there are answers.
func TestHealth_WithoutAWitnessOnlyWhatHasFailedIsPaused(t *testing.T) {
	for name, err := range map[string]error{"503": status5, "cut": errCut} {
		h := &health{}
		for i := range enough {
			h.fail(fmt.Sprintf("a/%d.ts", i), err, start)
		}
		if h.asks("a/1.ts", start) || !h.asks("a/9.ts", start) {
			t.Errorf("%s: the failed one is asked for, or the other is not", name)
		}
	}
}

func TestWantsPause(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "1": time.Second, "60": time.Minute, "61": time.Minute, "86400": time.Minute, "4294967295": time.Minute,
		"-1": 0, "1.5": 0, "soon": 0, "99999999999999999999": time.Minute, " 7 ": 7 * time.Second,
		"Thu, 01 Jan 2026 00:00:30 GMT": 30 * time.Second, "Fri, 02 Jan 2026 00:00:00 GMT": time.Minute, "Wed, 31 Dec 2025 00:00:00 GMT": 0,
	} {
		if got := wantsPause(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("Retry-After %q: %s, want %s", value, got, want)
		}
	}
}

// TestWantsPause_ADateGoesByTheOriginsClock: ours may be 500 days off, or theirs.
func TestWantsPause_ADateGoesByTheOriginsClock(t *testing.T) {
	theirs := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, off := range []time.Duration{-500 * 24 * time.Hour, 0, 500 * 24 * time.Hour} {
		h := http.Header{"Date": {theirs.Format(http.TimeFormat)}, "Retry-After": {theirs.Add(20 * time.Second).Format(http.TimeFormat)}}
		if got := wantsPause(h, theirs.Add(off)); got != 20*time.Second {
			t.Errorf("our clock %s off: %s, want 20s", off, got)
		}
	}
}
