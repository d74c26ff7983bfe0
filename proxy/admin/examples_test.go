package admin

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vod2live/proxy/preflight"
)

// exampleID is the stream of the examples; in the rig it is the channel news.
const exampleID = "30c4ab358e579ea8"

// example is one of API.md: curl lines, and the answer to the first of them.
type example struct {
	name, answer string
	curls        []string
}

func examples(t *testing.T) []example {
	t.Helper()
	_, section, _ := strings.Cut(reference(t), "\n## Examples\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var all []example
	for _, m := range regexp.MustCompile("(?s)\n### ([^\n]+)\n.*?```sh\n(.*?)```\n```[a-z]*\n(.*?)```").FindAllStringSubmatch(section, -1) {
		all = append(all, example{m[1], m[3], strings.Split(strings.TrimSpace(m[2]), "\n")})
	}
	return all
}

// requested is the method and path of a curl line.
func requested(t *testing.T, curl string) (method, path string) {
	t.Helper()
	m := regexp.MustCompile(`^curl -s( -X POST)? 'http://127\.0\.0\.1:9180(/api/[^']*)'$`).FindStringSubmatch(curl)
	if m == nil {
		t.Fatalf("not a curl line of the API: %s", curl)
	}
	if m[1] != "" {
		return http.MethodPost, m[2]
	}
	return http.MethodGet, m[2]
}

// unknown lists the keys of an example that the type does not have, at any depth.
func unknown(value any, of reflect.Type, at string) (keys []string) {
	switch of.Kind() {
	case reflect.Pointer:
		return unknown(value, of.Elem(), at)
	case reflect.Slice:
		elements, _ := value.([]any)
		for _, v := range elements {
			keys = append(keys, unknown(v, of.Elem(), at+"[]")...)
		}
	case reflect.Struct:
		object, _ := value.(map[string]any)
		for key, v := range object {
			field := fieldOf(of, key)
			if field == nil {
				keys = append(keys, at+"."+key)
				continue
			}
			keys = append(keys, unknown(v, field.Type, at+"."+key)...)
		}
	}
	return keys
}

// fieldOf finds the field of a type, or of a type embedded in it, by its JSON name.
func fieldOf(of reflect.Type, key string) *reflect.StructField {
	for _, f := range reflect.VisibleFields(of) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name == key {
			return &f
		}
	}
	return nil
}

// answerTypes are the types of the examples, by the pattern of the route.
var answerTypes = map[string]reflect.Type{
	"GET /api/status": reflect.TypeFor[Status](), "GET /api/streams": reflect.TypeFor[Streams](), "GET /api/streams/{id}": reflect.TypeFor[Detail](),
	"GET /api/schedule": reflect.TypeFor[Schedule](), "GET /api/origins": reflect.TypeFor[Origins](), "GET /api/events": reflect.TypeFor[Events](),
	"GET /api/cache": reflect.TypeFor[CacheStatus](), "GET /api/config": reflect.TypeFor[Settings](), "GET /api/check": reflect.TypeFor[preflight.Report](),
	"POST /api/load": reflect.TypeFor[Loaded](), "POST /api/streams/{id}/reload": reflect.TypeFor[Reloaded](), "POST /api/streams/{id}/drop": reflect.TypeFor[Dropped](),
}

func pattern(method, path string) string {
	path, _, _ = strings.Cut(path, "?")
	return method + " " + strings.Replace(path, exampleID, "{id}", 1)
}

func TestExamples_ThereIsOneOfEachRoute(t *testing.T) {
	var documented, routes []string
	for _, e := range examples(t) {
		documented = append(documented, pattern(requested(t, e.curls[0])))
	}
	for _, r := range (&api{}).routes() {
		routes = append(routes, r.pattern)
	}
	if !slices.Equal(documented, routes) {
		t.Errorf("examples of\n%q\nroutes\n%q", documented, routes)
	}
}

func TestExamples_TheirKeysAreThoseOfTheAnswers(t *testing.T) {
	r := newRig(t)
	id := r.json("GET", "/api/streams?search=news")["streams"].([]any)[0].(map[string]any)["id"].(string)
	for _, e := range examples(t) {
		method, path := requested(t, e.curls[0])
		of := answerTypes[pattern(method, path)]
		if of == nil {
			continue // text
		}
		var shown map[string]any
		if err := json.Unmarshal([]byte(e.answer), &shown); err != nil {
			t.Errorf("%s: %v", e.name, err)
			continue
		}
		if keys := unknown(shown, of, ""); len(keys) > 0 {
			t.Errorf("%s: the answer has no %q", e.name, keys)
		}
		sent := r.json(method, strings.Replace(path, exampleID, id, 1))
		for key := range sent {
			if _, is := shown[key]; !is && (of != reflect.TypeFor[Detail]() || fieldOf(reflect.TypeFor[Summary](), key) == nil) {
				t.Errorf("%s: the example lacks %s", e.name, key)
			}
		}
		for key := range shown {
			if _, is := sent[key]; !is {
				t.Errorf("%s: the answer lacks %s", e.name, key)
			}
		}
	}
}

func TestExamples_EachCurlLineIsAnswered(t *testing.T) {
	r := newRig(t)
	id := r.json("GET", "/api/streams?search=news")["streams"].([]any)[0].(map[string]any)["id"].(string)
	server := httptest.NewServer(r)
	defer server.Close()
	for _, e := range examples(t) {
		for _, curl := range e.curls {
			method, path := requested(t, curl)
			request, err := http.NewRequest(method, server.URL+strings.Replace(path, exampleID, id, 1), nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := server.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil || response.StatusCode != http.StatusOK || len(body) == 0 {
				t.Errorf("%s: %d %v %s", curl, response.StatusCode, err, body)
			}
		}
	}
}
