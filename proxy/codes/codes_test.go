package codes

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write deploy/CODES.md")

const page = "../../deploy/CODES.md"

// sources parses the Go files of the program, but for tests and this package.
func sources(t *testing.T) (files []*ast.File, set *token.FileSet) {
	t.Helper()
	set = token.NewFileSet()
	for _, root := range []string{"loop", "playlist", "proxy", "cmd", "metrics"} {
		err := filepath.WalkDir("../../"+root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "codes"):
				return filepath.SkipDir
			case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			files = append(files, file)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files, set
}

var codeName = regexp.MustCompile(`^(Code|Note)[A-Z]`)

// constants are the codes that files declare, by their value.
func constants(files []*ast.File, set *token.FileSet) map[string]token.Position {
	all := map[string]token.Position{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, is := n.(*ast.ValueSpec)
			if !is {
				return true
			}
			for i, name := range spec.Names {
				if i < len(spec.Values) && codeName.MatchString(name.Name) {
					if text, is := literal(spec.Values[i]); is {
						all[text] = set.Position(name.Pos())
					}
				}
			}
			return true
		})
	}
	return all
}

func literal(e ast.Expr) (string, bool) {
	l, is := e.(*ast.BasicLit)
	if !is || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

func TestCodes_EachInTheCodeIsDescribedAndNoOther(t *testing.T) {
	declared := constants(sources(t))
	if len(declared) < 50 {
		t.Fatalf("only %d codes were found in the code", len(declared))
	}
	for code, at := range declared {
		if Of(code).Code == "" {
			t.Errorf("%s: %q has no row: describe it in proxy/codes, then run go test ./proxy/codes -update", at, code)
		}
	}
	for code := range descriptions {
		if _, is := declared[code]; !is {
			t.Errorf("%q is described, and no constant Code… or Note… declares it", code)
		}
	}
}

// reporters take a code; a literal there would escape the test above.
var reporters = map[string]bool{"refuse": true, "repair": true, "problem": true, "list": true}

func TestCodes_AreConstantsWhereTheyAreReported(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	files, set := sources(t)
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			for _, e := range reported(n) {
				if text, is := literal(e); is && form.MatchString(text) {
					t.Errorf("%s: the code %q is no constant", set.Position(e.Pos()), text)
				}
			}
			return true
		})
	}
}

// reported are the expressions of a node that may be codes.
func reported(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if key, is := n.Key.(*ast.Ident); is && key.Name == "Code" {
			return []ast.Expr{n.Value}
		}
	case *ast.CallExpr:
		if reporters[called(n)] {
			return n.Args
		}
		if name, is := first(n.Args); is && called(n) == "String" && name == "code" {
			return n.Args[1:]
		}
	}
	return nil
}

func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func first(args []ast.Expr) (string, bool) {
	if len(args) == 0 {
		return "", false
	}
	return literal(args[0])
}

func TestCodes_AreDescribedOnceAndWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range list() {
		for _, c := range s.codes {
			c = s.complete(c)
			if seen[c.Code] {
				t.Errorf("%s has two rows", c.Code)
			}
			seen[c.Code] = true
			if c.Meaning == "" {
				t.Errorf("%s has no meaning", c.Code)
			}
			if (c.Status == 0) != (c.Line == "") || c.Status != 0 && http.StatusText(c.Status) == "" {
				t.Errorf("%s: status %d with the line %q", c.Code, c.Status, c.Line)
			}
			for _, text := range []string{c.Line, c.Meaning, c.Consequence, c.Remedy} {
				if text != "" && (!strings.HasSuffix(text, ".") || strings.Contains(text, "\n")) {
					t.Errorf("%s: not one line of sentences: %q", c.Code, text)
				}
			}
		}
	}
}

func TestPage_IsTheList(t *testing.T) {
	want := Page()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil { //nolint:gosec // as other pages
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("deploy/CODES.md is not what proxy/codes says: run go test ./proxy/codes -update")
	}
}

// TestPage_OfSymptomsShowsCodesThatThereAre: its examples are what check prints.
func TestPage_OfSymptomsShowsCodesThatThereAre(t *testing.T) {
	text, err := os.ReadFile("../../deploy/TROUBLESHOOTING.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`(?m)^ +(?:error|warning|notice) +([a-z0-9-]+): `).FindAllStringSubmatch(string(text), -1)
	if len(shown) < 5 {
		t.Errorf("only %d codes were found in it", len(shown))
	}
	for _, code := range shown {
		if Of(code[1]).Code == "" {
			t.Errorf("it shows the code %q", code[1])
		}
	}
}
