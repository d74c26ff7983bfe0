// Package notices has the licenses and notices of everything in the binary: Go, its
// modules, and the libraries of the console.
//
// `make build` collects them from the sources that it compiles, and embeds them. The
// program builds without them, too.
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
