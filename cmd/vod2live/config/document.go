package config

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document reads a file of one YAML document.
func (r *reader) document(text []byte) {
	var root, more yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(text))
	err := documents.Decode(&root)
	if err == nil {
		if err = documents.Decode(&more); err == nil {
			r.mistake(&more, "a second document begins here: a file has one")
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		r.syntax(text, err)
		return
	}
	if isEmpty(&root) {
		r.mistake(&yaml.Node{Line: 1, Column: 1}, "the file is empty: it names no origin, and the built-in VOD would be served")
		return
	}
	r.mapping(root.Content[0], r.top())
	r.checkLoops()
	r.checkGuide()
	for n := range r.file.Channels {
		r.file.Channels[n].DefaultBreaks(r.file.Breaks)
	}
}

// isEmpty reports whether a document has at most comments.
func isEmpty(document *yaml.Node) bool {
	return len(document.Content) == 0 || holdsNothing(document.Content[0])
}

func holdsNothing(n *yaml.Node) bool {
	n = resolve(n)
	return n.Tag == "!!null" || n.Kind == yaml.MappingNode && len(n.Content) == 0
}

var lineForm = regexp.MustCompile(`^line (\d+): `)

// syntax reports text that is not YAML: the library's error has the line, as
// text.
func (r *reader) syntax(text []byte, err error) {
	if line, column := indentedByTab(text); line > 0 {
		r.mistake(&yaml.Node{Line: line, Column: column}, "a tab in the indentation: YAML takes spaces only")
		return
	}
	said := strings.TrimPrefix(err.Error(), "yaml: ")
	at := &yaml.Node{Line: 1, Column: 1}
	if found := lineForm.FindStringSubmatch(said); found != nil {
		at.Line, _ = strconv.Atoi(found[1]) // digits
		said = said[len(found[0]):]
		if strings.HasPrefix(said, "did not find expected") { // by the parser, which counts from 0
			at.Line = min(at.Line+1, bytes.Count(text, []byte("\n"))+1)
		}
	}
	r.mistake(at, "not valid YAML: %s", said)
}

// indentedByTab finds the first tab before the text of a line; 0: none.
func indentedByTab(text []byte) (line, column int) {
	n := 0
	for l := range bytes.Lines(text) {
		n++
		space := l[:len(l)-len(bytes.TrimLeft(l, " \t"))]
		if at := bytes.IndexByte(space, '\t'); at >= 0 && len(bytes.TrimSpace(l)) > 0 {
			return n, at + 1
		}
	}
	return 0, 0
}
