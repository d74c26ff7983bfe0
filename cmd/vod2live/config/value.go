package config

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"vod2live/proxy/schedule"
)

// Value reads the text of a setting, wherever it is given.
type Value struct {
	Unit   string // its placeholder in help; empty: a switch, which takes no value
	Secret bool   // its text is never shown
	schema schema
	set    func(text string) error // leaves the setting as it is if the text is invalid
	clear  func()                  // sets the zero value; nil: the setting has a default
}

// read sets a value from a source that calls the setting name. written is the
// text to show: the file may name a variable whose value is secret.
func (v Value) read(name, text, written string) error {
	err := v.set(text)
	if err == nil {
		return nil
	}
	if bad, is := errors.AsType[*invalid](err); is && text != written {
		err = &invalid{text: bad.text} // the suggestion contains the text
	}
	return fmt.Errorf("%s: %w", v.shown(name, written), err)
}

func (v Value) shown(name, written string) string {
	if v.Secret {
		return name
	}
	return fmt.Sprintf("%s %q", name, written)
}

func zero[T any](to *T) func() {
	return func() {
		var none T
		*to = none
	}
}

// Text is any text.
func Text(to *string, unit string) Value {
	return Value{Unit: unit, schema: schema{"type": "string"}, clear: zero(to), set: func(text string) error {
		*to = text
		return nil
	}}
}

// Line is one line of text.
func Line(to *string) Value {
	v := Text(to, "")
	v.set = func(text string) error {
		if err := schedule.CheckLine(text); err != nil {
			return &invalid{text: err.Error()}
		}
		*to = text
		return nil
	}
	return v
}

// Switch is true or false.
func Switch(to *bool) Value {
	return Value{schema: schema{"type": "boolean"}.orVariable(), set: func(text string) error {
		if text != "true" && text != "false" {
			return &invalid{text: "not true or false"}
		}
		*to = text == "true"
		return nil
	}}
}

// OneOf is one of some words.
func OneOf(to *string, words ...string) Value {
	return Value{Unit: "WORD", schema: schema{"enum": words}.orVariable(), clear: zero(to), set: func(text string) error {
		text = strings.ToLower(text)
		if !slices.Contains(words, text) {
			return &invalid{"not one of " + strings.Join(words, ", "), Suggest(text, words)}
		}
		*to = text
		return nil
	}}
}

// Count is a whole number with a minimum.
func Count(to *int, least int) Value {
	return Value{Unit: "N", schema: schema{"type": "integer", "minimum": least}.orVariable(), clear: zero(to), set: func(text string) error {
		n, err := strconv.Atoi(text)
		switch {
		case err != nil:
			return &invalid{text: "not a whole number"}
		case n < least:
			return &invalid{text: "too small: at least " + strconv.Itoa(least)}
		}
		*to = n
		return nil
	}}
}

// Address is HOST:PORT or :PORT, to listen on.
func Address(to *string) Value {
	return Value{Unit: "ADDRESS", schema: schema{"type": "string"}, set: func(text string) error {
		if err := checkAddress(text); err != nil {
			return err
		}
		*to = text
		return nil
	}}
}

func checkAddress(text string) error {
	wrong := &invalid{text: "not an address such as 127.0.0.1:8080 or :8080"}
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		if n, err := strconv.ParseUint(text, 10, 16); err == nil {
			wrong.meant = ":" + strconv.FormatUint(n, 10)
		}
		return wrong
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return &invalid{text: "not a port: a number up to 65535 stands after the last colon"}
	}
	return nil
}

// Duration has a minimum and a maximum; a maximum of 0 is none.
func Duration(to *time.Duration, least, most time.Duration) Value {
	form := schema{"type": []string{"string", "integer"}, "maximum": 0, "pattern": `^[0-9.]+(ns|us|µs|ms|s|m|h)([0-9.]+(ns|us|µs|ms|s|m|h))*$|^0$|\$\{`}
	return Value{Unit: "DURATION", schema: form, set: func(text string) error {
		d, err := time.ParseDuration(text)
		switch {
		case err != nil:
			return notDuration(text, most)
		case d < 0:
			return &invalid{text: "a negative duration"}
		case d < least:
			return &invalid{text: "too short: at least " + shortly(least)}
		case d > most && most > 0:
			return &invalid{text: "too long: at most " + shortly(most)}
		}
		*to = d
		return nil
	}}
}

// notDuration suggests a duration only if that is possible.
func notDuration(text string, most time.Duration) error {
	wrong := &invalid{"not a duration such as 60s, 10m or 1h30m", durationMeant(text)}
	if d, err := time.ParseDuration(wrong.meant); err == nil && d > most && most > 0 {
		wrong.text, wrong.meant = wrong.text+", at most "+shortly(most), ""
	}
	return wrong
}

// durationMeant guesses: a number without a unit is seconds.
func durationMeant(text string) string {
	text = strings.ReplaceAll(text, " ", "")
	number, unit := text, strings.TrimLeft(text, "0123456789")
	number = number[:len(number)-len(unit)]
	n, err := strconv.Atoi(number)
	if err != nil || n > 1e6 {
		return ""
	}
	switch strings.ToLower(unit) {
	case "", "s", "sec", "secs", "second", "seconds":
		return number + "s"
	case "min", "mins", "minute", "minutes":
		return number + "m"
	case "hour", "hours":
		return number + "h"
	case "d", "day", "days":
		return strconv.Itoa(24*n) + "h"
	}
	return ""
}

// shortly writes a duration as people do: 24h.
func shortly(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// MaxDVR is how far back addresses may go at most.
const MaxDVR = 14 * 24 * time.Hour

// DVR is how far back addresses may go; 0: they may not.
func DVR(to *time.Duration) Value { return Duration(to, 0, MaxDVR) }

// OwnDVR is that of a channel, nil unless it is given.
func OwnDVR(to **time.Duration) Value {
	var d time.Duration
	v := DVR(&d)
	return Value{Unit: v.Unit, schema: v.schema, set: func(text string) error {
		err := v.set(text)
		if err == nil {
			own := d
			*to = &own
		}
		return err
	}}
}

// MaxWindow is the longest live window.
const MaxWindow = 24 * time.Hour

// Window is how much a live playlist spans.
func Window(to *time.Duration) Value { return Duration(to, time.Second, MaxWindow) }
