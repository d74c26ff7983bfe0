// Package notices has the licenses and notices of all that the program is built from:
// Go, its modules, and the libraries of the operator's page.
//
// They are collected by `make build`, from the sources that it compiles, and embedded.
// Without them the program builds as well.
package notices

import "embed"

//go:embed all:made
var made embed.FS

// Text is what to print; empty: they were not collected for this program.
func Text() string {
	text, err := made.ReadFile("made/notices.txt")
	if err != nil {
		return ""
	}
	return string(text)
}
