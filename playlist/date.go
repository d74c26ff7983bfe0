package playlist

import (
	"strconv"
	"time"
)

// dateWriter writes instants as EXT-X-PROGRAM-DATE-TIME has them: UTC, whole
// milliseconds, floored. It keeps the text of the day it wrote last. It serves
// years of four digits, one goroutine at a time.
type dateWriter struct {
	day  int64
	text [len("2006-01-02T")]byte
}

func (w *dateWriter) append(dst []byte, t time.Time) []byte {
	const dayLength = 86_400_000
	ms := t.UnixMilli()
	day := ms / dayLength
	if ms -= day * dayLength; ms < 0 { // before 1970, as a date range can be
		day--
		ms += dayLength
	}
	if day != w.day || w.text[0] == 0 {
		w.day = day
		time.Unix(day*86400, 0).UTC().AppendFormat(w.text[:0], "2006-01-02T")
	}
	s := ms / 1000
	ms %= 1000
	h, m, s := s/3600, s/60%60, s%60
	dst = append(dst, w.text[:]...)
	return append(dst,
		digit(h/10), digit(h), ':', digit(m/10), digit(m), ':', digit(s/10), digit(s), '.',
		digit(ms/100), digit(ms/10), digit(ms), 'Z')
}

func digit(n int64) byte { return '0' + byte(n%10) }

func appendInt(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }
