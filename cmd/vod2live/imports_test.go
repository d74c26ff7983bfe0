package main

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// order of the packages: each may import those behind it, and metrics.
var order = []string{"cmd", "proxy", "playlist", "loop", "metrics", "deploy"}

// imports lists our packages with what they import.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "vod2live/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		all[fields[0]] = fields[1:]
	}
	return all
}

func place(t *testing.T, path string) int {
	t.Helper()
	layer := strings.Split(path, "/")[1]
	n := slices.Index(order, layer)
	if n < 0 {
		t.Fatalf("package %s is in no layer: the top level holds %v", path, order)
	}
	return n
}

func TestImports_RunOneWay(t *testing.T) {
	packages := imports(t)
	if len(packages) < len(order) {
		t.Fatalf("go list found only %v", packages)
	}
	for path, imported := range packages {
		for _, other := range imported {
			if !strings.HasPrefix(other, "vod2live/") {
				continue
			}
			if from, to := place(t, path), place(t, other); to < from || from == to && order[from] == "metrics" {
				t.Errorf("%s imports %s", path, other)
			}
		}
	}
}

// within is the order of the packages beneath proxy: each may import those of later
// lines.
var within = [][]string{
	{"proxy"},
	{"proxy/admin"},
	{"proxy/preflight", "proxy/admin/console"},
	{"proxy/onair"},
	{"proxy/subtitles"},
	{"proxy/vod"},
	{"proxy/measure"},
	{"proxy/sniff", "proxy/segmentcache", "proxy/answer", "proxy/problem"},
	{"proxy/failure"},
	{"proxy/route", "proxy/schedule"},
	{"proxy/origin"},
	{"proxy/room", "proxy/codes", "proxy/panics", "proxy/negotiate", "proxy/wire", "proxy/background", "proxy/guide", "proxy/media", "proxy/timeshift"},
}

func TestImports_OfProxyRunOneWay(t *testing.T) {
	line := map[string]int{}
	for n, packages := range within {
		for _, path := range packages {
			line["vod2live/"+path] = n
		}
	}
	for path, imported := range imports(t) {
		if !strings.HasPrefix(path, "vod2live/proxy") {
			continue
		}
		from, known := line[path]
		if !known {
			t.Errorf("package %s is in no line of within", path)
		}
		for _, other := range imported {
			if to, ours := line[other]; ours && to <= from {
				t.Errorf("%s imports %s", path, other)
			}
		}
	}
}

// maxMethods of one type: one that has more does more than one job.
const maxMethods = 25

func TestTypes_HaveOneJob(t *testing.T) {
	methods := map[string]int{}
	for path, one := range sources(t) {
		for _, declaration := range one.Decls {
			f, is := declaration.(*ast.FuncDecl)
			if !is || f.Recv == nil {
				continue
			}
			of := filepath.Dir(path) + "." + strings.TrimPrefix(types.ExprString(f.Recv.List[0].Type), "*")
			methods[of]++
		}
	}
	if len(methods) < 100 {
		t.Fatalf("only %d types were found", len(methods))
	}
	for of, n := range methods {
		if n > maxMethods && strings.Contains(of, "/proxy") {
			t.Errorf("%s has %d methods, more than %d", of, n, maxMethods)
		}
	}
}

// sources are our files but for tests, by path.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	all := map[string]*ast.File{}
	for _, top := range order {
		err := filepath.WalkDir("../../"+top, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			all[path], err = parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestImports_NothingBelowProxyKnowsNetworkOrSystem(t *testing.T) {
	for path, imported := range imports(t) {
		if path != "vod2live/proxy/media" && (place(t, path) < 2 || place(t, path) > 3) {
			continue
		}
		for _, other := range imported {
			if other == "net" || other == "net/http" || other == "os" || strings.HasPrefix(other, "go.uber.org/") {
				t.Errorf("%s imports %s", path, other)
			}
		}
	}
}

func TestClock_IsAskedOnlyAboveThePlaylists(t *testing.T) {
	for _, folder := range []string{"../../loop", "../../playlist", "../../playlist/webvtt"} {
		files, _ := filepath.Glob(folder + "/*.go")
		if len(files) == 0 {
			t.Errorf("no code in %s", folder)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			if out, _ := exec.Command("grep", "-nE", `time\.(Now|Since|Until|After|Tick|NewTimer|NewTicker|Sleep)\(`, file).Output(); len(out) > 0 {
				t.Errorf("%s asks the clock: %s", file, out)
			}
		}
	}
}

func TestTopLevel_HoldsWhatItShould(t *testing.T) {
	want := []string{"Makefile", "README.md", "bin", "cmd", "deploy", "go.mod", "go.sum", "loop", "metrics", "playlist", "proxy"}
	entries, _ := filepath.Glob("../../*")
	for _, entry := range entries {
		if name := filepath.Base(entry); name[0] != '.' && !slices.Contains(want, name) {
			t.Errorf("%s has no place at the top level", name)
		}
	}
}

// TestImports_OneFileKnowsThePlaylistLibrary: it recovers what the library loses.
// Tests may import the library, too: a benchmark measures it alone.
func TestImports_OneFileKnowsThePlaylistLibrary(t *testing.T) {
	var users []string
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git") {
			return cmp.Or(err, filepath.SkipDir)
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imported := range file.Imports {
			if strings.Contains(imported.Path.Value, "grafov/m3u8") {
				users = append(users, path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"../../playlist/grafov.go"}; !slices.Equal(users, want) {
		t.Errorf("github.com/grafov/m3u8 is imported by %q, want %q", users, want)
	}
}
