package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

func TestPlaylist_HLSParserAcceptsEveryVersionInStrictMode(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, k *kind) {
		seen := recordingOf(t, k)
		texts := []string{seen.entry}
		for _, r := range seen.renditions {
			texts = append(texts, r.versions...)
		}
		complaints, err := parseStrictly(texts)
		if err != nil {
			t.Fatal(err)
		}
		for i, complaint := range complaints {
			if complaint != "" {
				t.Fatalf("%s, in\n%s", complaint, texts[i])
			}
		}
		t.Logf("%d playlists", len(texts))
	})
}

// A reader that accepts everything would prove nothing.
func TestHLSParser_RefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	right := handMade(10, 4)
	wrong := []string{
		strings.Replace(right, "DURATION:2", "DURATION:1", 1),
		strings.NewReplacer("VERSION:6", "VERSION:2", "2.000,", "1.999,").Replace(right),
		strings.Replace(right, "#EXT-X-VERSION:6", "#EXT-X-VERSION:6\n#EXT-X-VERSION:6", 1),
	}
	complaints, err := parseStrictly(append(wrong, right))
	if err != nil {
		t.Fatal(err)
	}
	for i := range wrong {
		if complaints[i] == "" {
			t.Errorf("accepted:\n%s", wrong[i])
		}
	}
	if last := complaints[len(wrong)]; last != "" {
		t.Errorf("refused as %q:\n%s", last, right)
	}
}

// parseStrictly has hls-parser parse playlists and returns what it says against each, "" for nothing.
func parseStrictly(texts []string) ([]string, error) {
	input, err := json.Marshal(texts)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("node", "strict.mjs")
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("node strict.mjs (run `npm ci` in this folder?): %w\n%s", err, &stderr)
	}
	var complaints []string
	if err := json.Unmarshal(out, &complaints); err != nil {
		return nil, err
	}
	if len(complaints) != len(texts) {
		return nil, fmt.Errorf("%d answers for %d playlists", len(complaints), len(texts))
	}
	return complaints, nil
}
