package config

import "strings"

// Setting is a row of the table of settings: a flag, the environment variable
// VOD2LIVE_NAME, and a key of the configuration file.
type Setting struct {
	Name    string // of the flag: log-level
	Key     string // of the file: log_level, or live.window; empty: not in the file
	Group   string // its heading in -help
	Help    string // for -help, deploy/SETTINGS.md, the schema
	Default string // as a user would write it; empty: see Unset
	Unset   string // what holds if nothing is given, in words
	Value
	FlagOnly bool // no environment variable either: it is a command, not a setting
	Restart  bool // a reload does not change it
	Once     bool // twice is a mistake

	Source Source
	text   string // as given
	shown  string // NAME "text" as the source calls it, without secrets
	place  string // FILE:LINE:COLUMN of the file
	failed bool   // the text is invalid
}

// Source is where a setting comes from.
type Source int

// The sources, each with precedence over the previous ones.
const (
	FromDefault Source = iota
	FromFile
	FromEnvironment
	FromFlag
)

func (s Source) String() string {
	return [...]string{"default", "file", "environment", "flag"}[s]
}

// EnvPrefix begins the names of the environment variables.
const EnvPrefix = "VOD2LIVE_"

// Variable is the name of the setting's environment variable; empty: it has none.
func (s *Setting) Variable() string {
	if s.FlagOnly {
		return ""
	}
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// key is the last element of Key.
func (s *Setting) key() string { return s.Key[strings.LastIndexByte(s.Key, '.')+1:] }

// take sets the setting to a text of a source, which knows it by a name. written
// is the text without what the environment filled in, for messages.
func (s *Setting) take(from Source, name, text, written string) error {
	s.Source, s.place, s.shown = from, "", s.Value.shown(name, written)
	err := s.read(name, text, written)
	if s.failed = err != nil; s.failed {
		return err
	}
	s.text = text
	return nil
}

// Settings are the table, in the order of -help.
type Settings []*Setting

// Get returns the setting with a flag's name; nil: there is none.
func (t Settings) Get(name string) *Setting {
	for _, s := range t {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// useDefaults sets all settings to their defaults.
func (t Settings) useDefaults() {
	for _, s := range t {
		s.Source, s.place, s.shown, s.failed = FromDefault, "", "-"+s.Name+" (default)", false
		if s.Default != "" {
			_ = s.take(FromDefault, "-"+s.Name, s.Default, s.Default) // see badDefaults
			s.shown += " (default)"
		}
	}
}

// badDefaults reports defaults in use that are invalid: the epoch's, if the clock
// is wrong.
func (t Settings) badDefaults() (wrong []error) {
	for _, s := range t {
		if s.failed && s.Source == FromDefault {
			wrong = append(wrong, mistakef(FromDefault, "%s: %v", s.shown, s.set(s.Default)))
		}
	}
	return wrong
}

// Check returns a mistake if settings that depend on each other are not ok. The
// message names them as their sources do. It is nil if one of them is invalid by
// itself, since that has been reported.
func (t Settings) Check(ok bool, text string, names ...string) error {
	if ok {
		return nil
	}
	m := &Mistake{Text: text}
	var shown []string
	for _, name := range names {
		s := t.Get(name)
		if s.failed {
			return nil
		}
		shown = append(shown, s.shown)
		m.Source = max(m.Source, s.Source)
		if m.Place == "" {
			m.Place = s.place
		}
	}
	m.Text = strings.Join(shown, ", ") + ": " + text
	return m
}

// Sources returns the source of each setting that is not a default, by its name.
func (t Settings) Sources() map[string]string {
	sources := map[string]string{}
	for _, s := range t {
		if s.Source != FromDefault && !s.FlagOnly {
			sources[s.Name] = s.Source.String()
		}
	}
	return sources
}

// KeepUntilRestart gives the settings that only a restart applies the values of
// those in force. It returns the names of those that were to change.
func (t Settings) KeepUntilRestart(inForce Settings) (names []string) {
	for i, s := range t {
		old := inForce[i]
		if !s.Restart || s.text == old.text {
			continue
		}
		names = append(names, s.Name)
		s.Source, s.text = old.Source, old.text
		if old.text == "" {
			s.clear()
		} else {
			_ = s.set(old.text) // it has been set before
		}
	}
	return names
}
