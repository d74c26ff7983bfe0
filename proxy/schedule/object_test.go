package schedule

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

const locked = `{ "vod2live": 1, "channel": "kids", "target_duration": 6, "model": "vod/a/master.m3u8",
  "written": "2026-11-28T10:00:00Z", "frozen": "2026-11-28T10:05:00Z", "slate": "vod/slate.m3u8",
  "withdrawn": [ "vod/gone.m3u8" ], "title": "Kids, \ud83d\ude00",
  "eras": [ { "at": "2026-12-24T18:00:00Z", "starts": "2026-12-24T18:00:02.480000000Z",
    "numbers": { "media": [412806, 412806, null], "discontinuity": 2210 },
    "play": [ { "vod": "vod/film/master.m3u8", "in": "12s", "out": "1h32m", "title": "The film", "sum": "9f2c00000000000a",
      "stretches": [ { "length": "2710.040000000", "segments": [452, 452, null] }, { "length": "2798.000000000", "segments": [467, 467, 0] } ] } ],
    "loop": [ { "vod": "vod/ident/master.m3u8", "sum": "9f2c00000000000b", "stretches": [ { "length": "6", "segments": [1, 1, 1] } ] } ] } ] }
`

func TestRead_AnObjectIsReadAsItIsWritten(t *testing.T) {
	o, err := Read("o", []byte(locked))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 12, 24, 18, 0, 0, 0, time.UTC)
	want := []Era{{
		At: at, Starts: at.Add(2480 * time.Millisecond), Numbers: &Numbers{[]int64{412806, 412806, Absent}, 2210},
		Play: []Item{{
			Origin: "vod", Path: "film/master.m3u8", In: 12 * time.Second, Out: 92 * time.Minute, Title: "The film", Sum: "9f2c00000000000a",
			Stretches: []Stretch{{Length: 2710*time.Second + 40*time.Millisecond, Segments: []int64{452, 452, Absent}}, {Length: 2798 * time.Second, Segments: []int64{467, 467, 0}}},
		}},
		Loop: []Item{{Origin: "vod", Path: "ident/master.m3u8", Sum: "9f2c00000000000b", Stretches: []Stretch{{Length: 6 * time.Second, Segments: []int64{1, 1, 1}}}}},
	}}
	if !reflect.DeepEqual(o.Eras, want) {
		t.Errorf("eras: %+v\nwant %+v", o.Eras, want)
	}
	if o.Name != "kids" || o.Title != "Kids, 😀" || o.Target != 6*time.Second || o.Model.Path != "a/master.m3u8" || o.Slate.Path != "slate.m3u8" || o.Withdrawn[0].Path != "gone.m3u8" || o.Frozen.Sub(o.Written) != 5*time.Minute {
		t.Errorf("%+v", o)
	}
}

