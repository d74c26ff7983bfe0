package schedule

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// full is an object with as many eras as its bytes hold, each of one item of 16 segments.
func full() (text []byte, eras int) {
	var b strings.Builder
	b.WriteString(`{"vod2live":1,"channel":"news","target_duration":4,"model":"live/a/master.m3u8","eras":[`)
	for ; ; eras++ {
		e := fmt.Sprintf(`{"at":%q,"starts":%[1]q,"numbers":{"media":[%d,%[2]d],"discontinuity":%d},"loop":[{"vod":"live/a/master.m3u8","sum":"9f2c00000000000a","stretches":[{"length":"64","segments":[16,16]}]}]}`,
			hour(eras).Format(time.RFC3339), 16*eras, eras)
		if b.Len()+len(e)+3 > MaxObject {
			break
		}
		if eras > 0 {
			b.WriteByte(',')
		}
		b.WriteString(e)
	}
	b.WriteString("]}")
	return []byte(b.String()), eras
}

// TestRead_AllocatesInProportion to the eras of an object: a bounded number for each.
func TestRead_AllocatesInProportion(t *testing.T) {
	text, eras := full()
	if eras < 8_000 {
		t.Fatalf("%d bytes hold %d eras", MaxObject, eras)
	}
	n := testing.AllocsPerRun(1, func() {
		if _, err := Read("o", text); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%d eras of %d bytes: %.1f allocations each", eras, len(text), n/float64(eras))
	if most := 175.0; n/float64(eras) > most {
		t.Errorf("%.1f allocations for each of %d eras, want at most %g", n/float64(eras), eras, most)
	}
}

func BenchmarkRead(b *testing.B) {
	text, eras := full()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var o *Object
	for b.Loop() {
		var err error
		if o, err = Read("o", text); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/float64(eras), "held-B/era")
	runtime.KeepAlive(o)
}
