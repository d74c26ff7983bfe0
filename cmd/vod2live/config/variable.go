package config

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// written is a value as written in the file, for messages: values from the
// environment may be secret.
func written(n *yaml.Node) string { return resolve(n).Value }

var variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// text reads a value with the environment filled in.
func (r *reader) text(n *yaml.Node) (string, bool) {
	n = resolve(n)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.mistake(n, "%s: one value is needed here", r.at)
		return "", false
	}
	var out strings.Builder
	rest := n.Value
	for {
		before, after, found := strings.Cut(rest, "${")
		if !found {
			out.WriteString(rest)
			return out.String(), true
		}
		if literal, is := strings.CutSuffix(before, "$"); is { // $${ is ${
			out.WriteString(literal + "${")
			rest = after
			continue
		}
		name, behind, closed := strings.Cut(after, "}")
		if !closed || !variableForm.MatchString(name) {
			r.mistake(n, "%s: ${ must be followed by a variable name and }; write $${ for a literal ${", r.at)
			return "", false
		}
		value, set := r.env.Lookup(name)
		if !set {
			r.mistake(n, "%s: ${%s} is not set in the environment", r.at, name)
			return "", false
		}
		out.WriteString(before + value)
		rest = behind
	}
}
