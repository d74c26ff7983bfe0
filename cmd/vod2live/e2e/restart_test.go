package e2e

import (
	"fmt"
	"testing"
	"time"
)

func TestRestart_AfterAKillTheNumbersGoOn(t *testing.T) {
	t.Parallel()
	k := kindNamed(t, "ts")
	var tracks []track
	for range 3 { // lives of the process
		p := start(t, proxyArgs()...)
		addresses, err := renditions(k.live(p))
		if err != nil {
			t.Fatal(err)
		}
		if tracks == nil {
			tracks = make([]track, len(addresses))
		}
		for i := range tracks {
			tracks[i].address = addresses[i]
			if err := pollUntilItChanges(&tracks[i]); err != nil {
				t.Fatal(err)
			}
		}
		p.kill()
	}
	for _, r := range tracks {
		if err := checkVersions(r.versions); err != nil {
			t.Errorf("%s: %v", r.address, err)
		}
	}
}

// pollUntilItChanges polls a playlist until it has a version more than the one it answered first.
func pollUntilItChanges(r *track) error {
	if err := r.poll(); err != nil {
		return err
	}
	first := len(r.versions)
	return await(func() error {
		if err := r.poll(); err != nil {
			return err
		}
		if len(r.versions) == first {
			return fmt.Errorf("%s does not change", r.address)
		}
		return nil
	})
}

// Replicas answer alike: with the same bytes and validators at the same instant, however long each has run.
func TestReplicas_AnswerWithEqualBytesAtTheSameInstant(t *testing.T) {
	t.Parallel()
	k := kindNamed(t, "fmp4")
	older := shared.proxy
	younger := start(t, proxyArgs()...)
	olders, err := renditions(k.live(older))
	if err != nil {
		t.Fatal(err)
	}
	youngers, err := renditions(k.live(younger))
	if err != nil {
		t.Fatal(err)
	}
	compared := map[string]int{} // versions of each rendition that were compared
	every(pollInterval, loopLength+time.Second, func() bool {
		for i := range olders {
			equal, err := compareReplicas(olders[i], youngers[i])
			if err != nil {
				t.Error(err)
				return true
			}
			if equal {
				compared[olders[i]]++
			}
		}
		return false
	})
	for _, address := range olders {
		if compared[address] < 4 {
			t.Errorf("%s was compared %d times, want at least 4", address, compared[address])
		}
	}
}

// compareReplicas fetches a, the others and a again. It reports false where a changed meanwhile, so that they can't be
// compared.
func compareReplicas(a string, others ...string) (bool, error) {
	before, err := fetch(a, "")
	if err != nil {
		return false, err
	}
	answers := make([]answer, len(others))
	for i, b := range others {
		if answers[i], err = fetch(b, ""); err != nil {
			return false, err
		}
	}
	after, err := fetch(a, "")
	if err != nil {
		return false, err
	}
	if string(before.body) != string(after.body) {
		return false, nil
	}
	for i, b := range others {
		if err := sameAnswer(before, answers[i]); err != nil {
			return false, fmt.Errorf("%s and %s at the same instant: %w", a, b, err)
		}
	}
	return true, nil
}

// sameAnswer compares the answers of two replicas.
func sameAnswer(a, b answer) error {
	if string(a.body) != string(b.body) {
		return fmt.Errorf("one answers\n%s\nthe other\n%s", a.body, b.body)
	}
	for _, name := range []string{"Etag", "Last-Modified", "Content-Type"} {
		if a.header.Get(name) != b.header.Get(name) {
			return fmt.Errorf("%s is %q, and %q", name, a.header.Get(name), b.header.Get(name))
		}
	}
	return nil
}
