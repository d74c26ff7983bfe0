package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func environment(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func TestParse_ReadsAllOfTheReference(t *testing.T) {
	f, err := Parse([]byte(`
listen: ":8080"
admin: "127.0.0.1:9180"
origins:
  vod:
    url: https://my-bucket.s3.eu-west-1.amazonaws.com/prefix/
    s3: { region: eu-west-1 }
    headers: { X-Token: "Bearer ${ORIGIN_TOKEN}" }
    query: forward
    timeout: 10s
    revalidate: 60s
    gone_after: 10m
    segments: proxy
  backup:
    url: [ "http://a.test/", "http://b.test/vod" ]
    query: [ token, "a b" ]
    segments: direct
    public_url: https://cdn.test/vod
segment_cache: 512MiB
cors: { origins: [ "HTTPS://App.example.com:443", "http://localhost:8000" ], credentials: true }
live:
  window: 60s
  epoch: 2020-01-01T00:00:00Z
channels:
  news: { loop: [ vod/a/master.m3u8 ], window: 90s }
`), environment("ORIGIN_TOKEN", "secret"))
	if err != nil {
		t.Fatal(err)
	}
	epoch := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	want := &File{
		Listen: ":8080", Admin: "127.0.0.1:9180", SegmentCache: 512 << 20,
		CORS: CORS{Origins: []string{"https://app.example.com", "http://localhost:8000"}, Credentials: true}, Live: Live{Window: time.Minute, Epoch: epoch},
		Origins: []Origin{
			{
				Name: "vod", URLs: []string{"https://my-bucket.s3.eu-west-1.amazonaws.com/prefix/"}, Region: "eu-west-1",
				Headers: map[string]string{"X-Token": "Bearer secret"}, Timeout: 10 * time.Second, Revalidate: time.Minute, GoneAfter: 10 * time.Minute,
			},
			{
				Name: "backup", URLs: []string{"http://a.test/", "http://b.test/vod"}, Query: Query{Names: []string{"token", "a+b"}},
				Direct: true, PublicURL: "https://cdn.test/vod",
			},
		},
		Channels: []Channel{{Name: "news", Loop: []Item{{"vod", "a/master.m3u8"}}, Live: Live{Window: 90 * time.Second}}},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("Parse = %+v, want %+v", f, want)
	}
}

func TestParse_AllMistakesAreToldWithTheirPlaces(t *testing.T) {
	_, err := Parse([]byte(`lisen: ":8080"
admin: 9180
origins:
  vod:
    url: ftp://user:geheim@host/
    timeout: 10
    timeout: 20s
    segments: some
    headers: { A: "${MISSING}" }
  vod/2: { url: http://b.test/ }
  s3:
    url: http://host.test/bucket
    s3: { region: x }
    segments: direct
live: [ 60s ]
segment_cache: half
channels:
  vod: { loop: [ gone/a.m3u8, vod/b.mp4 ] }
  empty: {}
  two: { loop: [ vod/a.m3u8, vod/b.m3u8 ], epoch: yesterday }
`), environment())
	if err == nil {
		t.Fatal("no mistake found")
	}
	want := []string{
		`line 1, column 1: unknown key "lisen"; known here: admin, channels, cors, listen, live, origins, segment_cache, tls_cert, tls_key`,
		`line 2, column 8: "9180" is no address`,
		`line 4, column 3: the origin "vod" needs a url`,
		`line 5, column 10: an origin's URL is http(s)://`,
		`line 6, column 14: "10" is no duration`,
		`line 7, column 5: the key "timeout" stands here twice`,
		`line 8, column 15: segments is proxy or direct`,
		`line 9, column 19: ${MISSING} is not set in the environment`,
		`line 10, column 3: the name "vod/2" may have letters`,
		`line 11, column 3: players can't sign requests`,
		`line 15, column 7: keys and values are needed here`,
		`line 16, column 16: "half" is not a size`,
		`line 18, column 3: the name "vod" is taken`,
		`line 18, column 18: there is no origin "gone"`,
		`line 18, column 31: "vod/b.mp4" is no VOD`,
		`line 19, column 3: the channel "empty" needs a loop`,
		`line 20, column 3: the channel "two" has a loop of several VODs`,
		`line 20, column 51: "yesterday" is no instant`,
	}
	got := strings.Split(err.Error(), "\n")
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("missing: %s", want[i])
		case i >= len(want):
			t.Errorf("not expected: %s", got[i])
		case !strings.HasPrefix(got[i], want[i]):
			t.Errorf("got  %s\nwant %s", got[i], want[i])
		}
	}
	if strings.Contains(err.Error(), "geheim") {
		t.Errorf("a secret is shown: %v", err)
	}
}

