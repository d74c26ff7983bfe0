package schedule

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// integer reads a whole number from 0 on.
func (r *reader) integer(to *int64) bool { return r.whole(r.token(), to) }

// orNull reads a whole number, or null, which leaves it.
func (r *reader) orNull(to *int64) bool {
	t := r.token()
	return t == nil || r.whole(t, to)
}

func (r *reader) whole(t json.Token, to *int64) bool {
	at := r.at
	text, is := t.(json.Number)
	n, err := strconv.ParseInt(text.String(), 10, 64)
	if !is || err != nil || n < 0 || n >= maxNumber {
		r.mistake(at, "%sa whole number is needed here, from 0 to 2^62", r.what())
		r.rest(t)
		return false
	}
	*to = n
	return true
}

// duration reads text such as "1h32m", or a number of seconds, and returns where it is;
// below 0: it is none.
func (r *reader) duration(to *time.Duration) int {
	t := r.token()
	at := r.at
	var d time.Duration
	ok := false
	switch v := t.(type) {
	case json.Number:
		d, ok = seconds(v.String())
	case string:
		var err error
		d, err = time.ParseDuration(v)
		ok = err == nil && d >= 0
	}
	if !ok {
		r.mistake(at, "%sa duration is needed here, such as \"1h32m\", or a number of seconds", r.what())
		r.rest(t)
		return -1
	}
	*to = d
	return at
}

// between reads a duration with bounds; a most of 0 is none.
func (r *reader) between(to *time.Duration, least, most time.Duration) {
	at := r.duration(to)
	switch {
	case at < 0:
	case *to < least:
		r.mistake(at, "%stoo short: at least %s", r.what(), least)
	case *to > most && most > 0:
		r.mistake(at, "%stoo long: at most %s", r.what(), most)
	}
}

// seconds reads decimal seconds, to the nanosecond.
func seconds(text string) (d time.Duration, ok bool) {
	whole, fraction, point := strings.Cut(text, ".")
	if len(whole) == 0 || len(whole) > 9 || len(fraction) > 9 || point && fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, false
	}
	n, _ := strconv.ParseInt(whole+(fraction + "000000000")[:9], 10, 64) // 18 digits
	return time.Duration(n), true
}

// short is text for a message.
func short(text string) string {
	const most = 64
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
