package proxy

import (
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/schedule"
)

// brokenWish is a wish for a channel whose items have breaks, in which the VOD in the
// folder s is played.
func brokenWish(t *testing.T, eras ...string) *schedule.Object {
	t.Helper()
	o, err := schedule.Read("wish", []byte(`{"channel":"news","target_duration":4,"model":"live/a/master.m3u8","slate":"live/slate/master.m3u8",
"breaks":{"at":["7s"],"between":true,"slate":"live/s/master.m3u8","for":"7s","mark":["cue","daterange"]},"eras":[`+strings.Join(eras, ",")+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func withBreaks(t *testing.T) *writer {
	t.Helper()
	return &writer{t: t, files: newVODs(vodOf("a", 4, 4, 3, 4, 2), vodOf("b", 3, 3, 3, 3, 3, 3), vodOf("c", 2, 4, 2), vodOf("s", 2, 3, 2, 3), vodOf("slate", 3, 3, 3, 3))}
}

// TestSchedule_ReplicasAgreeOnBreaks: whenever they start, wherever an era cuts items and
// breaks, and after the past was dropped.
func TestSchedule_ReplicasAgreeOnBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(7, 8))
		w := withBreaks(t)
		eras := []string{era(-time.Hour, "", "a b")}
		w.publish(brokenWish(t, eras...))
		all := []*rig{w.on()}
		announced := 0
		for turn := range 10 {
			next := time.Now().Add(7*time.Minute + time.Duration(random.IntN(40))*time.Second).Truncate(time.Second)
			eras = append(eras, era(next.Sub(epoch), "b c", []string{"c a", "a", "b a c"}[turn%3]))
			o := brokenWish(t, eras[max(0, len(eras)-2-turn):]...)
			if turn > 4 { // items say the same breaks themselves
				o.Breaks = nil
			}
			w.publish(o)
			for time.Now().Before(next.Add(30 * time.Second)) {
				time.Sleep(time.Duration(200+random.IntN(5000)) * time.Millisecond)
				agree(t, all...)
				announced += strings.Count(all[0].ok(news).body, "SCTE35-OUT")
			}
			if len(all) < 4 {
				all = append(all, w.on())
			}
		}
		agree(t, append(all, w.on())...)
		if n := len(w.current.Eras); n > 4 || announced < 100 {
			t.Errorf("%d eras are still in the object, %d breaks were announced", n, announced)
		}
	})
}

// TestSchedule_BreaksAreCountedWhateverIsMissing: an item, or what is played in its
// breaks, which then is stood in for as a whole; each comes back by itself.
func TestSchedule_BreaksAreCountedWhateverIsMissing(t *testing.T) {
	for missing, gone := range map[string]string{"b/master.m3u8": "/b/", "s/master.m3u8": "/s/"} {
		t.Run(missing, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := withBreaks(t)
				w.publish(brokenWish(t, era(-time.Hour, "", "a b"), era(20*time.Minute, "b c", "b"), era(30*time.Minute, "", "c a")))
				whole := w.on()
				w.files.fail(missing, status(404, ""))
				part := w.on()
				if part.codesOf() == "" {
					t.Error("an operator is told nothing")
				}
				for range 600 {
					sameNumbers(t, whole, part)
					if body := part.ok(news).body; strings.Contains(body, gone) {
						t.Fatalf("at %s:\n%s", time.Now(), body)
					}
					time.Sleep(3700 * time.Millisecond)
				}
				w.files.fail(missing, nil)
				w.publish(brokenWish(t, next("b a", "b a c")))
				time.Sleep(40 * time.Minute)
				agree(t, whole, part)
				if told := part.codesOf(); told != "" {
					t.Errorf("once it is back an operator is told %q", told)
				}
			})
		})
	}
}

// TestSchedule_AWithdrawnSlateIsNotPlayedInBreaks, in all replicas alike.
func TestSchedule_AWithdrawnSlateIsNotPlayedInBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := withBreaks(t)
		w.publish(brokenWish(t, era(-time.Hour, "", "a b")))
		kept := w.restarted(w.text)
		all := []*rig{w.on(), w.on()}
		o := brokenWish(t, era(-time.Hour, "", "a b"))
		o.Withdrawn = []schedule.Item{{Origin: "live", Path: "s/master.m3u8"}}
		w.publish(o)
		time.Sleep(65 * time.Second)
		all = append(all, w.on())
		for range 60 {
			if body := all[0].ok(news).body; strings.Contains(body, "/s/") {
				t.Fatalf("at %s it is still played:\n%s", time.Now(), body)
			}
			agree(t, all...)
			sameNumbers(t, kept, all[0])
			time.Sleep(3700 * time.Millisecond)
		}
	})
}

// TestSchedule_AnEditedSlateTakesOverIfItCountsForTheSame: another one is told of, and
// the old one plays on.
func TestSchedule_AnEditedSlateTakesOverIfItCountsForTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		durations []int
		played    string
	}{"as many segments": {[]int{2, 3, 2, 3}, "t_"}, "others": {[]int{1, 4, 4}, "s_"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := withBreaks(t)
				w.publish(brokenWish(t, era(-time.Hour, "", "a b")))
				whole := w.restarted(w.text)
				edited := w.on()
				files := map[string]string{}
				for path, text := range vodOf("s", c.durations...) {
					files[path] = strings.ReplaceAll(text, "s_", "t_")
				}
				w.files.putAll(files)
				for range 150 {
					edited.ok(news)
					sameCount(t, whole, edited)
					time.Sleep(2 * time.Second)
				}
				if body := edited.ok(news).body; !strings.Contains(body, "/s/"+c.played) {
					t.Errorf("%s is not played:\n%s", c.played, body)
				}
			})
		})
	}
}
