package playlist

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/grafov/m3u8"
)

// longVOD is the text of a VOD with n segments of 6 s.
func longVOD(n int, line string) []byte {
	var b strings.Builder
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n")
	for i := range n {
		if i == 0 || strings.Contains(line, "%d") {
			b.WriteString(strings.ReplaceAll(line, "%d", fmt.Sprint(i)))
		}
		fmt.Fprintf(&b, "#EXTINF:6.006,\n720p/segment_%05d.ts\n", i)
	}
	return []byte(b.String() + "#EXT-X-ENDLIST\n")
}

func liveOf(t testing.TB, body []byte, window time.Duration) *Live {
	t.Helper()
	m, err := DecodeMedia(body, origin, nil)
	if err != nil {
		t.Fatal(err)
	}
	live, err := NewLive(nil, []*Media{m}, mirror{single: true}, Options{Window: window, Epoch: epoch})
	if err != nil {
		t.Fatal(err)
	}
	return live
}

// kinds of VOD whose windows are measured.
var kinds = map[string]string{
	"plain":      "",
	"encrypted":  "#EXT-X-KEY:METHOD=AES-128,URI=\"key.bin\"\n",
	"dateranges": "#EXT-X-DATERANGE:ID=\"%d\",START-DATE=\"2020-01-01T00:00:00Z\",DURATION=2.5\n",
}

func TestAppendMedia_AllocatesNothingInALargeEnoughBuffer(t *testing.T) {
	for name, line := range kinds {
		live := liveOf(t, longVOD(100, line), 10*time.Minute)
		w, err := live.Timeline.Window(0, epoch.Add(12345*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		buffer := live.AppendMedia(nil, 0, w)
		if n := testing.AllocsPerRun(100, func() { buffer = live.AppendMedia(buffer[:0], 0, w) }); n != 0 {
			t.Errorf("%s: AppendMedia allocates %v times, want 0", name, n)
		}
	}
}

func BenchmarkAppendMedia(b *testing.B) {
	for _, segments := range []int{10, 1000} {
		for name, line := range kinds {
			b.Run(fmt.Sprintf("%d/%s", segments, name), func(b *testing.B) {
				live := liveOf(b, longVOD(1200, line), time.Duration(segments)*6006*time.Millisecond)
				w, err := live.Timeline.Window(0, epoch.Add(1_000_000*time.Second))
				if err != nil || w.End-w.First != int64(segments) {
					b.Fatalf("%d segments, %v", w.End-w.First, err)
				}
				buffer := live.AppendMedia(nil, 0, w)
				b.SetBytes(int64(len(buffer)))
				b.ReportAllocs()
				defer reportCPU(b)()
				for b.Loop() {
					buffer = live.AppendMedia(buffer[:0], 0, w)
				}
			})
		}
	}
}

// BenchmarkNewLive makes a VOD of 1,200 segments ready, from its bytes on.
func BenchmarkNewLive(b *testing.B) {
	for name, line := range kinds {
		b.Run(name, func(b *testing.B) {
			body := longVOD(1200, line)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			defer reportCPU(b)()
			for b.Loop() {
				liveOf(b, body, time.Minute)
			}
		})
	}
}

// BenchmarkGrafov decodes the same text with github.com/grafov/m3u8, and does nothing else.
func BenchmarkGrafov(b *testing.B) {
	body := longVOD(1200, "")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	defer reportCPU(b)()
	for b.Loop() {
		if _, _, err := m3u8.DecodeFrom(bytes.NewReader(body), false); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMemory tells what a loaded VOD keeps for each segment, and what it says it keeps.
func BenchmarkMemory(b *testing.B) {
	for name, line := range kinds {
		b.Run(name, func(b *testing.B) {
			const segments, copies = 1200, 20
			body := longVOD(segments, line)
			var lives []*Live
			for b.Loop() {
				lives = make([]*Live, copies)
				before := heap()
				for i := range lives {
					lives[i] = liveOf(b, body, time.Minute)
				}
				b.ReportMetric(float64(heap()-before)/segments/copies, "B/segment")
			}
			b.ReportMetric(float64(lives[0].Bytes())/segments, "said-B/segment")
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
