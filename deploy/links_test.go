package deploy

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	markup  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinks_LeadToAFileAndAHeading: in all pages of the project, as GitHub resolves them.
func TestLinks_LeadToAFileAndAHeading(t *testing.T) {
	pages, err := markdown("..")
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for page, text := range pages {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			target, anchor, _ := strings.Cut(found[1], "#")
			if strings.Contains(target, ":") {
				continue
			}
			links++
			file := filepath.Join(filepath.Dir(page), target)
			if target == "" {
				file = page
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: %s: %v", page, found[1], err)
			} else if anchor != "" && !anchors(pages[file])[anchor] {
				t.Errorf("%s: %s: the page has no such heading", page, found[1])
			}
		}
	}
	if links < 50 {
		t.Errorf("only %d links were found", links)
	}
}

// markdown reads all pages below a folder, but for those of other projects.
func markdown(root string) (map[string]string, error) {
	pages := map[string]string{}
	return pages, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "bin") {
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		pages[path] = string(text)
		return err
	})
}

// anchors are those that GitHub gives the headings of a page.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(page, -1) {
		plain := markup.ReplaceAllString(strings.ToLower(h[1]), "")
		found[strings.ReplaceAll(plain, " ", "-")] = true
	}
	return found
}
