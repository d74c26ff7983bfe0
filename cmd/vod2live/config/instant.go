package config

import "time"

// Instant is a point in time as RFC 3339 writes it.
func Instant(to *time.Time) Value {
	return Value{Unit: "INSTANT", schema: schema{"type": "string"}, set: func(text string) error {
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return &invalid{"not an instant such as 2026-01-01T00:00:00Z", instantMeant(text)}
		}
		*to = t
		return nil
	}}
}

// instantMeant guesses an instant: missing parts are the earliest, and UTC.
func instantMeant(text string) string {
	for _, layout := range []string{"2006", "2006-01", "2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Format(time.RFC3339)
		}
	}
	return ""
}

// Epoch is an instant at which streams may have begun.
func Epoch(to *time.Time) Value {
	var t time.Time
	v := Instant(&t)
	parse := v.set
	v.set = func(text string) error {
		if err := parse(text); err != nil {
			return err
		}
		switch {
		case t.Year() < 1970:
			return &invalid{text: "too early: the earliest epoch is 1970-01-01T00:00:00Z"}
		case t.After(time.Now()):
			return &invalid{text: "in the future; streams must have begun"}
		}
		*to = t
		return nil
	}
	return v
}
