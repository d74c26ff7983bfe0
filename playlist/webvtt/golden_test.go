package webvtt

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Each folder of testdata has the files of a rendition, 1.vtt, 2.vtt …, and slices of it named after their interval.
func TestSlice_Golden(t *testing.T) {
	golden, err := filepath.Glob("testdata/*/slice-*.vtt")
	if err != nil || len(golden) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, name := range golden {
		t.Run(name, func(t *testing.T) {
			from, to := interval(t, name)
			got := sliceOf(t, from, to, rendition(t, filepath.Dir(name))...)
			if *update {
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			wantText(t, got, string(want))
		})
	}
}

// interval gives 4 s and 8 s for slice-4s-8s.vtt.
func interval(t *testing.T, name string) (from, to time.Duration) {
	t.Helper()
	parts := strings.Split(strings.TrimSuffix(filepath.Base(name), ".vtt"), "-")
	from, err1 := time.ParseDuration(parts[1])
	to, err2 := time.ParseDuration(parts[2])
	if err1 != nil || err2 != nil {
		t.Fatalf("%s: %v, %v", name, err1, err2)
	}
	return from, to
}

// rendition reads the files of a folder.
func rendition(t *testing.T, folder string) (bodies []string) {
	t.Helper()
	names, err := filepath.Glob(folder + "/[0-9].vtt")
	if err != nil || len(names) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, string(body))
	}
	return bodies
}
