// Package codes describes every code of the program: meaning, consequence and
// remedy. `check`, the API, the console, the log and the answers to viewers take
// their texts from here, and deploy/CODES.md is this list as a page: run
// `go test ./proxy/codes -update` after a change.
//
// The codes themselves are constants named Code… or Note… in the packages that
// report them. A test finds them there, and fails if one has no description.
package codes

import "strings"

// Code is the description of one code.
type Code struct {
	Code        string
	Status      int    // HTTP status of the answer to a viewer; 0: the code is never an answer
	Line        string // the answer to a viewer; empty: that of its section
	Meaning     string
	Consequence string // empty: that of its section
	Remedy      string // empty: there is nothing to do
}

// section is a part of the list, with the common texts of its codes.
type section struct {
	title       string
	about       string
	status      int    // of codes without their own
	line        string // the same, with CODE for the code
	consequence string // the same
	codes       []Code
}

// list returns all sections, newly made, so that no caller changes those of
// others.
func list() []section {
	return []section{refusals(), items(), answers(), views(), continuous(), findings(), streams(), mappings(), repairs(), schedules(), scheduled()}
}

// descriptions are the codes by name, complete.
var descriptions = index(list())

func index(sections []section) map[string]Code {
	all := map[string]Code{}
	for _, s := range sections {
		for _, c := range s.codes {
			all[c.Code] = s.complete(c)
		}
	}
	return all
}

// complete fills in what the codes of a section have in common.
func (s *section) complete(c Code) Code {
	if c.Status == 0 {
		c.Status = s.status
	}
	if c.Line == "" {
		c.Line = strings.ReplaceAll(s.line, "CODE", c.Code)
	}
	if c.Consequence == "" {
		c.Consequence = s.consequence
	}
	return c
}

// Of is the description of a code, the zero value for an unknown one.
func Of(code string) Code { return descriptions[code] }

// Link is where a code is described.
func Link(code string) string { return "deploy/CODES.md#" + code }
