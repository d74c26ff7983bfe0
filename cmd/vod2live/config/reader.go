package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Mistake is one thing that is wrong with a file.
type Mistake struct {
	Line, Column int // counted from 1; 0: not known
	Text         string
}

// Error says where and what.
func (m *Mistake) Error() string {
	if m.Line == 0 {
		return m.Text
	}
	return fmt.Sprintf("line %d, column %d: %s", m.Line, m.Column, m.Text)
}

// reader walks a YAML document and collects what is wrong.
type reader struct {
	env   func(string) (string, bool)
	file  *File
	names map[string]bool // of origins and channels so far
	uses  []use           // of origins, by channels
	wrong []*Mistake
}

func (r *reader) mistakes() error {
	slices.SortStableFunc(r.wrong, func(a, b *Mistake) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	all := make([]error, len(r.wrong))
	for i, m := range r.wrong {
		all[i] = m
	}
	return errors.Join(all...)
}

func (r *reader) mistake(n *yaml.Node, format string, args ...any) {
	r.wrong = append(r.wrong, &Mistake{n.Line, n.Column, fmt.Sprintf(format, args...)})
}

func (r *reader) document(text []byte) {
	var root, more yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(text))
	err := documents.Decode(&root)
	if err == nil {
		if err = documents.Decode(&more); err == nil {
			r.mistake(&more, "a second document begins here: one is read")
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		r.wrong = append(r.wrong, &Mistake{Text: "not YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")})
		return
	}
	if len(root.Content) > 0 {
		r.mapping(root.Content[0], r.top())
	}
	r.checkLoops()
}

// keys are what a mapping may have and who reads each.
type keys map[string]func(*yaml.Node)

// mapping reads a mapping with known keys.
func (r *reader) mapping(n *yaml.Node, known keys) {
	r.pairs(n, func(key, value *yaml.Node) {
		if read, ok := known[key.Value]; ok {
			read(value)
			return
		}
		r.mistake(key, "unknown key %q; known here: %s", key.Value, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
	})
}

// pairs reads a mapping whose keys are names.
func (r *reader) pairs(n *yaml.Node, f func(key, value *yaml.Node)) {
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		if n.Tag != "!!null" {
			r.mistake(n, "keys and values are needed here")
		}
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			r.mistake(key, "the key %q stands here twice", key.Value)
			continue
		}
		seen[key.Value] = true
		f(key, n.Content[i+1])
	}
}

// list reads a list, or one value that stands for a list of it.
func (r *reader) list(n *yaml.Node, f func(*yaml.Node)) {
	n = resolve(n)
	if n.Kind != yaml.SequenceNode {
		f(n)
		return
	}
	for _, item := range n.Content {
		f(item)
	}
}

func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// written is a value as it stands in the file, to be shown: what the environment
// fills in may be secret.
func written(n *yaml.Node) string { return resolve(n).Value }

var variableForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// text reads a value with the environment filled in.
func (r *reader) text(n *yaml.Node) (string, bool) {
	n = resolve(n)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.mistake(n, "one value is needed here")
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
			r.mistake(n, "${ begins the name of a variable and }; where it does not, write $${")
			return "", false
		}
		value, set := r.env(name)
		if !set {
			r.mistake(n, "${%s} is not set in the environment", name)
			return "", false
		}
		out.WriteString(before + value)
		rest = behind
	}
}
