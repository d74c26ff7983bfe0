// Package wire writes instants and durations as the operator's API and check do.
package wire

import (
	"strconv"
	"time"
)

// Instant is a point in time as the operator's API writes it: RFC 3339, UTC,
// milliseconds.
type Instant time.Time

// MarshalJSON writes the zero value as null.
func (i Instant) MarshalJSON() ([]byte, error) {
	t := time.Time(i)
	if t.IsZero() {
		return []byte("null"), nil
	}
	return t.UTC().AppendFormat(nil, `"2006-01-02T15:04:05.000Z"`), nil
}

// Seconds is a duration, or a position in media, as the operator's API writes
// it.
type Seconds time.Duration

// MarshalJSON writes a number.
func (s Seconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, time.Duration(s).Seconds(), 'f', -1, 64), nil
}
