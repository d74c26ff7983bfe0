package admin

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vod2live/proxy/preflight"
)

// answers are what the routes answer with, beside text.
var answers = []reflect.Type{
	reflect.TypeFor[Status](), reflect.TypeFor[Streams](), reflect.TypeFor[Detail](), reflect.TypeFor[Origins](), reflect.TypeFor[Events](), reflect.TypeFor[CacheStatus](),
	reflect.TypeFor[Settings](), reflect.TypeFor[Loaded](), reflect.TypeFor[Reloaded](), reflect.TypeFor[Dropped](), reflect.TypeFor[preflight.Report](), reflect.TypeFor[Schedule](),
}

// fields adds a type, and those that it is made of, with the names of their
// fields. What is embedded and has no section belongs to the fields.
func fields(of reflect.Type, all map[string][]string) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		fields(of.Elem(), all)
		return
	case reflect.Struct:
	default:
		return
	}
	if _, known := all[of.Name()]; known || of.NumField() > 0 && !of.Field(0).IsExported() {
		return // an instant is written by itself
	}
	all[of.Name()] = nil
	for field := range of.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if fields(field.Type, all); name != "" {
			all[of.Name()] = append(all[of.Name()], name)
		}
	}
}

func reference(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("API.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReference_HasEveryRouteAndNoOther(t *testing.T) {
	var documented, there []string
	for _, m := range regexp.MustCompile("(?m)^\\| `((?:GET|POST) [^`]+)` \\|").FindAllStringSubmatch(reference(t), -1) {
		documented = append(documented, m[1])
	}
	for _, r := range (&api{}).routes() {
		there = append(there, r.pattern)
	}
	if !slices.Equal(documented, there) {
		t.Errorf("documented\n%q\nthere are\n%q", documented, there)
	}
}

func TestReference_HasEveryFieldAndNoOther(t *testing.T) {
	there := map[string][]string{}
	for _, of := range answers {
		fields(of, there)
	}
	edge := there["Edge"] // a part of Summary
	delete(there, "Edge")
	at := slices.Index(there["Summary"], "era")
	there["Summary"] = slices.Insert(there["Summary"], at, edge...)
	documented := map[string][]string{}
	for _, section := range strings.Split(reference(t), "\n## ")[1:] {
		name, rest, _ := strings.Cut(section, "\n")
		for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\|").FindAllStringSubmatch(rest, -1) {
			documented[name] = append(documented[name], m[1])
		}
	}
	for name, want := range there {
		if !slices.Equal(documented[name], want) {
			t.Errorf("## %s has\n%q\nthe code has\n%q", name, documented[name], want)
		}
	}
	for name := range documented {
		if _, known := there[name]; !known {
			t.Errorf("## %s is nothing of the code's", name)
		}
	}
}

// TestReference_IsOfWhatIsSent: the types above are those of the answers.
func TestReference_IsOfWhatIsSent(t *testing.T) {
	r := newRig(t)
	known := map[string][]string{}
	for _, of := range answers {
		fields(of, known)
	}
	known["Detail"] = slices.Concat(known["Detail"], known["Summary"], known["Edge"])
	for path, name := range map[string]string{
		"GET /api/status": "Status", "GET /api/streams": "Streams", "GET /api/streams/" + r.id: "Detail", "GET /api/origins": "Origins", "GET /api/events": "Events",
		"GET /api/cache": "CacheStatus", "GET /api/config": "Settings", "POST /api/load?address=/news/master.m3u8": "Loaded",
		"POST /api/streams/" + r.id + "/reload": "Reloaded", "GET /api/check?address=/news/master.m3u8": "Report", "GET /api/schedule?channel=news": "Schedule",
	} {
		method, path, _ := strings.Cut(path, " ")
		sent := r.json(method, path)
		if len(sent) != len(known[name]) {
			t.Errorf("%s sends %d fields, %s has %d", path, len(sent), name, len(known[name]))
		}
		for field := range sent {
			if !slices.Contains(known[name], field) {
				t.Errorf("%s sends %s, which %s has not", path, field, name)
			}
		}
	}
}
