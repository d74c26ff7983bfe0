package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader walks a YAML document and collects errors.
type reader struct {
	path     string // of the file
	env      Environment
	settings Settings
	file     *File
	at       string          // the key of the current value
	names    map[string]bool // of origins and channels so far
	reserved *yaml.Node      // the key of an origin or channel named guide; nil: none
	uses     []use           // of origins, by channels
	eras     []*yaml.Node    // of all channels so far
	wrong    []*Mistake
}

func (r *reader) mistakes() error {
	slices.SortStableFunc(r.wrong, func(a, b *Mistake) int {
		return cmp.Or(a.line-b.line, a.column-b.column)
	})
	all := make([]error, len(r.wrong))
	for i, m := range r.wrong {
		all[i] = m
	}
	return errors.Join(all...)
}

func (r *reader) mistake(n *yaml.Node, format string, args ...any) {
	m := mistakef(FromFile, format, args...)
	m.line, m.column = n.Line, n.Column
	m.Place = r.place(n)
	r.wrong = append(r.wrong, m)
}

// place is FILE:LINE:COLUMN.
func (r *reader) place(n *yaml.Node) string { return fmt.Sprintf("%s:%d:%d", r.path, n.Line, n.Column) }

// key is one that a mapping may have.
type key struct {
	help   string // for the schema
	schema schema
	read   func(value *yaml.Node)
}

func (k key) withDefault(text string) key {
	k.schema = k.schema.with("default", text)
	return k
}

// keys are those that a mapping may have.
type keys map[string]key

// mapping reads a mapping with known keys.
func (r *reader) mapping(n *yaml.Node, known keys) {
	r.pairs(n, func(key, value *yaml.Node) {
		if k, ok := known[key.Value]; ok {
			r.at = key.Value
			k.read(value)
			return
		}
		r.unknownKey(key, known)
	})
}

func (r *reader) unknownKey(n *yaml.Node, known keys) {
	names := slices.Sorted(maps.Keys(known))
	hint := didYouMean("", n.Value, names)
	if hint == "" {
		hint = "; known here: " + strings.Join(names, ", ")
	}
	switch s := r.settings.Get(strings.ReplaceAll(n.Value, "_", "-")); {
	case s == nil || known["live"].read == nil: // not at the top
	case strings.HasPrefix(s.Key, "live."):
		hint = "; did you mean live: { " + n.Value + ": … }?"
	case s.Key == "" && s.Name != "origin":
		hint = "; it is a flag only"
	}
	r.mistake(n, "unknown key %q%s", n.Value, hint)
}

// pairs reads a mapping whose keys are names.
func (r *reader) pairs(n *yaml.Node, f func(key, value *yaml.Node)) {
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		if n.Tag != "!!null" {
			r.mistake(n, "not a mapping: key: value pairs are needed here")
		}
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			r.mistake(key, "the key %q is given twice", key.Value)
			continue
		}
		seen[key.Value] = true
		f(key, n.Content[i+1])
	}
}

// value makes a key of a value.
func (r *reader) value(help string, v Value) key {
	return key{help, v.schema, func(n *yaml.Node) { r.set(n, v) }}
}

func (r *reader) set(n *yaml.Node, v Value) {
	name := r.at
	if text, ok := r.text(n); ok {
		if err := v.read(name, text, written(n)); err != nil {
			r.mistake(n, "%v", err)
		}
	}
}

// setting makes a key of a setting of the table.
func (r *reader) setting(s *Setting) key {
	return key{s.Help, s.schema.with("default", s.Default), func(n *yaml.Node) {
		text, ok := r.text(n)
		if !ok {
			s.Source, s.failed = FromFile, true
			return
		}
		if err := s.take(FromFile, s.key(), text, written(n)); err != nil {
			r.mistake(n, "%v", err)
		}
		s.place = r.place(n)
	}}
}

// nested makes a key of a mapping with known keys.
func (r *reader) nested(help string, known keys) key {
	return key{help, known.schema(), func(n *yaml.Node) { r.mapping(n, known) }}
}

// named makes a key of a mapping whose keys are names. known are the keys of
// each entry, for the schema.
func (r *reader) named(help string, known keys, read func(key, value *yaml.Node)) key {
	return key{help, schema{"type": []string{"object", "null"}, "additionalProperties": known.schema()}, func(n *yaml.Node) { r.pairs(n, read) }}
}

// missing reports whether a mapping lacks a key, or has an empty list under it. It
// is false if another error has been reported instead.
func missing(n *yaml.Node, name string) bool {
	n = resolve(n)
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch key := n.Content[i].Value; {
		case key == name:
			value := resolve(n.Content[i+1])
			return value.Kind == yaml.SequenceNode && len(value.Content) == 0
		case Suggest(key, []string{name}) != "":
			return false
		}
	}
	return n.Kind == yaml.MappingNode || n.Tag == "!!null"
}

// list reads a list, or a single value as a list of one.
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
