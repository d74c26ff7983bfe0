package proxy

import (
	"fmt"
	"path"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/loop"
	"vod2live/proxy/onair"
)

// broken is an item with its folder as title and breaks, see interrupted.
func broken(folder string, seconds int, at ...int) onair.Item {
	i := interrupted(folder, seconds, at...)
	i.Title = folder
	return i
}

// interruptedNights is a channel with breaks inside of items and behind them, some longer
// than ten minutes, and another list an hour after the epoch and more.
func interruptedNights(c *Config) {
	playing(
		onair.Era{At: epoch.Add(-time.Hour), Loop: append(titled("c"), broken("a", 40, 61, 121), broken("b", 45))},
		onair.Era{At: epoch.Add(30 * time.Minute), Wait: time.Minute, Play: []onair.Item{broken("c", 720, 90, 200), broken("b", 660)}, Loop: []onair.Item{broken("a", 60, 70)}},
		onair.Era{At: epoch.Add(3 * time.Hour), Loop: titled("b a")},
	)(c)
	one := &c.Channels[0]
	one.Target, one.Title = 60*time.Second, "News, all day"
}

var interruptedVODs = []map[string]string{vodOf("a", 60, 60, 60, 60, 30), vodOf("b", 60, 60, 60, 5), vodOf("c", 60, 60, 60, 60, 60, 60), vodOf("s", 20)}

// TestGuide_BreaksArePartOfTheirProgramme, second by second: those inside of an item
// however long they are, and short ones behind it.
func TestGuide_BreaksArePartOfTheirProgramme(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(interruptedVODs...), interruptedNights, guided)
		<-r.station.Tried()
		time.Sleep(time.Minute) // until it knows what follows
		all := r.programmes(t)
		begin, _ := all[0].times(t)
		viewer, titles, before := r.aired(t), map[string]int{}, ""
		viewer.watchEvery(2*time.Hour, 30*time.Second)
		numbers := make([]int64, 0, len(viewer.seen))
		for number := range viewer.seen {
			numbers = append(numbers, number)
		}
		slices.Sort(numbers)
		for _, number := range numbers {
			s := viewer.seen[number]
			folder := path.Base(path.Dir(s.uri))
			for at := theLater(s.start, begin).Add(time.Second - 1).Truncate(time.Second); at.Before(s.end()); at = at.Add(time.Second) {
				title := titleAt(t, all, at)
				if folder != "s" && title != folder || folder == "s" && before != "" && title != before && title != "News, all day" {
					t.Fatalf("at %s %s is on air after %s, the guide says %q", at, folder, before, title)
				}
				titles[folder+" "+title]++
			}
			if folder != "s" {
				before = folder
			}
		}
		t.Log(titles)
		if titles["s a"] == 0 || titles["s b"] == 0 || titles["s c"] < 2*700 || titles["s News, all day"] < 600 || titles["s News, all day"] > 700 {
			t.Errorf("seconds: %v", titles)
		}
	})
}

// TestSchedule_IsForeseenAsItIsPlayed: numbers, parts and breaks too, of eras whose items
// are not loaded yet.
func TestSchedule_IsForeseenAsItIsPlayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(interruptedVODs...), interruptedNights, guided)
		<-r.station.Tried()
		time.Sleep(time.Minute)
		schedule := func() *onair.Schedule {
			all, err := r.station.Schedule("news", epoch, epoch.Add(4*time.Hour), 10_000)
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		foreseen := schedule()
		time.Sleep(5 * time.Hour)
		played := schedule()
		if a, b := asSeen(foreseen), asSeen(played); !slices.Equal(a, b) {
			t.Errorf("foreseen were\n%v\nplayed\n%v", a, b)
		}
		if !slices.EqualFunc(foreseen.Breaks, played.Breaks, sameAired) || len(played.Breaks) < 20 {
			t.Errorf("foreseen were\n%v\nplayed\n%v", foreseen.Breaks, played.Breaks)
		}
	})
}

func theLater(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// asSeen are plays as far as viewers see them.
func asSeen(s *onair.Schedule) (all []string) {
	for _, p := range s.Plays {
		broken := p.Break != nil
		all = append(all, fmt.Sprintln(p.Start, p.End, p.Path, p.Title, p.Entry, p.Joined, broken, p.MediaSequence, p.DiscontinuitySequence))
	}
	return all
}

func sameAired(a, b loop.Aired) bool {
	return a.Start.Equal(b.Start) && a.End.Equal(b.End) && a.Length == b.Length
}

// TestSchedule_PagesAreTheWhole: each begins where the one before ends, and none has more
// plays or breaks than it may.
func TestSchedule_PagesAreTheWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(interruptedVODs...), interruptedNights, func(c *Config) {
			marks := onair.Breaks{Every: 60 * time.Second, Between: true}
			marks.Interstitial = true
			for n := range c.Channels[0].Eras[0].Loop {
				i := &c.Channels[0].Eras[0].Loop[n]
				if i.Title == "c" {
					i.Clip = i.WithBreaks(marks)
				}
			}
		})
		<-r.station.Tried()
		from, to := epoch.Add(7*time.Second), epoch.Add(29*time.Minute)
		whole, err := r.station.Schedule("news", from, to, 10_000)
		if err != nil || whole.More {
			t.Fatalf("%+v, %v", whole, err)
		}
		var plays []string
		var breaks []loop.Aired
		pages := 0
		for more := true; more; pages++ {
			page, err := r.station.Schedule("news", from, to, 8)
			if err != nil || len(page.Plays) > 8 || len(page.Breaks) > 8 || len(page.Plays) == 0 {
				t.Fatalf("%+v, %v", page, err)
			}
			plays, breaks = append(plays, asSeen(page)...), append(breaks, page.Breaks...)
			from, more = page.Plays[len(page.Plays)-1].End, page.More
		}
		if !slices.Equal(plays, asSeen(whole)) {
			t.Errorf("pages have the plays\n%v\nthe whole\n%v", plays, asSeen(whole))
		}
		if !slices.EqualFunc(breaks, whole.Breaks, sameAired) {
			t.Errorf("pages have the breaks\n%v\nthe whole\n%v", breaks, whole.Breaks)
		}
		if marks := slices.DeleteFunc(slices.Clone(breaks), func(b loop.Aired) bool { return b.Length > 0 }); pages < 3 || len(marks) < 8 || len(marks) == len(breaks) {
			t.Errorf("%d pages with %d breaks, of them %d marks", pages, len(breaks), len(marks))
		}
	})
}
