package deploy

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

// TestRelease_HasThePagesThatOthersLeadTo, beginning with the README.
func TestRelease_HasThePagesThatOthersLeadTo(t *testing.T) {
	list := regexp.MustCompile(`(?m)^pages=\((.*)\)$`).FindStringSubmatch(read(t, "release"))
	if list == nil {
		t.Fatal("deploy/release has no pages")
	}
	var packed []string
	for pattern := range strings.FieldsSeq(list[1]) {
		found, err := filepath.Glob("../" + pattern)
		if err != nil || len(found) == 0 {
			t.Errorf("deploy/release packs %s, which does not exist: %v", pattern, err)
		}
		packed = append(packed, found...)
	}
	for _, page := range packed {
		if filepath.Ext(page) != ".md" {
			continue
		}
		for _, found := range link.FindAllStringSubmatch(read(t, page), -1) {
			target, _, _ := strings.Cut(found[1], "#")
			if target == "" || strings.Contains(target, ":") {
				continue
			}
			if file := filepath.Join(filepath.Dir(page), target); !slices.Contains(packed, file) {
				t.Errorf("%s leads to %s, which deploy/release does not pack", page, file)
			}
		}
	}
}
