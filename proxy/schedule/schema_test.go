package schedule

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// schemaNode is what these tests know of JSON schemas: all that the schema uses.
type schemaNode struct {
	Ref                                    string `json:"$ref"`
	Type, Pattern                          string
	AdditionalProperties                   *bool
	Required                               []string
	Properties, Definitions                map[string]*schemaNode
	Items                                  *schemaNode
	AnyOf                                  []*schemaNode
	Const                                  any
	Enum                                   []string
	MinItems, MaxItems, MinLength, Minimum *float64
	MaxLength                              *float64
	Title, Description, Format             string
	Schema                                 string `json:"$schema"`
}

func readSchema(t *testing.T) *schemaNode {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(Schema))
	d.DisallowUnknownFields()
	var s schemaNode
	if err := d.Decode(&s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// TestSchema_HasTheKeysThatAreRead, in each object, and no others.
func TestSchema_HasTheKeysThatAreRead(t *testing.T) {
	s := readSchema(t)
	for name, c := range map[string]struct {
		of   *schemaNode
		keys []string
	}{
		"top":     {s, slices.Sorted(maps.Keys(topKeys))},
		"era":     {s.Definitions["era"], slices.Sorted(maps.Keys(eraKeys))},
		"item":    {s.Definitions["item"], slices.Sorted(maps.Keys(itemKeys))},
		"numbers": {s.Definitions["era"].Properties["numbers"], slices.Sorted(maps.Keys(numbersKeys))},
		"breaks":  {s.Definitions["rule"], slices.Sorted(maps.Keys(breaksKeys))},
		"stretch": {s.Definitions["item"].Properties["stretches"].Items, slices.Sorted(maps.Keys(stretchKeys))},
	} {
		if got := slices.Sorted(maps.Keys(c.of.Properties)); !slices.Equal(got, c.keys) {
			t.Errorf("%s: the schema has %s, read are %s", name, got, c.keys)
		}
		if c.of.AdditionalProperties == nil || *c.of.AdditionalProperties {
			t.Errorf("%s: the schema allows other keys", name)
		}
	}
}

// holds says what is wrong with a value.
func (s *schemaNode) holds(root *schemaNode, v any) error {
	if s.Ref != "" {
		return root.Definitions[strings.TrimPrefix(s.Ref, "#/definitions/")].holds(root, v)
	}
	if s.AnyOf != nil && !slices.ContainsFunc(s.AnyOf, func(one *schemaNode) bool { return one.holds(root, v) == nil }) {
		return fmt.Errorf("%v is none of what it may be", v)
	}
	if s.Const != nil && s.Const != v {
		return fmt.Errorf("%v is not %v", v, s.Const)
	}
	switch v := v.(type) {
	case map[string]any:
		return s.holdsObject(root, v)
	case []any:
		return s.holdsList(root, v)
	case string:
		if s.Enum != nil && !slices.Contains(s.Enum, v) {
			return fmt.Errorf("%q is not in %s", v, s.Enum)
		}
		if s.Type != "" && s.Type != "string" || s.MaxLength != nil && float64(len([]rune(v))) > *s.MaxLength || s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(v) {
			return fmt.Errorf("%q is not %s %s", v, s.Type, s.Pattern)
		}
	case float64:
		if s.Type != "" && s.Type != "number" && s.Type != "integer" || s.Minimum != nil && v < *s.Minimum || s.Type == "integer" && v != float64(int64(v)) {
			return fmt.Errorf("%v is not %s", v, s.Type)
		}
	case bool:
		if s.Type != "" && s.Type != "boolean" {
			return fmt.Errorf("%v is not %s", v, s.Type)
		}
	case nil:
		if s.Type != "" && s.Type != "null" {
			return fmt.Errorf("null is not %s", s.Type)
		}
	}
	return nil
}

func (s *schemaNode) holdsObject(root *schemaNode, v map[string]any) error {
	if s.Type != "" && s.Type != "object" {
		return fmt.Errorf("an object is not %s", s.Type)
	}
	for _, name := range s.Required {
		if _, has := v[name]; !has {
			return fmt.Errorf("%s is missing", name)
		}
	}
	for name, value := range v {
		of := s.Properties[name]
		if of == nil && s.AdditionalProperties == nil {
			continue
		}
		if of == nil {
			return fmt.Errorf("%s is unknown", name)
		}
		if err := of.holds(root, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (s *schemaNode) holdsList(root *schemaNode, v []any) error {
	if s.Type != "" && s.Type != "array" || s.MinItems != nil && float64(len(v)) < *s.MinItems {
		return fmt.Errorf("a list of %d is not %s", len(v), s.Type)
	}
	for n := range v {
		if err := s.Items.holds(root, v[n]); err != nil {
			return fmt.Errorf("%d: %w", n, err)
		}
	}
	return nil
}

// TestSchema_HoldsWhatIsReadAndRefusesWhatIsNot.
func TestSchema_HoldsWhatIsReadAndRefusesWhatIsNot(t *testing.T) {
	s := readSchema(t)
	check := func(text string) error {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		return s.holds(s, v)
	}
	good := []string{
		`{"eras":[{"at":"2026-12-01T06:00:00Z","loop":["vod/a/master.m3u8",{"vod":"vod/b.m3u8","in":"1m","out":90.5}]}]}`,
		`{"channel":"kids","target_duration":6,"model":"vod/a.m3u8","withdrawn":["vod/b.m3u8"],"eras":[{"at":"2026-12-01T06:00:00Z","wait":"5m","play":["vod/a.m3u8"],"end":true}]}`,
		`{"breaks":{"every":"12m","slate":"vod/s.m3u8","for":60,"mark":["daterange","cue"]},"eras":[{"at":"2026-12-01T06:00:00Z","loop":[{"vod":"vod/a.m3u8","breaks":false},{"vod":"vod/a.m3u8","breaks":{"at":["5m",600]}}]}]}`,
		lockedText(t),
	}
	for _, text := range good {
		if _, err := Read("o", []byte(text)); err != nil {
			t.Errorf("it is not read: %v", err)
		}
		if err := check(text); err != nil {
			t.Errorf("the schema refuses %.200s: %v", text, err)
		}
	}
	for _, text := range []string{
		`[]`, `{}`, `{"eras":[]}`, `{"eras":[{}]}`, `{"vod2live":2,"eras":[{"at":"2026-12-01T06:00:00Z","loop":["vod/a.m3u8"]}]}`,
		`{"eras":[{"at":"2026-12-01T06:00:00Z","loop":["a"]}]}`, `{"eras":[{"at":"2026-12-01T06:00:00Z","loop":[{"in":"1m"}]}]}`,
		`{"eras":[{"at":"2026-12-01T06:00:00Z","loop":["vod/a.m3u8"],"when":1}]}`, `{"breaks":true,"eras":[{"at":"2026-12-01T06:00:00Z","loop":["vod/a.m3u8"]}]}`,
		`{"breaks":{"every":"12m","slate":"vod/s.m3u8","for":60,"mark":["cues"]},"eras":[{"at":"2026-12-01T06:00:00Z","loop":["vod/a.m3u8"]}]}`, `{"title":7,"eras":[{"at":"2026-12-01T06:00:00Z","loop":["vod/a.m3u8"]}]}`,
	} {
		if _, err := Read("o", []byte(text)); err == nil {
			t.Errorf("it is read: %s", text)
		}
		if err := check(text); err == nil {
			t.Errorf("the schema holds %s", text)
		}
	}
}

// TestSchema_HoldsTheWishOfTheExampleScheduler, of its own example of a plan.
func TestSchema_HoldsTheWishOfTheExampleScheduler(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"cartoons", "films"} {
		if err := os.MkdirAll(filepath.Join(folder, name, "a ü?"), 0o700); err != nil {
			t.Fatal(err)
		}
		text := "#EXTM3U\n#EXTINF:1200,\n0.ts\n#EXT-X-ENDLIST\n"
		if err := os.WriteFile(filepath.Join(folder, name, "a ü?", "master.m3u8"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	example := exec.Command("go", "run", "./scheduler", "week", "-plan", "scheduler/plan.json", "-vods", folder)
	example.Dir = "../../deploy/tools"
	wish, err := example.Output()
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(wish, &v); err != nil {
		t.Fatal(err)
	}
	s := readSchema(t)
	if err := s.holds(s, v); err != nil {
		t.Errorf("%v\n%s", err, wish)
	}
	_, err = ReadWish("wish", wish, func(o *Object) { o.Filler, o.Target, o.Model = make([]Item, 1), 6e9, &Item{} })
	if err != nil || !strings.Contains(string(wish), `"vod/films/a%20%C3%BC%3F/master.m3u8"`) {
		t.Errorf("%v\n%s", err, wish)
	}
}
