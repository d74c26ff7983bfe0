package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSchedule_WrittenAnewWhileItPlays: the object in a private bucket is edited under If-Match while hls.js plays over
// joints of its eras and three processes answer alike, one of which is restarted. Then it is broken, empty, old and gone:
// that is reported, and the channel plays on.
func TestSchedule_WrittenAnewWhileItPlays(t *testing.T) {
	t.Parallel()
	const edited = 30 * time.Minute // behind all that is planned: the play may have to wait for its turn
	var planned []time.Duration
	for after := -time.Minute; after < edited; after += newsroomEra {
		planned = append(planned, after)
	}
	n := newNewsroom(t, planned...)
	again(t, func(t tester) {
		var began, over time.Time
		j := n.judged(pollInterval, time.Minute)
		seen := shared.chromium.run(t, play{
			name: fileName(t), player: "hls", source: n.process(0).viewers + "/news/master.m3u8", advance: 22 * time.Second,
			meanwhile: func() error {
				err := n.process(0).awaitLogged(1, `"agent":"Mozilla`, `.ts"`)
				if began = time.Now(); err == nil {
					err = n.rewrite(edited)
				}
				if err == nil {
					err = n.spoil(edited)
				}
				over = time.Now()
				return err
			},
		})
		if err := j.end(); err != nil {
			t.Error(err)
		}
		t.Logf("%d edits in %s; all alike at %d instants", n.edits, over.Sub(began), j.equal)
		if j.equal < 20 {
			t.Errorf("all processes answered alike at %d instants, want 20", j.equal)
		}
		checkPlay(t, seen, allowance{})
		n.checkJoints(t, seen, over, planned)
	})
}

// rewrite edits the object, while one process restarts. Another writer, who has read it before, is refused.
func (n *newsroom) rewrite(after time.Duration) error {
	stale, etag, err := n.read()
	if err != nil {
		return err
	}
	for turn := range 5 {
		title, err := n.edit(after)
		if err != nil {
			return err
		}
		if turn == 1 {
			if err := n.write(stale, http.Header{"If-Match": {etag}}); !errors.Is(err, errMeanwhile) {
				return fmt.Errorf("a writer with the ETag of an older object is not rejected: %w", err)
			}
			if err := n.restart(2); err != nil {
				return err
			}
		}
		if err := n.ahead(after, title); err != nil {
			return err
		}
	}
	return nil
}

// spoil breaks the object in each way. All processes report that, in the log and to the operator, until it is whole again,
// and then adopt the next one.
func (n *newsroom) spoil(after time.Duration) error {
	whole, _, err := n.read()
	if err != nil {
		return err
	}
	told := map[string]int{}
	for _, fault := range []struct {
		code, detail string
		object       []byte // nil: none is there
	}{
		{"schedule-unreadable", "not valid JSON", whole[:len(whole)/2]},
		{"schedule-empty", "empty", []byte{}},
		{"schedule-older", "was written at", n.first},
		{"schedule-unreadable", "404", nil},
	} {
		if err := n.put(fault.object); err != nil {
			return err
		}
		told[fault.code]++
		if err := n.reported(fault.code, fault.detail, told[fault.code]); err != nil {
			return err
		}
	}
	if err := n.write(whole, http.Header{"If-None-Match": {"*"}}); err != nil {
		return err
	}
	title, err := n.edit(after)
	if err != nil {
		return err
	}
	if err := n.ahead(after, title); err != nil {
		return err
	}
	return n.reported("", "", 0)
}

// put writes the object whatever is there; nil: it deletes it.
func (n *newsroom) put(object []byte) error {
	if object != nil {
		return n.write(object, nil)
	}
	got, err := n.bucket.send(http.MethodDelete, newsroomObject, "", nil, nil)
	if err == nil && got.status >= 300 {
		err = fmt.Errorf("DELETE %s: %d %s", newsroomObject, got.status, got.body)
	}
	return err
}

// reported waits until all processes report a code and its detail, and have logged it so many times. Without a code they
// report none of a schedule.
func (n *newsroom) reported(code, detail string, times int) error {
	for i := range n.all {
		p := n.process(i)
		if err := p.awaitLogged(times, `"code":"`+code+`"`, "the schedule is not adopted"); err != nil && code != "" {
			return err
		}
		err := await(func() error {
			found, err := p.problemsOf("news")
			if err != nil {
				return err
			}
			for other := range found {
				if code == "" && strings.HasPrefix(other, "schedule-") {
					return fmt.Errorf("process %d still reports %v", i, found)
				}
			}
			if !strings.Contains(found[code], detail) {
				return fmt.Errorf("process %d reports %v, want %s: %s", i, found, code, detail)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// TestPlayer_HLSJSPlaysASchedulesEditsOnAir: the object is edited every 30 s, each time just behind the frozen part,
// for so long that some edits are played.
func TestPlayer_HLSJSPlaysASchedulesEditsOnAir(t *testing.T) {
	if !playAll {
		t.Skip("only with E2E_PLAYERS=all")
	}
	t.Parallel()
	const lasts, frozen = 9 * time.Minute, 5*time.Minute + 10*time.Second
	n := newNewsroom(t, -time.Minute)
	var edits []time.Duration
	j := n.judged(time.Second, lasts+time.Minute)
	seen := shared.chromium.run(t, play{
		name: fileName(t), player: "hls", source: n.process(0).viewers + "/news/master.m3u8", advance: lasts,
		meanwhile: func() (err error) {
			every(30*time.Second, lasts-time.Minute, func() bool {
				after := time.Since(n.began).Truncate(time.Second) + frozen
				var title string
				if title, err = n.edit(after); err == nil {
					err = n.ahead(after, title)
				}
				edits = append(edits, after)
				return err != nil
			})
			return err
		},
	})
	if err := j.end(); err != nil {
		t.Error(err)
	}
	t.Logf("%d edits; all alike at %d instants", n.edits, j.equal)
	checkPlay(t, seen, allowance{})
	n.checkJoints(t, seen, time.Now().Add(-playTimeout), edits)
	if n.edits < 15 || j.equal < 200 {
		t.Errorf("%d edits, all alike at %d instants: want 15 and 200", n.edits, j.equal)
	}
}

// checkJoints wants that the player crossed an era's start, and that it played until all was over.
func (n *newsroom) checkJoints(t tester, seen figures, over time.Time, eras []time.Duration) {
	t.Helper()
	if len(seen.Fragments) == 0 {
		t.Error("no fragment came on screen")
		return
	}
	first, last := seen.Fragments[0].Date, seen.Fragments[len(seen.Fragments)-1].Date
	crossed := slices.ContainsFunc(eras, func(after time.Duration) bool {
		at := float64(n.began.Add(after).UnixMilli())
		return first < at && at < last
	})
	if !crossed {
		t.Errorf("fragments from %s to %s came on screen: no era begins between", clock(first), clock(last))
	}
	const behind = 6 // seconds, at least: three target durations
	if ended := seen.Began + 1000*(seen.Advanced+behind); ended < float64(over.UnixMilli()) {
		t.Errorf("the play ended at %s, and all was over at %s", clock(ended), clock(float64(over.UnixMilli())))
	}
}