func TestParse_EnvironmentIsFilledIn(t *testing.T) {
	for text, want := range map[string]string{"${A}": "1", "x${A}y${B}": "x1y2", "$A": "$A", "$${A}": "${A}", "a$$b": "a$$b"} {
		f, err := Parse([]byte("origins: { o: { url: http://a.test/, headers: { h: \""+text+"\" } } }"), environment("A", "1", "B", "2"))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Origins[0].Headers["H"]; got != want {
			t.Errorf("%s stands for %q, want %q", text, got, want)
		}
	}
}

// TestParse_WhatNoStreamCanHaveIsToldWithItsPlace, under a channel as well.
func TestParse_WhatNoStreamCanHaveIsToldWithItsPlace(t *testing.T) {
	_, err := Parse([]byte(`live: { window: 48h, epoch: 2999-01-01T00:00:00Z }
origins: { o: { url: http://a.test/ } }
channels:
  a: { loop: o/a.m3u8, window: 25h, epoch: 1960-01-01T00:00:00Z }
  b: { loop: o/a.m3u8, window: 0s, epoch: 2999-01-01T00:00:00Z }
segment_cache: 1MiB
`), environment())
	want := []string{
		"line 1, column 17: 48h is too long: at most 24h",
		"line 1, column 29: 2999-01-01T00:00:00Z lies in the future",
		"line 4, column 32: 25h is too long",
		"line 4, column 44: 1960-01-01T00:00:00Z is too early",
		"line 5, column 32: 0s is too short",
		"line 5, column 43: 2999-01-01T00:00:00Z lies in the future",
		"line 6, column 16: 1MiB is too little",
	}
	got := strings.Split(fmt.Sprint(err), "\n")
	for i := range max(len(want), len(got)) {
		if i >= len(got) || i >= len(want) || !strings.HasPrefix(got[i], want[i]) {
			t.Fatalf("%v, want %s", err, strings.Join(want, "\n"))
		}
	}
}

func TestParse_WhatCouldNotWorkIsAMistake(t *testing.T) {
	for text, want := range map[string]string{
		"listen: ':99999'": `":99999" is no address`,
		"admin: 'foo:bar'": `"foo:bar" is no address`,
		"origins: { o: { url: http://a.test/, gone_after: 0s } }":                              "line 1, column 50: 0s is too short",
		"origins: { o: { url: http://a.test/ } }\nchannels: { c: { loop: ['o/a#.m3u8'] } }":    `line 2, column 25: "o/a#.m3u8" is no VOD`,
		"origins: { o: { url: http://a.test/ } }\nchannels: { c: { loop: ['o/a?x=.m3u8'] } }":  `"o/a?x=.m3u8" is no VOD`,
		"origins: { o: { url: http://a.test/ } }\nchannels: { c: { loop: ['o/a%zz.m3u8'] } }":  `"o/a%zz.m3u8" is no VOD`,
		"origins: { o: { url: http://geheim@a.test/, segments: direct } }":                     "line 1, column 12: players don't get the user and password",
		"origins: { o: { url: [http://a.test/, http://u:geheim@b.test/], segments: direct } }": "players don't get the user and password",
	} {
		if _, err := Parse([]byte(text), environment()); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{
		"listen: 'localhost:http'", "listen: ':0'\nadmin: ':0'", "origins: { o: { url: http://u:p@a.test/, segments: direct, public_url: http://b.test/ } }",
		"origins: { o: { url: http://a.test/ } }\nchannels: { c: { loop: ['o/a%23%3f b.m3u8'] } }",
	} {
		if _, err := Parse([]byte(text), environment()); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestParse_NoMessageShowsWhatAVariableStandsFor, wherever one is misplaced.
func TestParse_NoMessageShowsWhatAVariableStandsFor(t *testing.T) {
	_, err := Parse([]byte(`
listen: "${SEC}"
admin: "x${SEC}"
segment_cache: "${SEC}"
live: { window: "${SEC}", epoch: "${SEC}" }
origins:
  o: { url: "${SEC}", timeout: "${SHORT}", revalidate: "${SEC}", query: "${SEC}", segments: "${SEC}", public_url: "${SEC}" }
  p: { url: http://b.test/, headers: { A: "${SEC then-geheim", B: "${}", C: "${SEC geheim}", D: "${NONE}" } }
channels:
  c: { loop: "${SEC}" }
  d: { loop: "${SEC}/a.m3u8" }
`), environment("SEC", "geheim", "SHORT", "17ms"))
	if err == nil {
		t.Fatal("no mistake found")
	}
	if n := strings.Count(err.Error(), "\n"); n != 18 {
		t.Errorf("%d lines: %v", n+1, err)
	}
	for _, secret := range []string{"geheim", "17ms"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s is shown: %v", secret, err)
		}
	}
	for _, want := range []string{`"${SEC}" is no duration`, `"${SEC}" is no address`, "${SHORT} is too short", `there is no origin "${SEC}"`, "${NONE} is not set"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not told: %v", want, err)
		}
	}
}

// TestParse_S3SignsOrIsRefused: whoever writes it wants no request unsigned.
func TestParse_S3SignsOrIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"{ a: { s3: {}, url: http://b.test/b } }":                                           `line 1, column 21: not usable for s3: a region is needed`,
		"{ a: { s3: , url: http://b.test/b } }":                                             `a region is needed`,
		"{ a: { s3: ~, url: http://b.test/b } }":                                            `line 1, column 21: not usable for s3: a region is needed`,
		"{ a: { s3: { region: '' }, url: http://b.test/b } }":                               `line 1, column 21: not usable for s3: a region is needed`,
		`{ a: { s3: { region: "${EMPTY}" }, url: http://b.test/b } }`:                       `line 1, column 21: not usable for s3: a region is needed`,
		"{ a: { s3: { region: 'eu west' }, url: http://b.test/b } }":                        `line 1, column 21: not usable for s3: a region is needed`,
		"{ a: { s3: { region: x }, url: http://b.test/ } }":                                 `line 1, column 21: not usable for s3: the URL names no bucket`,
		"{ a: { s3: { region: x }, url: http://geheim@b.test/b } }":                         `line 1, column 21: not usable for s3: a signed request has no room`,
		"{ a: { s3: { region: x }, url: http://b.test/b, headers: { authorization: z } } }": `line 1, column 21: not usable for s3: a signed request has no room`,
	} {
		_, err := Parse([]byte("origins: "+text), environment("EMPTY", ""))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	_, err := Parse([]byte("origins:\n  a: { url: http://b.test/, s3: { region: x } }\n  b: { url: http://b.test/, s3: }\n"), environment())
	if err == nil || !strings.Contains(err.Error(), "line 2, column 33") || !strings.Contains(err.Error(), "line 3, column ") {
		t.Errorf("two origins: %v", err)
	}
}

