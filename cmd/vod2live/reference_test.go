package main

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// readme is the reference of settings and metrics.
func readme(t *testing.T) string { return source(t, "../../README.md") }

func source(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// table is what stands in `…` in the first column of the README's table with a heading.
func table(t *testing.T, heading string) map[string]bool {
	t.Helper()
	_, rest, found := strings.Cut(readme(t), "\n| "+heading+" |")
	rows, _, _ := strings.Cut(rest, "\n\n")
	if !found {
		t.Fatalf("the README has no table of each %s", heading)
	}
	words := map[string]bool{}
	for row := range strings.Lines(rows) {
		first, _, _ := strings.Cut(strings.TrimPrefix(row, "|"), "|")
		for _, word := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(first, -1) {
			words[word[1]] = true
		}
	}
	return words
}

// quoted are the names that a pattern finds in the sources of a folder, by its groups.
func quoted(t *testing.T, folder, pattern string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(folder + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(source(t, file), -1) {
			names[strings.Join(found[1:], "")] = true
		}
	}
	return names
}

// wantSame compares what the README says with what the code has.
func wantSame(t *testing.T, what string, said, real map[string]bool) {
	t.Helper()
	if len(real) < 10 {
		t.Fatalf("the code has %d of %s: %v", len(real), what, slices.Sorted(maps.Keys(real)))
	}
	for name := range real {
		if !said[name] {
			t.Errorf("the README lacks %s of %s", name, what)
		}
	}
	for name := range said {
		if !real[name] {
			t.Errorf("the README has %s of %s, which the code has not", name, what)
		}
	}
}

func TestReference_HasEveryFlag(t *testing.T) {
	said := table(t, "flag")
	real, helped := map[string]bool{}, map[string]bool{}
	(&options{}).define().VisitAll(func(f *flag.Flag) {
		if f.Name != "version" { // -help says what it is
			real["-"+f.Name] = true
		}
	})
	for _, line := range regexp.MustCompile(`(?m)^  (-[a-z0-9-]+) `).FindAllStringSubmatch(help, -1) {
		if line[1] != "-version" && line[1] != "-help" {
			helped[line[1]] = true
		}
	}
	wantSame(t, "the flags", said, real)
	wantSame(t, "the flags of -help", said, helped)
}

// The keys stand in the README's example of a file.
func TestReference_HasEveryKeyOfTheFile(t *testing.T) {
	_, rest, _ := strings.Cut(readme(t), "```yaml\n")
	example, _, found := strings.Cut(rest, "\n```")
	if !found {
		t.Fatal("the README has no example of a file")
	}
	said := map[string]bool{}
	for line := range strings.Lines(example) {
		line, _, _ = strings.Cut(line, " #")
		for _, key := range regexp.MustCompile(`(?:^\s*|[{,]\s*)([a-z0-9_]+):(?:\s|$)`).FindAllStringSubmatch(line, -1) {
			said[key[1]] = true
		}
	}
	real := quoted(t, "config", `(?:[{,]|\n)\s*"([a-z0-9_]+)": +[fr]|known\["([a-z0-9_]+)"\]`)
	for _, name := range []string{"vod", "news"} { // of the example's origin and channel
		delete(said, name)
	}
	wantSame(t, "the keys of the file", said, real)
}