func TestRead_AWishNeedsNothingButEras(t *testing.T) {
	o, err := Read("o", []byte(`{"filler":["vod/i.m3u8"],"eras":[{"at":"2026-12-24T18:00:00+01:00","play":["vod/a.m3u8"],"wait":90.5}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if e := o.Eras[0]; e.Loop[0].Path != "i.m3u8" || e.Wait != 90*time.Second+500*time.Millisecond || e.At.Hour() != 17 || e.Numbers != nil {
		t.Errorf("%+v", e)
	}
}

const noVOD = ` is not a VOD: ORIGIN/PATH of a playlist is needed, such as vod/film/master.m3u8`

func TestRead_MistakesAreToldWithTheirPlaces(t *testing.T) {
	era := func(more string) string {
		return `{"eras":[` + "\n" + `{"at":"2026-12-01T06:00:00Z","loop":["vod/a.m3u8"]` + more + `}]}`
	}
	item := func(text string) string {
		return `{"eras":[{"at":"2026-12-01T06:00:00Z","loop":[` + "\n" + text + `]}]}`
	}
	for text, want := range map[string]string{
		``:                                      `o:1:1: the text is empty (schedule-empty)`,
		"{\n \"eras\": [,] }":                   `o:2:11: not valid JSON: invalid character ',' looking for beginning of value`,
		`{"eras":[]} {}`:                        `o:1:13: not valid JSON: invalid character '{' after top-level value`,
		`{"eras":[`:                             `o:1:9: not valid JSON: unexpected end of JSON input`,
		"\"\xff\"":                              `o:1:1: not valid UTF-8`,
		`[]`:                                    `o:1:1: an object is needed here`,
		`{}`:                                    `o:1:1: no eras: a schedule has one at least`,
		`{"eras":{}}`:                           `o:1:9: eras: a list is needed here`,
		`{"eras":[1, null]}`:                    "o:1:10: eras: an object is needed here\no:1:13: eras: an object is needed here",
		`{"vod2live":2,"eras":[]}`:              `o:1:13: vod2live 2: this release lays out by the rules of version 1 (layout-version)`,
		era(`,"end":"yes"`):                     `o:2:58: end: true or false is needed here`,
		era(`,"end":true`):                      `o:2:1: an era that ends the channel (end: true) has no loop`,
		era(`,"at":"x"`):                        `o:2:52: the key "at" is given twice`,
		era(`,"ä":1,"lop":1`):                   "o:2:52: unknown key \"ä\"; known here: at, end, loop, numbers, play, starts, wait\no:2:58: unknown key \"lop\"; known here: at, end, loop, numbers, play, starts, wait",
		era(`,"wait":"25h"`):                    `o:2:59: wait: too long: at most 24h0m0s`,
		era(`,"wait":-1`):                       `o:2:59: wait: a duration is needed here, such as "1h32m", or a number of seconds`,
		era(`,"starts":"2026-12-01T06:00:00Z"`): `o:2:1: an era has starts, numbers, and the sum and stretches of all its items, or none of them`,
		era(`,"numbers":{"media":[]}`):          `o:2:71: media: one number for each rendition is needed`,
		era(`,"numbers":{"media":[1]}`):         `o:2:62: numbers need media, one number for each rendition, and discontinuity`,
		item(`{"vod":"v/a","sum":"9f2c00000000000a","stretches":[{"length":"1","segments":[1,2]},{"length":"1","segments":[1]}]}`): `o:2:109: segments: 1 numbers, where 2 renditions are numbered`,
		item(`{"vod":"v/a","sum":"9f2c00000000000a","stretches":[{"length":"1"}]}`):                                                `o:2:52: a stretch needs a length, and segments, one number for each rendition`,
		era(`,"numbers":{"media":[1,-2],"discontinuity":0}`):                                                                       `o:2:74: media: a whole number is needed here, from 0 to 2^62`,
		era(`,"numbers":{"media":[4611686018427387904],"discontinuity":0}`):                                                        `o:2:72: media: a whole number is needed here, from 0 to 2^62`,
		item(`{"title":"x"}`):                                                           `o:2:1: an item needs a vod, such as "vod": "vod/film/master.m3u8"`,
		item(`"a.m3u8", "vod/b/", 7`):                                                   "o:2:1: \"a.m3u8\"" + noVOD + "\no:2:11: \"vod/b/\"" + noVOD + "\no:2:21: loop: text is needed here",
		item(`{"vod":"vod/a.m3u8","title":"a\nb"}`):                                     `o:2:29: title: not one line: it has a control character`,
		item(`{"vod":"vod/a.m3u8","in":60,"out":"30s"}`):                                `o:2:1: out (30s) is not after in (1m0s)`,
		item(`{"vod":"vod/a.m3u8","sum":"9F2C00000000000A"}`):                           `o:2:27: sum: 16 hexadecimal digits are needed`,
		item(`{"vod":"vod/a.m3u8","sum":"9f2c00000000000a"}`):                           `o:2:1: an item has a sum and stretches, or neither`,
		item(`{"vod":"vod/a.m3u8","stretches":[{"length":"0","segments":[1]}]}`):        `o:2:44: length "0": seconds above 0 are needed, such as 2710.04`,
		item(`{"vod":"vod/a.m3u8","stretches":[{"length":"1e9","segments":[1]}]}`):      `o:2:44: length "1e9": seconds above 0 are needed, such as 2710.04`,
		item(`{"vod":"vod/a.m3u8","stretches":[{"length":"315360001","segments":[]}]}`): `o:2:44: the items last more than 10 years together`,
		`{"eras":[{"at":"1999-12-01 06:00","play":["vod/a.m3u8"]}]}`:                    `o:1:16: at: "1999-12-01 06:00" is not an instant such as 2026-12-24T18:00:00Z`,
		item(`"vod/a.m3u8?sig=hidden#"`):                                                "o:2:1: \"vod/a.m3u8?***\"" + noVOD,
		`{"withdrawn":[{"vod":"vod/a.m3u8"}],"eras":[]}`:                                `o:1:15: withdrawn: text is needed here`,
		`{"target_duration":6.5,"eras":[]}`:                                             `o:1:20: target_duration: whole seconds are needed, from 1 to 120`,
		`{"written":"2026-12-01T06:00:00Z","frozen":"2026-12-01T05:00:00Z","eras":[{"at":"2026-12-01T06:00:00Z","play":["vod/a.m3u8"]}]}`: "o:1:1: frozen is before written (lead-too-short)\no:1:75: nothing is left to play after this era: give it a loop, the channel a filler, or the era end: true (nothing-to-fill)",
	} {
		_, err := Read("o", []byte(text))
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n%v\nwant\n%s", text, err, want)
		}
	}
}

func TestRead_IsBounded(t *testing.T) {
	eras := func(n int, one string) string {
		return `{"eras":[` + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + `]}`
	}
	for name, c := range map[string]struct{ text, want string }{
		"bytes":    {`{"title":"` + strings.Repeat("x", MaxObject) + `"}`, "larger than 2097152 bytes"},
		"eras":     {eras(maxEras+1, `{"at":"2026-12-01T06:00:00Z"}`), "more than 10000 eras"},
		"items":    {`{"filler":[` + strings.Repeat(`"a/b",`, maxItems) + `"a/b"]}`, "more than 100000 items"},
		"mistakes": {eras(maxEras, `{}`), "more mistakes follow"},
		"depth":    {strings.Repeat("[", 1<<20), "exceeded max depth"},
		"skipped":  {`{"x":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`, `unknown key "x"`},
		"counts":   {`{"eras":[{"numbers":{"media":[` + strings.Repeat("1,", 256) + `1],"discontinuity":"x"}}]}`, "media: more than 256 renditions"},
	} {
		_, err := Read("o", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Count(err.Error(), "\n") > maxMistakes || len(err.Error()) > 64<<10 {
			t.Errorf("%s: %.300v, want %s", name, err, c.want)
		}
	}
}

// FuzzRead: no text makes it panic; what is read keeps all rules, and every mistake has a
// place in the text.
func FuzzRead(f *testing.F) {
	f.Add([]byte(locked))
	f.Add([]byte(`{"eras":[{"at":"2026-12-24T18:00:00+01:00","play":["vod/a.m3u8"],"end":true,"wait":90.5}]}`))
	f.Add([]byte("{\"eras\":[\n[1,{\"x\":null}],{\"loop\":[{}, 3]}]}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := Read("o", text)
		if err == nil {
			for n, e := range o.Eras {
				if e.At.IsZero() || e.End != (len(e.Loop) == 0) || len(e.Play)+len(e.Loop) == 0 || n > 0 && !e.At.After(o.Eras[n-1].At) {
					t.Errorf("era %d: %+v", n, e)
				}
			}
			if len(o.Eras) == 0 {
				t.Error("read without an era")
			}
			return
		}
		joined, is := err.(interface{ Unwrap() []error })
		if !is {
			t.Fatalf("%T", err)
		}
		for _, e := range joined.Unwrap() {
			m, is := errors.AsType[*Mistake](e)
			if !is || m.Line < 1 || m.Column < 1 || m.Line > strings.Count(string(text), "\n")+1 {
				t.Errorf("%v", e)
			}
		}
	})
}
