package media

import (
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// exact is the offset by numbers without bounds.
func exact(o Offset, timescale uint32) *big.Int {
	t := new(big.Int).SetUint64(uint64(timescale))
	floor := func(n int64, per int64) *big.Int {
		product := new(big.Int).Mul(big.NewInt(n), t)
		return product.Div(product, big.NewInt(per))
	}
	sum := new(big.Int).Add(floor(int64(o.Place), int64(time.Second)), new(big.Int).Mul(big.NewInt(10), t))
	return sum.Sub(sum, floor(o.Start, int64(o.Timescale)))
}

func TestOffset_IsExactToATickAtLoopOneMillion(t *testing.T) {
	for _, length := range []time.Duration{6_006_000_000, 8_021_333_334, 7_999_999_999, 5_400_000_000_001} {
		o := Offset{Place: 1_000_000 * length, Start: 36_000*90_000 + 7, Timescale: 90_000}
		for _, timescale := range []uint32{90_000, 48_000, 44_100, 30_000, 1, 10_000_000} {
			got, fits := o.Ticks(timescale)
			if want := exact(o, timescale); !fits || want.Cmp(big.NewInt(got)) != 0 {
				t.Errorf("Ticks(%d) of loop 1,000,000 of %v = %d, want %v", timescale, length, got, want)
			}
		}
	}
}

func TestOffset_IsExactOrSaysThatItDoesNotFit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	told := 0
	for range 20_000 {
		o := Offset{time.Duration(r.Int64() >> r.IntN(63)), r.Int64() >> r.IntN(63), max(1, r.Uint32()>>r.IntN(32))}
		timescale := max(1, r.Uint32()>>r.IntN(32))
		got, fits := o.Ticks(timescale)
		if !fits {
			continue
		}
		told++
		if want := exact(o, timescale); want.Cmp(big.NewInt(got)) != 0 {
			t.Fatalf("%+v.Ticks(%d) = %d, want %v", o, timescale, got, want)
		}
	}
	if told < 10_000 {
		t.Errorf("%d of 20,000 offsets were told", told)
	}
}

func TestDuration_GivesTheTicksBack(t *testing.T) {
	for _, timescale := range []uint32{90_000, 48_000, 44_100, 30_000, 1000, 600} {
		for ticks := int64(0); ticks < 12*3600*int64(timescale); ticks = ticks*3 + 1 {
			d, _ := Duration(ticks, timescale)
			if back, _ := scale(int64(d), timescale, uint64(time.Second)); back != ticks {
				t.Errorf("%d ticks of %d last %v, which are %d ticks", ticks, timescale, d, back)
			}
		}
	}
}

func TestOffset_FitsTellsWhatTwelveHoursOverflow(t *testing.T) {
	half := 12 * time.Hour
	for name, c := range map[string]struct {
		track  Track
		format Format
		place  time.Duration
		want   bool
	}{
		"90 kHz in 32 bits":                {Track{Timescale: 90_000, Narrow: true}, MP4, half, true},
		"100 kHz in 32 bits":               {Track{Timescale: 100_000, Narrow: true}, MP4, half, false},
		"10 MHz in 32 bits, a short loop":  {Track{Timescale: 10_000_000, Narrow: true}, MP4, 100 * time.Second, true},
		"10 MHz in 64 bits":                {Track{Timescale: 10_000_000}, MP4, half, true},
		"begins 11 s before the reference": {Track{Timescale: 90_000, Begin: 0}, MP4, half, true},
		"TS":                               {Track{Timescale: 90_000, Begin: Wrap - 1}, TS, half, true},
	} {
		if got := (Offset{c.place, 0, 90_000}).Fits(&c.track, c.format); got != c.want {
			t.Errorf("%s: fits is %v, want %v", name, got, c.want)
		}
	}
	late := Offset{half, 11 * 90_000, 90_000}
	if late.Fits(&Track{Timescale: 48_000}, MP4) {
		t.Error("a track 11 s before the reference would begin before 0, and fits")
	}
}

func TestLength_UnwrapsAndCountsWholeFrames(t *testing.T) {
	frame := Ratio{1024, 44100}
	first := Track{Timescale: Clock, Begin: Wrap - 10}
	last := Track{Timescale: Clock, End: ticksOf(frame, 345) - 10, Exact: frame}
	got, ok := Length(&first, &last, TS, 8*time.Second)
	if want, _ := frame.times(345); !ok || got != want {
		t.Errorf("the length over the wrap is %v, want 345 frames: %v", got, want)
	}
	if got, _ = Length(&first, &last, TS, 95_451*time.Second); got < 95_440*time.Second {
		t.Errorf("the length of a VOD of 26 h and a half is %v", got)
	}
	if got, ok = Length(&Track{Timescale: 30_000, Begin: 9}, &Track{Timescale: 30_000, End: 90_099}, MP4, 0); got != 3003*time.Millisecond || !ok {
		t.Errorf("the length of MP4 is %v, want 3.003s", got)
	}
	if got, ok = Length(&Track{Timescale: 48_000, Codec: "mp4a", Frame: 1024}, &Track{Timescale: 48_000, Codec: "mp4a", End: 1024*374 + 3, Final: 3}, MP4, 0); got != 8*time.Second || !ok {
		t.Errorf("the length of 375 frames of AAC whose last one is cut off is %v, want 8s", got)
	}
	if got, ok = Length(&Track{Timescale: 30_000, Begin: 9}, &Track{Timescale: 30_000, End: 8}, MP4, 0); ok {
		t.Errorf("a VOD that ends before it begins is %v long", got)
	}
}
