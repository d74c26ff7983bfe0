package schedule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"vod2live/playlist/mask"
)

// Mistake is one error in an object.
type Mistake struct {
	Name         string // of the object
	Line, Column int    // counted from 1, the column in characters
	Text         string
	Code         Code // empty: [CodeUnreadable]
}

// Error is NAME:LINE:COLUMN: text.
func (m *Mistake) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", m.Name, m.Line, m.Column, m.Text)
}

// maxMistakes of an object are reported.
const maxMistakes = 100

// reader walks a JSON text once, and collects what is wrong.
type reader struct {
	name    string
	text    []byte
	d       *json.Decoder
	at      int    // where the newest token begins
	key     string // whose value is read
	eras    []int  // where they begin
	wrong   []error
	stopped bool // a bound is exceeded: the rest is not read
}

// mistakes are all that were made.
func (r *reader) mistakes() error { return errors.Join(r.wrong...) }

func (r *reader) mistake(at int, format string, args ...any) {
	if r.stopped {
		return
	}
	if len(r.wrong) == maxMistakes {
		format, args, r.stopped = "more mistakes follow", nil, true
	}
	before := r.text[:at]
	line, text := before[bytes.LastIndexByte(before, '\n')+1:], fmt.Sprintf(format, args...)
	r.wrong = append(r.wrong, &Mistake{r.name, bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(line) + 1, text, codeIn(text)})
}

// codeIn is the code that a message ends in, if it is one of a whole object.
func codeIn(text string) Code {
	for _, code := range []Code{CodeEmpty, CodeLayout, CodeLeadTooShort, CodeNumbersNeeded} {
		if strings.HasSuffix(text, "("+string(code)+")") {
			return code
		}
	}
	return ""
}

// stop reports a bound that is exceeded, and nothing after it.
func (r *reader) stop(format string, args ...any) {
	r.mistake(r.at, format, args...)
	r.stopped = true
}

// open begins at the text's first token. It is false if the text is no JSON.
func (r *reader) open() bool {
	var whole json.RawMessage
	err := json.Unmarshal(r.text[:min(len(r.text), MaxObject)], &whole)
	bad, isSyntax := errors.AsType[*json.SyntaxError](err)
	switch {
	case len(r.text) > MaxObject:
		r.mistake(0, "larger than %d bytes", MaxObject)
	case len(bytes.TrimSpace(r.text)) == 0:
		r.mistake(0, "the text is empty (schedule-empty)")
	case !utf8.Valid(r.text):
		r.mistake(0, "not valid UTF-8")
	case isSyntax:
		r.mistake(min(max(int(bad.Offset)-1, 0), len(r.text)), "not valid JSON: %s", bad)
	case err != nil:
		r.mistake(0, "not valid JSON: %v", err)
	}
	r.d = json.NewDecoder(bytes.NewReader(r.text))
	r.d.UseNumber()
	return len(r.wrong) == 0
}

// token is the next one; nil is null, and the end.
func (r *reader) token() json.Token {
	from := int(r.d.InputOffset())
	t, err := r.d.Token()
	if err != nil && !errors.Is(err, io.EOF) {
		r.stop("not valid JSON: %v", err) // the whole text is valid: see open
	}
	for from < len(r.text) && strings.IndexByte(" \t\r\n,:", r.text[from]) >= 0 {
		from++
	}
	r.at = from
	return t
}

// rest skips the rest of the value that begins with a token.
func (r *reader) rest(t json.Token) {
	depth := 0
	for {
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 || r.stopped {
			return
		}
		t = r.token()
	}
}

// table says how the value of each key of an object is read.
type table[T any] map[string]func(*reader, *T)

// readObject reads an object with known keys, and returns where it begins; below 0: it
// is none, or has mistakes.
func readObject[T any](r *reader, to *T, known table[T]) (start int) {
	t := r.token()
	start = r.at
	if t != json.Delim('{') {
		r.mistake(start, "%san object is needed here", r.what())
		r.rest(t)
		return -1
	}
	seen, before := map[string]bool{}, len(r.wrong)
	for r.d.More() {
		key, _ := r.token().(string)
		read := known[key]
		switch {
		case seen[key]:
			r.mistake(r.at, "the key %.64q is given twice", key)
			read = nil
		case read == nil:
			r.mistake(r.at, "unknown key %.64q; known here: %s", key, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		seen[key] = true
		if r.key = key; read == nil {
			r.rest(r.token())
		} else {
			read(r, to)
		}
		if r.stopped {
			return -1
		}
	}
	r.token()
	if len(r.wrong) > before {
		return -1
	}
	return start
}

// what names the key whose value is read.
func (r *reader) what() string {
	if r.key == "" {
		return ""
	}
	return r.key + ": "
}

// isObject says whether an object comes next.
func (r *reader) isObject() bool {
	ahead := bytes.TrimLeft(r.text[r.d.InputOffset():], " \t\r\n,:")
	return len(ahead) > 0 && ahead[0] == '{'
}

// list reads a list, each entry by one, and returns where it begins; below 0: it is
// none, or has mistakes.
func (r *reader) list(one func()) (start int) {
	t := r.token()
	start = r.at
	if t != json.Delim('[') {
		r.mistake(start, "%sa list is needed here", r.what())
		r.rest(t)
		return -1
	}
	key, before := r.key, len(r.wrong)
	for r.d.More() {
		r.key = key
		if one(); r.stopped {
			return -1
		}
	}
	r.token()
	if len(r.wrong) > before {
		return -1
	}
	return start
}

// scalar reads a value of a type, and returns where it is; below 0: it is none.
func scalar[T any](r *reader, to *T, name string) int {
	t := r.token()
	at := r.at
	v, ok := t.(T)
	if !ok {
		r.mistake(at, "%s%s is needed here", r.what(), name)
		r.rest(t)
		return -1
	}
	*to = v
	return at
}

func (r *reader) readText(to *string) int { return scalar(r, to, "text") }

func (r *reader) truth(to *bool) { scalar(r, to, "true or false") }

func (r *reader) line(to *string) {
	if at := r.readText(to); at >= 0 {
		if err := CheckLine(*to); err != nil {
			r.mistake(at, "%s%v", r.what(), err)
		}
	}
}

// oneOf reads one of some words.
func (r *reader) oneOf(to *string, words ...string) {
	if at := r.readText(to); at >= 0 && !slices.Contains(words, *to) {
		r.mistake(at, "%snot one of %s", r.what(), strings.Join(words, ", "))
	}
}

func (r *reader) vod(i *Item) {
	var text string
	at := r.readText(&text)
	if at < 0 {
		return
	}
	if err := i.SetVOD(text); err != nil || i.Path == "" || CheckLine(text) != nil {
		r.mistake(at, "%q is not a VOD: ORIGIN/PATH of a playlist is needed, such as vod/film/master.m3u8", short(mask.Text(text)))
	}
}

func (r *reader) instant(to *time.Time) {
	var text string
	at := r.readText(&text)
	if at < 0 {
		return
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || t.Year() < 1970 {
		r.mistake(at, "%s%q is not an instant such as 2026-12-24T18:00:00Z", r.what(), short(text))
		return
	}
	*to = t.UTC()
}
