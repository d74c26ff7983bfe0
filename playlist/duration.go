package playlist

import (
	"strconv"
	"strings"
	"time"
)

// maxDuration is the largest duration that is read; package loop refuses
// shorter ones already.
const maxDuration = 1_000_000 * time.Second

// maxNumber is the length of the longest number that is served as the VOD has it: no
// player needs more digits, and every window would repeat them.
const maxNumber = 32

// parseDuration reads the seconds of an EXTINF exactly, to the ninth decimal
// digit; negative ones are zero. NaN, hexadecimal digits and the like are not
// durations.
func parseDuration(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	negative := strings.HasPrefix(text, "-")
	if negative || strings.HasPrefix(text, "+") {
		text = text[1:]
	}
	text, exponent, scientific := strings.Cut(strings.ToLower(text), "e")
	whole, fraction, _ := strings.Cut(text, ".")
	if !digits(whole) || !digits(fraction) || whole == "" && fraction == "" {
		return 0, false
	}
	if scientific {
		var ok bool
		if whole, fraction, ok = movePoint(whole, fraction, exponent); !ok {
			return 0, false
		}
	}
	if negative {
		return 0, true
	}
	whole = strings.TrimLeft(whole, "0")
	if len(whole) > 7 {
		return maxDuration, true
	}
	return min(time.Duration(padded(whole, len(whole)))*time.Second+time.Duration(padded(fraction, 9)), maxDuration), true
}

// padded is the number of the first n digits, with zeros behind them where there are fewer.
func padded(digits string, n int) (number int64) {
	for i := range n {
		number *= 10
		if i < len(digits) {
			number += int64(digits[i] - '0')
		}
	}
	return number
}

// movePoint moves the decimal point of a number by an exponent of ten.
func movePoint(whole, fraction, exponent string) (string, string, bool) {
	size := strings.TrimLeft(exponent, "+-")
	if len(exponent)-len(size) > 1 || size == "" || !digits(size) {
		return "", "", false
	}
	by := most // enough digits to matter
	if size = strings.TrimLeft(size, "0"); len(size) < len("1000") {
		by, _ = strconv.Atoi("0" + size)
	}
	if strings.HasPrefix(exponent, "-") {
		zeros := strings.Repeat("0", max(by-len(whole), 0))
		whole = zeros + whole
		return whole[:len(whole)-by], whole[len(whole)-by:] + fraction, true
	}
	fraction += strings.Repeat("0", max(by-len(fraction), 0))
	return whole + fraction[:by], fraction[by:], true
}

// most is the largest exponent that is looked at.
const most = 1000

// isPlainNumber reports whether all players can read a duration: it has plain digits,
// and not too many.
func isPlainNumber(duration string) bool {
	return len(duration) <= maxNumber && strings.Trim(duration, "0123456789.") == ""
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// appendSeconds writes a duration as seconds, exactly, with at least three decimals.
func appendSeconds(dst []byte, d time.Duration) []byte {
	dst = strconv.AppendInt(dst, int64(d/time.Second), 10)
	dst = append(dst, '.')
	digits := strconv.AppendInt(nil, int64(d%time.Second+time.Second), 10)[1:]
	for len(digits) > 3 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return append(dst, digits...)
}
