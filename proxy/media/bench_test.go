package media

import (
	"bytes"
	"io"
	"testing"
)

// BenchmarkWriter compares the shift of a segment with a copy of its bytes.
func BenchmarkWriter(b *testing.B) {
	for name, s := range samples(b) {
		segment := bytes.Repeat(s.segment, 1+(2<<20)/len(s.segment))
		if s.format == MP4 { // of a usual size: some boxes and 2 MiB of media
			segment = append(bytes.Clone(s.segment), mp4Box("mdat", make([]byte, 2<<20))...)
		}
		buffer, sink := make([]byte, 64<<10), struct{ io.Writer }{io.Discard}
		b.Run(name+"/copy", func(b *testing.B) {
			b.SetBytes(int64(len(segment)))
			for b.Loop() {
				_, _ = io.CopyBuffer(sink, struct{ io.Reader }{bytes.NewReader(segment)}, buffer)
			}
		})
		b.Run(name+"/shift", func(b *testing.B) {
			b.SetBytes(int64(len(segment)))
			b.ReportAllocs()
			for b.Loop() {
				w, err := NewWriter(sink, s.format, s.change)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{bytes.NewReader(segment)}, buffer); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
