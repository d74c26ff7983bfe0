package loop

import (
	"testing"
	"time"
)

// manyEras is a timeline of a loop of items that is begun anew again and again.
func manyEras(t testing.TB, eras int) *Timeline {
	t.Helper()
	items := make([]*Item, 48)
	vod, err := Lay([]Rendition{evenly(300, 6*second, false)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for x := range items {
		items[x] = NewItem(vod, x)
	}
	plans := make([]Plan, eras)
	for n := range plans {
		plans[n] = Plan{At: epoch.Add(time.Duration(n) * 47 * time.Minute), Loop: items}
	}
	line, err := NewTimeline(epoch, time.Minute, plans...)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// TestTimeline_TouchesFewOfManyEras: of 20,000 eras, about two years of changes
// each 47 minutes, a window needs those that binary searches for three
// adjacent eras come by. All others are taken away; one that is touched all the
// same ends the test.
func TestTimeline_TouchesFewOfManyEras(t *testing.T) {
	line := manyEras(t, 20_000)
	at := epoch.Add(10_000*47*time.Minute + time.Minute)
	want, err := line.Window(0, at)
	if err != nil {
		t.Fatal(err)
	}
	few := *line
	few.eras = make([]*era, len(line.eras))
	for on := 9_999; on <= 10_001; on++ {
		for low, high := 0, len(line.eras)-1; low < high; {
			middle := (low + high) / 2
			few.eras[middle+1] = line.eras[middle+1]
			if middle+1 > on {
				high = middle
			} else {
				low = middle + 1
			}
		}
		few.eras[on] = line.eras[on]
	}
	few.eras[0] = line.eras[0] // the stream's beginning
	left := 0
	for _, e := range few.eras {
		if e != nil {
			left++
		}
	}
	if got, err := few.Window(0, at); err != nil || got != want || left > 3*16+1 {
		t.Errorf("Window with %d eras of %d: %+v, %v, want %+v", left, len(few.eras), got, err, want)
	}
	if got, want := few.Run(0, want.First), line.Run(0, want.First); got != want {
		t.Errorf("Run: %+v, want %+v", got, want)
	}
}

func TestTimeline_WindowsAndRunsAllocateNothing(t *testing.T) {
	line := manyEras(t, 100)
	at := epoch.Add(40 * time.Hour)
	if n := testing.AllocsPerRun(100, func() {
		w, _ := line.Window(0, at)
		for number := w.First; number < w.End; {
			r := line.Run(0, number)
			number += r.Len()
		}
	}); n != 0 {
		t.Errorf("a window allocates %v times", n)
	}
}

func BenchmarkTimeline(b *testing.B) {
	for name, eras := range map[string]int{"one era": 1, "10000 eras": 10_000} {
		line := manyEras(b, eras)
		at := epoch.Add(123456789 * time.Second / 10)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w, _ := line.Window(0, at)
				_ = line.Run(0, w.First)
			}
		})
	}
}
