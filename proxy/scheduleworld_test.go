package proxy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/schedule"
)

// world is a channel with a random schedule, which is edited at random.
type world struct {
	*writer
	random *rand.Rand
	plan   []plannedEra
	breaks bool
	gone   []schedule.Item // withdrawn
}

type plannedEra struct {
	at   time.Time
	text string
}

// worlds run some random schedules, every other one with breaks.
func worlds(t *testing.T, run func(*world)) {
	for seed := range 4 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{random: rand.New(rand.NewPCG(uint64(seed), 9)), breaks: seed%2 == 1}
				w.writer = &writer{t: t, files: newVODs(
					vodOf("a", 4, 4, 3, 4, 2), vodOf("b", 3, 3, 3), vodOf("c", 2, 4), vodOf("d", 4, 4, 4, 1, 2), parted("e"), vodOf("f", 2, 3),
					vodOf("s", 2, 3, 2, 3), vodOf("slate", 3, 3, 3, 3, 3, 3, 3),
				)}
				w.plan = []plannedEra{w.era(time.Now().Add(-time.Hour))}
				w.more(time.Now().Add(3 * time.Hour))
				w.publish(w.wish())
				run(w)
			})
		})
	}
}

func (w *world) once(in int) bool { return w.random.IntN(in) == 0 }

func (w *world) pick(folders string) string { return folders[w.random.IntN(len(folders)):][:1] }

func (w *world) seconds(least, spread int) time.Duration {
	return time.Duration(least+w.random.IntN(spread)) * time.Second
}

// items are one to three VODs, or clips of those that are long enough.
func (w *world) items() string {
	var all []string
	for range 1 + w.random.IntN(3) {
		folder := w.pick("abcdef")
		i := fmt.Sprintf(`{"vod":"live/%s/master.m3u8"`, folder)
		switch long := strings.Contains("ade", folder); {
		case long && w.once(5):
			i += fmt.Sprintf(`,"in":%q`, w.seconds(1, 5))
		case long && w.once(4):
			i += fmt.Sprintf(`,"out":%q`, w.seconds(8, 5))
		case w.once(4):
			i += `,"breaks":false`
		}
		all = append(all, i+"}")
	}
	return "[" + strings.Join(all, ",") + "]"
}

func (w *world) era(at time.Time) plannedEra {
	text := fmt.Sprintf(`{"at":%q`, at.Format(time.RFC3339))
	if w.once(3) {
		text += fmt.Sprintf(`,"wait":%q`, w.seconds(0, 40))
	}
	if w.once(2) {
		text += `,"play":` + w.items()
	}
	if !w.once(4) {
		text += `,"loop":` + w.items()
	}
	return plannedEra{at, text + "}"}
}

// more appends eras, some of them long, until an instant.
func (w *world) more(until time.Time) {
	for {
		gap := w.seconds(60, 300)
		if w.once(5) {
			gap *= 20
		}
		at := w.plan[len(w.plan)-1].at.Add(gap)
		if at.After(until) {
			return
		}
		w.plan = append(w.plan, w.era(at))
	}
}

// edit publishes another plan: of what is not frozen one era changes, or all after it go,
// and others follow.
func (w *world) edit() {
	from := time.Now().Add(5*time.Minute + 5*time.Second)
	n := 0
	for n < len(w.plan) && w.plan[n].at.Before(from) {
		n++
	}
	w.plan = slices.Clone(w.plan)
	if k := n + w.random.IntN(len(w.plan)-n+1); w.once(2) {
		w.plan = w.plan[:k]
	} else if k < len(w.plan) {
		w.plan[k] = w.era(w.plan[k].at)
	}
	last := w.plan[len(w.plan)-1].at
	if next := from.Truncate(time.Second).Add(w.seconds(1, 60)); last.Before(from) && next.Sub(last) > time.Minute {
		w.plan = append(w.plan, w.era(next))
	}
	if last := w.plan[len(w.plan)-1].at; !last.Before(from) {
		w.more(time.Now().Add(w.seconds(0, 5*3600)))
	}
	o := w.lock(w.wish())
	time.Sleep(w.seconds(0, 40))
	w.put(o)
}

func (w *world) wish() *schedule.Object {
	w.t.Helper()
	var eras []string
	for _, e := range w.plan {
		if w.current == nil || !e.at.Before(w.current.Eras[0].At) {
			eras = append(eras, e.text)
		}
	}
	text := `{"channel":"news","target_duration":4,"model":"live/a/master.m3u8","filler":["live/f/master.m3u8"],"slate":"live/slate/master.m3u8",`
	if w.breaks {
		text += `"breaks":{"at":["7s"],"between":true,"slate":"live/s/master.m3u8","for":"7s","mark":["cue","daterange"]},`
	}
	o, err := schedule.Read("wish", []byte(text+`"eras":[`+strings.Join(eras, ",")+`]}`))
	if err != nil {
		w.t.Fatal(err)
	}
	o.Withdrawn = w.gone
	return o
}

