package main

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"vod2live/cmd/vod2live/config"
)

var update = flag.Bool("update", false, "write the table of settings anew")

func source(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReference_ThePageHasTheTable of settings, row by row.
func TestReference_ThePageHasTheTable(t *testing.T) {
	const file, head = "../../deploy/SETTINGS.md", "| flag | default | |\n|---|---|---|\n"
	var rows strings.Builder
	for _, s := range (&options{}).table() {
		if s.Name == "version" {
			continue
		}
		shown := s.Unset
		if s.Default != "" {
			shown = "`" + s.Default + "`"
		}
		rows.WriteString("| `-" + s.Name + "` | " + shown + " | " + s.Help + " |\n")
	}
	before, rest, found := strings.Cut(source(t, file), head)
	if !found {
		t.Fatal("deploy/SETTINGS.md has no table of settings")
	}
	said, after, _ := strings.Cut(rest, "\n\n")
	if said+"\n" == rows.String() {
		return
	}
	if !*update {
		t.Fatalf("the table of deploy/SETTINGS.md is\n%s\nthe settings are\n%s\ngo test ./cmd/vod2live -run Reference -update writes it", said, rows.String())
	}
	if err := os.WriteFile(file, []byte(before+head+rows.String()+"\n"+after), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestReference_ThePageListsTheExceptions: keys of the file that are no flags,
// and flags that are no keys.
func TestReference_ThePageListsTheExceptions(t *testing.T) {
	_, rest, _ := strings.Cut(source(t, "../../deploy/SETTINGS.md"), "Only the file has")
	sentence, _, found := strings.Cut(rest, "not in it.")
	if !found {
		t.Fatal("deploy/SETTINGS.md does not list the exceptions")
	}
	words := strings.FieldsFunc(sentence, func(c rune) bool { return c != '_' && (c < 'a' || c > 'z') })
	flags := map[string]bool{"live": true}
	var want []string
	for _, s := range (&options{}).table() {
		flags[s.Key] = true
		if s.Key == "" && s.Name != "version" {
			want = append(want, s.Name)
		}
	}
	for key := range schema(t)["properties"].(map[string]any) {
		if !flags[key] {
			want = append(want, key)
		}
	}
	for _, name := range want {
		if !slices.Contains(words, name) {
			t.Errorf("the list in deploy/SETTINGS.md of exceptions lacks %s", name)
		}
	}
}

// TestReference_KeysBelowLiveAreNamed in deploy/SETTINGS.md and help: at the top level they are
// mistakes.
func TestReference_KeysBelowLiveAreNamed(t *testing.T) {
	for name, text := range map[string]string{"page": source(t, "../../deploy/SETTINGS.md"), "help": helpTail} {
		_, after, _ := strings.Cut(text, "log_level: warn")
		sentence, _, found := strings.Cut(after, "live:")
		if !found {
			t.Fatalf("the %s does not name the keys below live:", name)
		}
		for _, s := range (&options{}).table() {
			if key, below := strings.CutPrefix(s.Key, "live."); below && !strings.Contains(sentence, key) {
				t.Errorf("the %s lacks live.%s: %q", name, key, sentence)
			}
		}
	}
}

// schema is what vod2live config -schema prints.
func schema(t *testing.T) (s map[string]any) {
	t.Helper()
	text, err := config.Schema((&options{}).table())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

const example = "../../deploy/vod2live.example.yaml"

func TestExample_IsValid(t *testing.T) {
	if _, err := parseOptions([]string{"-config", example}, environment("ORIGIN_TOKEN", "x")); err != nil {
		t.Error(err)
	}
}

// TestExample_HasEveryKeyWithItsDefaultAndAComment, and no key that the schema
// has not.
func TestExample_HasEveryKeyWithItsDefaultAndAComment(t *testing.T) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(source(t, example)), &document); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for key := range walk(t, "", document.Content[0], schema(t), seen) {
		t.Errorf("deploy/vod2live.example.yaml lacks %s", key)
	}
	if len(seen) < 25 {
		t.Errorf("only %d keys were found", len(seen))
	}
}

// walk compares a mapping of the example with the schema's.
func walk(t *testing.T, path string, n *yaml.Node, schema map[string]any, seen map[string]bool) map[string]any {
	t.Helper()
	properties, _ := schema["properties"].(map[string]any)
	lacking := maps.Clone(properties)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		below, known := properties[key.Value].(map[string]any)
		if each, named := schema["additionalProperties"].(map[string]any); named {
			below, known = each, true
		} else if key.HeadComment == "" && key.LineComment == "" && value.LineComment == "" {
			t.Errorf("%s%s has no comment", path, key.Value)
		}
		if !known {
			t.Errorf("the schema lacks %s%s", path, key.Value)
			continue
		}
		delete(lacking, key.Value)
		wantRestart(t, path+key.Value, key.HeadComment+key.LineComment+value.LineComment)
		seen[path+key.Value] = true
		if text, has := below["default"]; has && text != value.Value {
			t.Errorf("%s%s is %s, and the default %s", path, key.Value, value.Value, text)
		}
		if value.Kind != yaml.MappingNode {
			continue
		}
		missing := walk(t, path+key.Value+".", value, below, seen)
		if _, several := below["additionalProperties"].(map[string]any); several || named(schema) {
			continue // the entries have all keys together: see lackingIn
		}
		for key := range missing {
			t.Errorf("deploy/vod2live.example.yaml lacks %s%s", path, key)
		}
	}
	if named(schema) {
		return lackingIn(t, path, n, schema)
	}
	return lacking
}

// named says whether a mapping's keys are names.
func named(schema map[string]any) bool {
	_, is := schema["additionalProperties"].(map[string]any)
	return is
}

// lackingIn reports the keys that no entry of a mapping by names has.
func lackingIn(t *testing.T, path string, n *yaml.Node, schema map[string]any) map[string]any {
	t.Helper()
	each := schema["additionalProperties"].(map[string]any)
	properties, _ := each["properties"].(map[string]any)
	lacking := maps.Clone(properties)
	for i := 1; i < len(n.Content); i += 2 {
		for k := 0; k+1 < len(n.Content[i].Content); k += 2 {
			delete(lacking, n.Content[i].Content[k].Value)
		}
	}
	for key := range lacking {
		t.Errorf("deploy/vod2live.example.yaml lacks %sNAME.%s", path, key)
	}
	return nil
}

// wantRestart compares what the comment of a key says of reloads.
func wantRestart(t *testing.T, path, comment string) {
	t.Helper()
	for _, s := range (&options{}).table() {
		if said := strings.Contains(comment, "(restart"); s.Key == path && s.Restart != said {
			t.Errorf("%s changes at a restart only: %t, and its comment says so: %t", path, s.Restart, said)
		}
	}
}

// TestSchema_DescribesEveryKey of the file.
func TestSchema_DescribesEveryKey(t *testing.T) {
	var described func(path string, s map[string]any)
	described = func(path string, s map[string]any) {
		for _, within := range []string{"properties", "additionalProperties"} {
			inner, _ := s[within].(map[string]any)
			if within == "additionalProperties" && inner != nil {
				described(path+"NAME.", inner)
				continue
			}
			for key, of := range inner {
				if of.(map[string]any)["description"] == nil {
					t.Errorf("%s%s has no description", path, key)
				}
				described(path+key+".", of.(map[string]any))
			}
		}
	}
	described("", schema(t))
}
