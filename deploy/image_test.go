package deploy

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// left says of a path whether .dockerignore leaves it out: its last line that is about it, or a folder of it, does.
func left(t *testing.T, path string) (out bool) {
	t.Helper()
	expression := strings.NewReplacer(".", `\.`, "**/", "(.*/)?", "*", "[^/]*")
	for line := range strings.Lines(read(t, "../.dockerignore")) {
		line = strings.TrimSpace(line)
		pattern, kept := strings.CutPrefix(line, "!")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if regexp.MustCompile("^" + expression.Replace(pattern) + "(/.*)?$").MatchString(path) {
			out = !kept
		}
	}
	return out
}

func TestDockerfile_CopiesWhatIsThere(t *testing.T) {
	text := read(t, "Dockerfile")
	for _, copied := range regexp.MustCompile(`(?m)^COPY ([^-].*) \S+$`).FindAllStringSubmatch(text, -1) {
		for file := range strings.FieldsSeq(copied[1]) {
			if _, err := os.Stat("../" + file); err != nil {
				t.Error(err)
			}
			if file != "." && left(t, file) {
				t.Errorf(".dockerignore leaves out %s, which is copied", file)
			}
		}
	}
	for _, want := range []string{"\nFROM scratch\n", "\nUSER 65532", "CGO_ENABLED=0", "\nHEALTHCHECK "} {
		if !strings.Contains(text, want) {
			t.Errorf("the Dockerfile lacks %q", want)
		}
	}
}

func TestDockerignore_LeavesWhatTheProgramIsBuiltFrom(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "-f",
		`{{if and .Module .Module.Main}}{{range .GoFiles}}{{$.Dir}}/{{.}}{{"\n"}}{{end}}{{range .EmbedFiles}}{{$.Dir}}/{{.}}{{"\n"}}{{end}}{{end}}`, "./cmd/vod2live")
	list.Dir, list.Stderr = "..", os.Stderr
	files, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	top, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatal(err)
	}
	for file := range strings.FieldsSeq(string(files)) {
		path := strings.TrimPrefix(file, strings.TrimSpace(string(top))+"/")
		if strings.HasPrefix(path, "proxy/admin/console/dist/") { // built on the way
			continue
		}
		if left(t, path) {
			t.Errorf(".dockerignore leaves out %s, which the program is built from", path)
		}
	}
	for _, path := range []string{".git/HEAD", "deploy/vod/a.ts", "cmd/vod2live/e2e/node_modules/a", "loop/testdata/a", "proxy/admin/console/dist/index.html"} {
		if !left(t, path) {
			t.Errorf(".dockerignore lets %s into the image's context", path)
		}
	}
}