// pass lets seconds, or up to half an hour pass.
func (w *world) pass() {
	if w.once(4) {
		time.Sleep(w.seconds(0, 30*60))
	} else {
		time.Sleep(time.Duration(200+w.random.IntN(20_000)) * time.Millisecond)
	}
}

// kept is what the numbers of two renditions have meant.
type kept [2]struct {
	seen map[int64]liveSegment
	last livePlaylist
}

// look fails unless a server's numbers mean what they have meant, and never fall.
func (k *kept) look(t *testing.T, r *rig) {
	t.Helper()
	for n := range k {
		of := &k[n]
		if of.seen == nil {
			of.seen = map[int64]liveSegment{}
		}
		p := readPlaylist(t, r.ok(fmt.Sprintf("/news/master.m3u8/%d.m3u8", n)).body)
		if p.sequence < of.last.sequence || p.discontinuity < of.last.discontinuity {
			t.Fatalf("at %s rendition %d: %d/%d after %d/%d", time.Now(), n, p.sequence, p.discontinuity, of.last.sequence, of.last.discontinuity)
		}
		of.last = p
		for _, s := range p.segments {
			old, known := of.seen[s.number]
			if known && (old.uri != s.uri || old.discontinuity != s.discontinuity || !old.start.Equal(s.start) || old.info != s.info) {
				t.Fatalf("at %s rendition %d, number %d was %+v, is %+v", time.Now(), n, s.number, old, s)
			}
			of.seen[s.number] = s
		}
	}
}

// count fails unless two servers number alike, whatever stands in in either.
func count(t *testing.T, a, b *rig) {
	t.Helper()
	known, both := map[int64]liveSegment{}, 0
	x, y := readPlaylist(t, a.ok(news).body), readPlaylist(t, b.ok(news).body)
	for _, s := range x.segments {
		known[s.number] = s
	}
	for _, s := range y.segments {
		old, is := known[s.number]
		if !is {
			continue
		}
		both++
		if old.discontinuity != s.discontinuity || !stoodIn(old.uri) && !stoodIn(s.uri) && (!old.start.Equal(s.start) || old.uri != s.uri) {
			t.Fatalf("at %s number %d is %+v, there %+v", time.Now(), s.number, old, s)
		}
	}
	if both < len(x.segments)-3 {
		t.Fatalf("at %s %d segments of %d are in both windows", time.Now(), both, len(x.segments))
	}
}

// TestSchedule_ReplicasAgreeOnRandomSchedules: whenever they start, however often eras near
// and far ahead are edited; and one that does not see an edit agrees until that.
func TestSchedule_ReplicasAgreeOnRandomSchedules(t *testing.T) {
	worlds(t, func(w *world) {
		all, blind := []*rig{w.on()}, w.restarted(w.text)
		var viewer kept
		same := time.Now().Add(1000 * time.Hour)
		for end := time.Now().Add(4 * time.Hour); time.Now().Before(end); w.pass() {
			agree(w.t, all...)
			viewer.look(w.t, all[w.random.IntN(len(all))])
			if time.Now().Before(same) {
				agree(w.t, all[0], blind)
			}
			switch {
			case w.once(12) && len(all) < 4:
				all = append(all, w.on())
			case w.once(30) && len(all) > 1:
				all[0].Close()
				all = all[1:]
			case w.once(8):
				before := w.current
				w.edit()
				at, differs := schedule.FirstChange(before, w.current, time.Now())
				if at = at.Add(-16 * time.Second); differs && at.Before(same) { // breaks are announced
					same = at
				}
			}
		}
		agree(w.t, append(all, w.on())...)
	})
}

// TestSchedule_NumbersAreTheSameWhateverIsMissing, or withdrawn, in servers that start
// before, while and after it is.
func TestSchedule_NumbersAreTheSameWhateverIsMissing(t *testing.T) {
	worlds(t, func(w *world) {
		all, viewers, missing := []*rig{w.on()}, []*kept{{}}, ""
		for end := time.Now().Add(4 * time.Hour); time.Now().Before(end); w.pass() {
			for n, r := range all {
				viewers[n].look(w.t, r)
				count(w.t, all[0], r)
			}
			switch {
			case w.once(10) && missing == "":
				missing = w.pick("bcdefs") + "/master.m3u8"
				w.files.fail(missing, status(404, ""))
			case w.once(10):
				w.files.fail(missing, nil)
				missing = ""
			case w.once(12) && len(all) < 4:
				all, viewers = append(all, w.on()), append(viewers, &kept{})
			case w.once(8) && missing == "":
				w.gone = nil
				if w.once(3) {
					w.gone = []schedule.Item{{Origin: "live", Path: w.pick("bcdef") + "/master.m3u8"}}
				}
				w.edit()
				time.Sleep(70 * time.Second)
				for n := range viewers { // what was on air may be withdrawn
					*viewers[n] = kept{}
				}
			}
		}
	})
}
