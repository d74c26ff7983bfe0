package playlist

import (
	"strconv"
	"strings"
	"time"
)

// maxDuration of one segment that is read; more is refused by package loop.
const maxDuration = 1_000_000 * time.Second

// maxNumber is how long a number may be to be served as the VOD has it: no player
// reads more of one, and every window would repeat it.
const maxNumber = 32

// parseDuration reads the seconds of an EXTINF exactly, to the ninth decimal
// digit. Exponents, signs, NaN and the like are no durations.
func parseDuration(text string) (time.Duration, bool) {
	whole, fraction, _ := strings.Cut(strings.TrimSpace(text), ".")
	if !digits(whole) || !digits(fraction) || whole+fraction == "" {
		return 0, false
	}
	whole = strings.TrimLeft(whole, "0")
	if len(whole) > 7 {
		return maxDuration, true
	}
	seconds, _ := strconv.Atoi("0" + whole)
	nanos, _ := strconv.Atoi((fraction + "000000000")[:9])
	return min(time.Duration(seconds)*time.Second+time.Duration(nanos), maxDuration), true
}

func digits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// appendSeconds writes a duration as seconds with all digits that it needs, at
// least three decimals.
func appendSeconds(dst []byte, d time.Duration) []byte {
	dst = strconv.AppendInt(dst, int64(d/time.Second), 10)
	dst = append(dst, '.')
	digits := strconv.AppendInt(nil, int64(d%time.Second+time.Second), 10)[1:]
	for len(digits) > 3 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return append(dst, digits...)
}
