// Command collect writes the licenses and notices of all that vod2live is built from to
// standard output. It runs in the project's top folder, after the operator's page was
// built, if it is to be in the program.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const console = "proxy/admin/console"

// legal are the names of files that a license requires to be passed on.
var legal = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)`)

// part is something that the program is built from.
type part struct {
	Name, Folder string
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "collect:", err)
		os.Exit(1)
	}
}

func run() error {
	parts, err := goParts()
	if err != nil {
		return err
	}
	page, err := pageParts()
	if err != nil {
		return err
	}
	byText := map[string][]string{} // names of the parts that have a text
	for _, p := range append(parts, page...) {
		texts, err := p.texts()
		if err != nil {
			return err
		}
		for _, text := range texts {
			byText[text] = append(byText[text], p.Name)
		}
	}
	write(byText)
	return nil
}

// goParts are Go itself and the modules that are compiled in.
func goParts() ([]part, error) {
	root, err := exec.Command("go", "env", "GOROOT", "GOVERSION").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	lines := strings.Fields(string(root))
	parts := []part{{"Go " + lines[1], lines[0]}}
	list, err := exec.Command("go", "list", "-deps", "-f",
		`{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}`, "./cmd/vod2live").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	modules := strings.Split(strings.TrimSpace(string(list)), "\n")
	slices.Sort(modules)
	for _, line := range slices.Compact(modules) {
		if fields := strings.Fields(line); len(fields) == 3 {
			parts = append(parts, part{fields[0] + " " + fields[1], fields[2]})
		}
	}
	return parts, nil
}

// pageParts are the libraries of the operator's page, as its lock file has them; none if
// the page was not built.
func pageParts() (parts []part, err error) {
	if _, err := os.Stat(console + "/dist/index.html"); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	text, err := os.ReadFile(console + "/package-lock.json")
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct {
			Version string
			Dev     bool
		}
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, fmt.Errorf("package-lock.json: %w", err)
	}
	for folder, p := range lock.Packages {
		if name, installed := strings.CutPrefix(folder, "node_modules/"); installed && !p.Dev {
			parts = append(parts, part{name + " " + p.Version, filepath.Join(console, folder)})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.Name, b.Name) })
	return parts, nil
}

// texts are the files that its license requires to be passed on. An empty
// list is an error.
func (p part) texts() (texts []string, err error) {
	files, err := os.ReadDir(p.Folder)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.IsDir() || !legal.MatchString(f.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(p.Folder, f.Name()))
		if err != nil {
			return nil, err
		}
		texts = append(texts, strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("%s has no license in %s", p.Name, p.Folder)
	}
	return texts, nil
}

// write writes each text once, under the names of all parts that have it.
func write(byText map[string][]string) {
	texts := make([]string, 0, len(byText))
	for text := range byText {
		texts = append(texts, text)
	}
	slices.SortFunc(texts, func(a, b string) int {
		return cmp.Or(slices.Compare(byText[a], byText[b]), cmp.Compare(a, b))
	})
	fmt.Println("What vod2live is built from, and under which licenses.")
	for _, text := range texts {
		fmt.Printf("\n%s\n\n%s\n\n%s\n", strings.Repeat("=", 80), strings.Join(byText[text], "\n"), text)
	}
}
