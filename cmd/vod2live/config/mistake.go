package config

import "fmt"

// Mistake is one error in the settings.
type Mistake struct {
	Source Source
	Place  string // FILE:LINE:COLUMN, counted from 1; empty: not in the file
	Text   string

	line, column int
}

// Error is PLACE: text.
func (m *Mistake) Error() string {
	if m.Place == "" {
		return m.Text
	}
	return m.Place + ": " + m.Text
}

func mistakef(source Source, format string, args ...any) *Mistake {
	return &Mistake{Source: source, Text: fmt.Sprintf(format, args...)}
}

// invalid is why a text is not a value of a setting.
type invalid struct {
	text  string
	meant string // the suggested correction; empty: none
}

func (e *invalid) Error() string {
	if e.meant == "" {
		return e.text
	}
	return e.text + "; did you mean " + e.meant + "?"
}
