package main

import (
	"os"
	"strings"
	"testing"
)

// The command runs in the project's top folder.
func TestMain(m *testing.M) {
	if err := os.Chdir("../../../.."); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestCollect_EachModuleThatIsCompiledInHasALicence(t *testing.T) {
	parts, err := goParts()
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(parts))
	for _, p := range parts {
		texts, err := p.texts()
		if err != nil {
			t.Error(err)
		}
		if len(strings.Join(texts, "")) < 200 {
			t.Errorf("%s: its license is %q", p.Name, texts)
		}
		names = append(names, p.Name)
	}
	for _, want := range []string{"Go go1.", "github.com/grafov/m3u8 v", "go.uber.org/zap v", "github.com/prometheus/client_golang v", "github.com/hashicorp/golang-lru/v2 v"} {
		if !strings.Contains("\n"+strings.Join(names, "\n"), "\n"+want) {
			t.Errorf("%s… is not among %q", want, names)
		}
	}
}

func TestCollect_AFolderWithoutALicenceIsAnError(t *testing.T) {
	p := part{Name: "example.com/none v1.0.0", Folder: t.TempDir()}
	if texts, err := p.texts(); err == nil {
		t.Errorf("texts are %q, want an error", texts)
	}
}