func TestParse_WhatIsNoYAMLHasOneMistake(t *testing.T) {
	for _, text := range []string{"a: [", "\t- x", "a: b: c"} {
		_, err := Parse([]byte(text), environment())
		if _, is := errors.AsType[*Mistake](err); !is {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"", "# nothing\n", "origins:\n"} {
		if _, err := Parse([]byte(text), environment()); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestParse_HeadersAreSuchAsCanBeSent(t *testing.T) {
	for text, want := range map[string]string{
		`{ "X Bad": a }`:             `"X Bad" is no name of a header`,
		`{ "": a }`:                  `"" is no name`,
		`{ "X:": a }`:                `"X:" is no name`,
		`{ X-É: a }`:                 `"X-É" is no name`,
		`{ X: "a\rb" }`:              "a header has one line",
		`{ X: "a\x00b" }`:            "a header has one line",
		`{ X: "a\x7fb" }`:            "a header has one line",
		`{ X: "${CTL}" }`:            "a header has one line",
		`{ host: cdn.test }`:         "the header Host can't be set",
		`{ content-length: 1 }`:      "the header Content-Length can't be set",
		`{ x-token: a, X-Token: b }`: "the header X-Token stands here twice",
	} {
		_, err := Parse([]byte("origins: { o: { url: http://a.test/, headers: "+text+" } }"), environment("CTL", "\n"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "line 1, column ") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if _, err := Parse([]byte("origins: { o: { url: http://a.test/, headers: { X_1!: \"a\\tb\", Y: é } } }"), environment()); err != nil {
		t.Error(err)
	}
}

func TestParse_ASecondDocumentIsAMistake(t *testing.T) {
	for text, want := range map[string]string{
		"listen: ':1'\n---\nlisten: ':2'\n": "line 2, column 1: a second document",
		"listen: ':1'\n---\n":               "a second document",
		"---\n---\norigins:\n":              "line 2, column 1: a second document",
		"listen: ':1'\n---\na: [":           "not YAML",
	} {
		if _, err := Parse([]byte(text), environment()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"---\nlisten: ':1'\n...\n", "# c\n---\n# d\nlisten: ':1'\n"} {
		if _, err := Parse([]byte(text), environment()); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "1024": 1024, "64KiB": 65536, "512MiB": 512 << 20, "2 GB": 2e9, "1B": 1} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("ParseSize(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MiB", "-1", "1.5GiB", "9999999999TiB"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("ParseSize(%q) = %d, want an error", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("origins: { o: { url: [ http://a.test/ ] } }\nchannels: { c: { loop: o/a.m3u8 } }\n"))
	f.Add([]byte("a: &a { b: *a }\n<<: *a\n"))
	f.Fuzz(func(_ *testing.T, text []byte) { _, _ = Parse(text, environment()) })
}
