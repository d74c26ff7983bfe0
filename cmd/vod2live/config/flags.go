package config

import (
	"flag"
	"slices"
	"strings"
)

// arguments are the flags and operands of a command.
type arguments struct {
	given    []given
	operands []string
	wrong    []error
	unsure   bool // an operand may be the value of an unknown flag
}

type given struct {
	setting *Setting
	text    string
}

// split separates flags from operands, in any order. The error is flag.ErrHelp
// if -help is among them.
func (t Settings) split(args []string) (*arguments, error) {
	a := &arguments{}
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--":
			a.operands = append(a.operands, args...)
			return a, nil
		case len(arg) < 2 || arg[0] != '-':
			a.operands = append(a.operands, arg)
			continue
		}
		name, value, joined := strings.Cut(strings.TrimPrefix(arg[1:], "-"), "=")
		if name == "h" || name == "help" {
			return a, flag.ErrHelp
		}
		if !joined {
			value, args = t.next(name, args)
		}
		a.add(t, name, value)
	}
	return a, nil
}

// noValue is the value of a flag without a value.
const noValue = "\x00"

// next takes the value of a flag from the arguments that follow it.
func (t Settings) next(name string, args []string) (value string, rest []string) {
	s := t.Get(name)
	if s == nil { // a misspelled flag takes its value along
		s = t.Get(Suggest(name, t.names()))
	}
	switch {
	case s == nil:
		return noValue, args
	case s.Unit == "":
		return "true", args
	case len(args) == 0 || t.isFlag(args[0]):
		return noValue, args
	}
	return args[0], args[1:]
}

// isFlag reports whether an argument is a flag, not a value such as -1.
func (t Settings) isFlag(arg string) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	return strings.HasPrefix(arg, "-") && t.Get(name) != nil
}

func (a *arguments) add(t Settings, name, value string) {
	s := t.Get(name)
	switch {
	case s == nil:
		a.unsure = true
		a.wrong = append(a.wrong, mistakef(FromFlag, "unknown flag -%s%s", name, didYouMean("-", name, t.names())))
	case value == noValue:
		a.wrong = append(a.wrong, mistakef(FromFlag, "-%s needs a value: -%s %s", name, name, s.Unit))
	case s.Once && slices.ContainsFunc(a.given, func(g given) bool { return g.setting == s }):
		a.wrong = append(a.wrong, mistakef(FromFlag, "-%s is given twice; several origins need a configuration file (-config)", name))
	default:
		a.given = append(a.given, given{s, value})
	}
}

func (t Settings) names() (names []string) {
	for _, s := range t {
		names = append(names, s.Name)
	}
	return names
}

// last is what the arguments set a setting to.
func (a *arguments) last(name string) (text string, set bool) {
	for _, g := range a.given {
		if g.setting.Name == name {
			text, set = g.text, true
		}
	}
	return text, set
}

// take sets the settings to the values of the flags.
func (a *arguments) take() (wrong []error) {
	for _, g := range a.given {
		if err := g.setting.take(FromFlag, "-"+g.setting.Name, g.text, g.text); err != nil {
			wrong = append(wrong, mistakef(FromFlag, "%v", err))
		}
	}
	return append(a.wrong, wrong...)
}
