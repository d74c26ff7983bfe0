package proxy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/onair"
	"vod2live/proxy/problem"
	"vod2live/proxy/schedule"
)

// TestSchedule_SaysWhatWillPlayWithoutItsVODs: days ahead, under its numbers, and the
// same as what is played then.
func TestSchedule_SaysWhatWillPlayWithoutItsVODs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{t: t, files: newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3), vodOf("c", 2, 4), parted("d"))}
		w.publish(wish(t, era(-time.Hour, "", "a b"), era(20*time.Minute, "c d", "b d"), era(26*time.Hour, "d", "a c"), era(80*time.Hour, "", "b")))
		r := w.on()
		w.files.fail("c/master.m3u8", status(404, "")) // and is back before it is played
		before := w.files.count("d/master.m3u8")
		time.Sleep(90 * time.Second)
		foreseen := map[time.Duration]string{}
		for _, at := range []time.Duration{19 * time.Minute, 25*time.Hour + 50*time.Minute, 79*time.Hour + 55*time.Minute} {
			foreseen[at] = r.planned(at)
		}
		if now := w.files.count("d/master.m3u8"); now != before {
			t.Errorf("VODs ahead were requested %d times", now-before)
		}
		w.files.fail("c/master.m3u8", nil)
		for _, at := range []time.Duration{19 * time.Minute, 25*time.Hour + 50*time.Minute, 79*time.Hour + 55*time.Minute} {
			time.Sleep(time.Until(epoch.Add(at + 20*time.Minute)))
			r.ok(news)
			if played := r.planned(at); played != foreseen[at] {
				t.Errorf("foreseen were\n%s\nplayed\n%s", foreseen[at], played)
			}
		}
	})
}

// TestSchedule_AnEditIsForeseenAtOnce: whoever reads the schedule or the guide once a day must not meet one that ends
// where the next era begins.
func TestSchedule_AnEditIsForeseenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{t: t, files: newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3), vodOf("c", 2, 4))}
		w.publish(wish(t, era(-time.Hour, "", "a b"), era(30*time.Minute, "", "b")))
		r := w.on()
		for turn := range 20 {
			begins, loop := 20*time.Minute+time.Duration(turn)*3*time.Minute, []string{"c", "b"}[turn%2]
			o := w.lock(wish(t, era(begins, "", loop)))
			time.Sleep(time.Duration(7*turn) * time.Second) // the looks of the server are not those of its forecasts
			w.put(o)
			for {
				synctest.Wait()
				all, err := r.plays(epoch.Add(begins+5*time.Minute), epoch.Add(begins+6*time.Minute), 100)
				if err != nil {
					t.Fatal(err)
				}
				if len(all) == 0 || all[len(all)-1].End.Before(epoch.Add(begins+6*time.Minute)) {
					t.Fatalf("edit %d: %d plays are known, the last of %+v", turn, len(all), all[max(0, len(all)-1):])
				}
				if all[0].Path == loop+"/master.m3u8" {
					break
				}
				time.Sleep(100 * time.Millisecond)
			}
			time.Sleep(2 * time.Minute)
		}
	})
}

// planned is what plays in ten minutes.
func (r *rig) planned(from time.Duration) string {
	r.t.Helper()
	all, err := r.plays(epoch.Add(from), epoch.Add(from+10*time.Minute), 1000)
	if err != nil {
		r.t.Fatal(err)
	}
	var text []string
	for _, p := range all {
		text = append(text, fmt.Sprint(p.Start.Sub(epoch), p.End.Sub(epoch), p.Path, p.MediaSequence, p.DiscontinuitySequence))
	}
	return strings.Join(text, "\n")
}

// TestSchedule_AnOperatorSeesWhatStandsIn in what plays, and in nothing else.
func TestSchedule_AnOperatorSeesWhatStandsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := scheduled(t)
		w.files.fail("b/master.m3u8", status(404, ""))
		r := w.on()
		all, err := r.plays(time.Now(), time.Now().Add(time.Hour), 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			odd := slices.ContainsFunc(p.Odd, func(p problem.Problem) bool { return p.Code == string(schedule.CodeItemGaps) })
			if odd != (p.Path == "b/master.m3u8") {
				t.Fatalf("%s: %v", p.Path, p.Odd)
			}
		}
	})
}

// TestSchedule_EndsWhereTheNextEraIsNotKnown, before a forecast has it.
func TestSchedule_EndsWhereTheNextEraIsNotKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{t: t, files: newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3))}
		w.publish(wish(t, era(-time.Hour, "", "a b"), era(20*time.Minute, "b", "a"), era(10*24*time.Hour, "", "b")))
		r := w.on()
		time.Sleep(2 * time.Minute)
		for _, days := range []int{1, 9, 12} {
			all, err := r.plays(time.Now(), time.Now().AddDate(0, 0, days), 1_000_000)
			if err != nil {
				t.Fatal(err)
			}
			want := min(time.Duration(days)*24*time.Hour, 10*24*time.Hour)
			if end := all[len(all)-1].End.Sub(epoch); end < want-time.Minute || end > want+5*time.Minute {
				t.Errorf("of %d days plays are known until %s", days, end)
			}
		}
	})
}

// plays are those of the channel news between two instants, at most so many.
func (r *rig) plays(from, to time.Time, most int) ([]onair.Play, error) {
	s, err := r.station.Schedule("news", from, to, most)
	if err != nil {
		return nil, err
	}
	return s.Plays, nil
}
