package config

import (
	"fmt"
	"regexp"
	"strings"
)

// Environment lists variables as NAME=value, like os.Environ.
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

// fromEnvironment reads the settings from the environment.
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

// injected matches the variables that Kubernetes injects for a Service named
// vod2live or vod2live-NAME.
var injected = regexp.MustCompile(`_SERVICE_|_PORT(_|$)`)

// unknown returns a warning for each variable with our prefix that is not a
// setting. It is not an error: another version may know it.
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
