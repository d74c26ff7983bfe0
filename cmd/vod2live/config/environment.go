package config

import (
	"fmt"
	"regexp"
	"strings"
)

// Environment is the one of a process, as os.Environ returns it.
type Environment []string

// Lookup returns the value of a variable and whether it is set.
func (e Environment) Lookup(name string) (string, bool) {
	for _, pair := range e {
		if key, value, _ := strings.Cut(pair, "="); key == name {
			return value, true
		}
	}
	return "", false
}

// fromEnvironment takes the settings that the environment has.
func (t Settings) fromEnvironment(env Environment) (wrong []error) {
	for _, s := range t {
		value, set := env.Lookup(s.Variable())
		if !set || s.FlagOnly {
			continue
		}
		if err := s.take(FromEnvironment, s.Variable(), value, value); err != nil {
			wrong = append(wrong, mistakef(FromEnvironment, "%v", err))
		}
	}
	return wrong
}

// injected are the variables that Kubernetes makes for a Service whose name
// begins like ours.
var injected = regexp.MustCompile(`_SERVICE_|_PORT(_|$)`)

// unknown says which variables with our prefix are not settings. They are no
// mistakes: another version may know them.
func (t Settings) unknown(env Environment) (warnings []string) {
	known := map[string]bool{}
	var names []string
	for _, s := range t {
		known[s.Variable()] = true
		names = append(names, s.Variable())
	}
	for _, pair := range env {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, EnvPrefix) && !known[name] && !injected.MatchString(name[len(EnvPrefix)-1:]) {
			warnings = append(warnings, fmt.Sprintf("%s is not a setting and is ignored%s", name, didYouMean("", name, names)))
		}
	}
	return warnings
}
