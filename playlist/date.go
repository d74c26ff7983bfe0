package playlist

import (
	"strconv"
	"time"
)

// dateWriter writes instants in the format of EXT-X-PROGRAM-DATE-TIME: UTC, whole
// milliseconds, floored. It caches the previous text, as usually only the seconds
// change from one segment to the next. Years have four digits. It is for one
// goroutine at a time.
type dateWriter struct {
	minute int64 // since 1970, of the text
	text   [len(dateLayout)]byte
}

const (
	dateLayout = "2006-01-02T15:04:05.000Z"
	minuteLong = 60_000 // milliseconds
	dayLong    = 1440   // minutes
)

func (w *dateWriter) append(dst []byte, t time.Time) []byte {
	ms := t.UnixMilli()
	minute := ms / minuteLong
	if ms -= minute * minuteLong; ms < 0 { // before 1970, as a date range can be
		minute--
		ms += minuteLong
	}
	if minute != w.minute || w.text[0] == 0 {
		w.turn(minute)
	}
	s := ms / 1000
	ms -= s * 1000
	put(w.text[17:19], s)
	w.text[20] = digit(ms / 100)
	put(w.text[21:23], ms%100)
	return append(dst, w.text[:]...)
}

// turn writes all but the seconds.
func (w *dateWriter) turn(minute int64) {
	if w.text[0] == 0 || min(minute, w.minute) < 0 || minute/dayLong != w.minute/dayLong {
		copy(w.text[:], dateLayout) // for the text after the seconds
		time.Unix(minute*60, 0).UTC().AppendFormat(w.text[:0], "2006-01-02T15:04")
	}
	w.minute = minute
	if minute >= 0 {
		put(w.text[11:13], minute/60%24)
		put(w.text[14:16], minute%60)
	}
}

// put writes a number of two digits.
func put(at []byte, n int64) { at[0], at[1] = digit(n/10), digit(n%10) }

func digit(n int64) byte { return '0' + byte(n) }

func appendInt(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }
