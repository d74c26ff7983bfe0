package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"vod2live/proxy/schedule"
)

func environment(pairs ...string) (env Environment) {
	for i := 0; i < len(pairs); i += 2 {
		env = append(env, pairs[i]+"="+pairs[i+1])
	}
	return env
}

// values are some settings.
type values struct {
	listen, admin, cert string
	segmentCache        int64
	window              time.Duration
	epoch               time.Time
}

func (v *values) table() Settings {
	return Settings{
		{Name: "listen", Key: "listen", Default: ":8080", Value: Address(&v.listen)},
		{Name: "admin", Key: "admin", Default: "127.0.0.1:9180", Value: Address(&v.admin)},
		{Name: "tls-cert", Key: "tls_cert", Value: Text(&v.cert, "FILE")},
		{Name: "segment-cache", Key: "segment_cache", Default: "0", Value: SizeOrOff(&v.segmentCache, 16<<20)},
		{Name: "window", Key: "live.window", Default: "60s", Value: Window(&v.window)},
		{Name: "epoch", Key: "live.epoch", Default: "2026-01-01T00:00:00Z", Value: Epoch(&v.epoch)},
	}
}

// parse reads a file named f.
func parse(text []byte, env Environment) (*File, error) {
	return Parse("f", text, (&values{}).table(), env)
}

func TestParse_ReadsAllOfTheReference(t *testing.T) {
	var v values
	f, err := Parse("f", []byte(`
listen: ":80"
admin: "127.0.0.1:9181"
tls_cert: c.pem
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
    strict: true
    public_url: https://cdn.test/vod
segment_cache: 512MiB
cors: { origins: [ "HTTPS://App.example.com:443", "http://localhost:8000" ], credentials: true }
live:
  window: 60s
  epoch: 2020-01-01T00:00:00Z
channels:
  news: { loop: [ vod/a/master.m3u8 ], window: 90s }
`), v.table(), environment("ORIGIN_TOKEN", "secret"))
	if err != nil {
		t.Fatal(err)
	}
	want := &File{
		CORS: CORS{Origins: []string{"https://app.example.com", "http://localhost:8000"}, Credentials: true},
		Origins: []Origin{
			{
				Name: "vod", URLs: []string{"https://my-bucket.s3.eu-west-1.amazonaws.com/prefix/"}, Region: "eu-west-1",
				Headers: map[string]string{"X-Token": "Bearer secret"}, Timeout: 10 * time.Second, Revalidate: time.Minute, GoneAfter: 10 * time.Minute,
			},
			{
				Name: "backup", URLs: []string{"http://a.test/", "http://b.test/vod"}, Query: Query{Names: []string{"token", "a+b"}},
				Direct: true, Strict: true, PublicURL: "https://cdn.test/vod",
			},
		},
		Channels: []Channel{{Name: "news", Channel: schedule.Channel{Eras: []schedule.Era{{Loop: []schedule.Item{{Origin: "vod", Path: "a/master.m3u8"}}}}}, Live: Live{Window: 90 * time.Second}}},
	}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("Parse = %+v, want %+v", f, want)
	}
	settings := values{":80", "127.0.0.1:9181", "c.pem", 512 << 20, time.Minute, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
	if v != settings {
		t.Errorf("Parse sets %+v, want %+v", v, settings)
	}
}

func TestParse_AllMistakesAreToldWithTheirPlaces(t *testing.T) {
	_, err := parse([]byte(`lisen: ":8080"
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
		`f:1:1: unknown key "lisen"; did you mean listen?`,
		`f:2:8: admin "9180": not an address such as 127.0.0.1:8080 or :8080; did you mean :9180?`,
		`f:5:10: url: an origin's URL is http(s)://`,
		`f:6:14: timeout "10": not a duration such as 60s, 10m or 1h30m; did you mean 10s?`,
		`f:7:5: the key "timeout" is given twice`,
		`f:8:15: segments must be proxy or direct`,
		`f:9:19: headers: ${MISSING} is not set in the environment`,
		`f:10:3: invalid name "vod/2": use letters`,
		`f:11:3: players can't sign requests`,
		`f:15:7: not a mapping: key: value pairs are needed here`,
		`f:16:16: segment_cache "half": not a size`,
		`f:18:3: the name "vod" is used twice`,
		`f:18:18: origin "gone" not found`,
		`f:18:31: "vod/b.mp4" is not a VOD`,
		`f:19:3: the channel "empty" needs a loop`,
		`f:20:51: epoch "yesterday": not an instant`,
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
		f, err := parse([]byte("origins: { o: { url: http://a.test/, headers: { h: \""+text+"\" } } }"), environment("A", "1", "B", "2"))
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
	_, err := parse([]byte(`live: { window: 48h, epoch: 2999-01-01T00:00:00Z }
origins: { o: { url: http://a.test/ } }
channels:
  a: { loop: o/a.m3u8, window: 25h, epoch: 1960-01-01T00:00:00Z }
  b: { loop: o/a.m3u8, window: 0s, epoch: 2999-01-01T00:00:00Z }
segment_cache: 1MiB
`), environment())
	want := []string{
		`f:1:17: window "48h": too long: at most 24h`,
		`f:1:29: epoch "2999-01-01T00:00:00Z": in the future`,
		`f:4:32: window "25h": too long`,
		`f:4:44: epoch "1960-01-01T00:00:00Z": too early`,
		`f:5:32: window "0s": too short`,
		`f:5:43: epoch "2999-01-01T00:00:00Z": in the future`,
		`f:6:16: segment_cache "1MiB": too small`,
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
		"listen: ':99999'": `listen ":99999": not a port`,
		"admin: 'foo:bar'": `admin "foo:bar": not a port`,
		"origins: { o: { url: http://a.test/, gone_after: 0s } }":                                                                  `f:1:50: gone_after "0s": too short`,
		"origins: { o: { url: http://a.test/ } }\nchannels: { c: { loop: ['o/a#.m3u8'] } }":                                        `f:2:25: "o/a#***" is not a VOD`,
		"origins: { o: { url: http://a.test/ } }\nchannels: { c: { loop: ['o/a?x=.m3u8'] } }":                                      `"o/a?***" is not a VOD`,
		"origins: { o: { url: http://a.test/ } }\nchannels: { c: { loop: ['o/a%zz.m3u8'] } }":                                      `"o/a%zz.m3u8" is not a VOD`,
		"origins: { o: { url: http://geheim@a.test/, segments: direct } }":                                                         "f:1:12: players don't get the user and password",
		"origins: { o: { url: [http://a.test/, http://u:geheim@b.test/], segments: direct } }":                                     "players don't get the user and password",
		"origins: { o: { url: http://a.test/, segments: direct } }\nchannels: { c: { timestamps: continuous, loop: [o/a.m3u8] } }": `f:2:49: the origin "o" has segments: direct, and continuous timestamps need segments that pass through here`,
	} {
		if _, err := parse([]byte(text), environment()); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{
		"listen: 'localhost:http'", "listen: ':0'\nadmin: ':0'", "origins: { o: { url: http://u:p@a.test/, segments: direct, public_url: http://b.test/ } }",
		"origins: { o: { url: http://a.test/ } }\nchannels: { c: { loop: ['o/a%23%3f b.m3u8'] } }",
		"origins: { o: { url: http://a.test/ } }\nchannels: { c: { timestamps: continuous, loop: [o/a.m3u8, o/b.m3u8] } }",
	} {
		if _, err := parse([]byte(text), environment()); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestParse_NoMessageShowsWhatAVariableStandsFor, wherever one is misplaced.
func TestParse_NoMessageShowsWhatAVariableStandsFor(t *testing.T) {
	_, err := parse([]byte(`
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
	if n := strings.Count(err.Error(), "\n"); n != 16 {
		t.Errorf("%d lines: %v", n+1, err)
	}
	for _, secret := range []string{"geheim", "17ms"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s is shown: %v", secret, err)
		}
	}
	for _, want := range []string{`window "${SEC}": not a duration`, `listen "${SEC}": not an address`, `timeout "${SHORT}": too short`, `origin "${SEC}" not found`, "${NONE} is not set"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not told: %v", want, err)
		}
	}
}

// TestParse_S3SignsOrIsRefused: whoever writes it wants no request unsigned.
func TestParse_S3SignsOrIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"{ a: { s3: {}, url: http://b.test/b } }":                                           `f:1:21: not usable for s3: a region is needed`,
		"{ a: { s3: , url: http://b.test/b } }":                                             `a region is needed`,
		"{ a: { s3: ~, url: http://b.test/b } }":                                            `f:1:21: not usable for s3: a region is needed`,
		"{ a: { s3: { region: '' }, url: http://b.test/b } }":                               `f:1:21: not usable for s3: a region is needed`,
		`{ a: { s3: { region: "${EMPTY}" }, url: http://b.test/b } }`:                       `f:1:21: not usable for s3: a region is needed`,
		"{ a: { s3: { region: 'eu west' }, url: http://b.test/b } }":                        `f:1:21: not usable for s3: a region is needed`,
		"{ a: { s3: { region: x }, url: http://b.test/ } }":                                 `f:1:21: not usable for s3: the URL names no bucket`,
		"{ a: { s3: { region: x }, url: http://geheim@b.test/b } }":                         `f:1:21: not usable for s3: a signed request has no room`,
		"{ a: { s3: { region: x }, url: http://b.test/b, headers: { authorization: z } } }": `f:1:21: not usable for s3: a signed request has no room`,
	} {
		_, err := parse([]byte("origins: "+text), environment("EMPTY", ""))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	_, err := parse([]byte("origins:\n  a: { url: http://b.test/, s3: { region: x } }\n  b: { url: http://b.test/, s3: }\n"), environment())
	if err == nil || !strings.Contains(err.Error(), "f:2:33") || !strings.Contains(err.Error(), "f:3:") {
		t.Errorf("two origins: %v", err)
	}
}

func TestParse_WhatIsNoYAMLHasOneMistake(t *testing.T) {
	for _, text := range []string{"a: [", "\t- x", "a: b: c"} {
		_, err := parse([]byte(text), environment())
		if _, is := errors.AsType[*Mistake](err); !is {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestParse_HeadersAreSuchAsCanBeSent(t *testing.T) {
	for text, want := range map[string]string{
		`{ "X Bad": a }`:             `"X Bad" is not a header name`,
		`{ "": a }`:                  `"" is not a header name`,
		`{ "X:": a }`:                `"X:" is not a header name`,
		`{ X-É: a }`:                 `"X-É" is not a header name`,
		`{ X: "a\rb" }`:              "a header value has one line",
		`{ X: "a\x00b" }`:            "a header value has one line",
		`{ X: "a\x7fb" }`:            "a header value has one line",
		`{ X: "${CTL}" }`:            "a header value has one line",
		`{ host: "a b" }`:            "the header Host must be HOST or HOST:PORT",
		`{ host: "a.test/x" }`:       "the header Host must be HOST or HOST:PORT",
		`{ content-length: 1 }`:      "the header Content-Length can't be set",
		`{ x-token: a, X-Token: b }`: "the header X-Token is given twice",
	} {
		_, err := parse([]byte("origins: { o: { url: http://a.test/, headers: "+text+" } }"), environment("CTL", "\n"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "f:1:") {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if _, err := parse([]byte("origins: { o: { url: http://a.test/, headers: { X_1!: \"a\\tb\", Y: é } } }"), environment()); err != nil {
		t.Error(err)
	}
}

func TestParse_ParamsAndTheHeaderHost(t *testing.T) {
	f, err := parse([]byte("origins: { o: { url: http://a.test/, headers: { host: \"cdn.test:8080\", Cookie: \"a=${S}; b=1\" }, params: { sv: 1, sig: \"${S}\" } } }"), environment("S", "x=y&z"))
	if err != nil {
		t.Fatal(err)
	}
	if o := f.Origins[0]; o.Params["sv"] != "1" || o.Params["sig"] != "x=y&z" || o.Headers["Host"] != "cdn.test:8080" || o.Headers["Cookie"] != "a=x=y&z; b=1" {
		t.Errorf("%+v", o)
	}
	for text, want := range map[string]string{
		"params: { \"\": a }":                         "a query parameter needs a name",
		"params: [ sig ]":                             "not a mapping",
		"params: { a: b }, s3: { region: eu-west-1 }": "params can't be used with s3",
	} {
		if _, err := parse([]byte("origins: { o: { url: http://a.test/bucket, "+text+" } }"), environment()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestParse_ASecondDocumentIsAMistake(t *testing.T) {
	for text, want := range map[string]string{
		"listen: ':1'\n---\nlisten: ':2'\n": "f:2:1: a second document",
		"listen: ':1'\n---\n":               "a second document",
		"---\n---\norigins:\n":              "f:2:1: a second document",
		"listen: ':1'\n---\na: [":           "f:3:1: not valid YAML",
	} {
		if _, err := parse([]byte(text), environment()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"---\nlisten: ':1'\n...\n", "# c\n---\n# d\nlisten: ':1'\n"} {
		if _, err := parse([]byte(text), environment()); err != nil {
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
	f.Fuzz(func(_ *testing.T, text []byte) { _, _ = parse(text, environment()) })
}

func TestParse_SegmentQueryIsForwardOrListed(t *testing.T) {
	for value, want := range map[string]struct{ listed, wrong bool }{"forward": {}, "listed": {listed: true}, "ignore": {wrong: true}, "[ a ]": {wrong: true}} {
		f, err := parse([]byte("origins: { vod: { url: http://a.test/, segment_query: "+value+" } }"), environment())
		if (err != nil) != want.wrong || err == nil && f.Origins[0].Listed != want.listed {
			t.Errorf("%s: %v", value, err)
		}
		if want.wrong && !strings.Contains(err.Error(), "segment_query must be forward or listed") {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// An empty file is one that was cut off, or has yet to be written: the built-in
// VOD is not what it means.
func TestParse_AnEmptyFileIsAMistake(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# to be written\n", "---\n", "--- \n...\n", "{}\n", "null\n", "~\n"} {
		if _, err := parse([]byte(text), environment()); err == nil || !strings.Contains(err.Error(), "f:1:1: the file is empty") {
			t.Errorf("%q: %v, want a mistake", text, err)
		}
	}
	for _, text := range []string{"origins:\n", "listen: \":80\"\norigins: {}\n"} {
		if _, err := parse([]byte(text), environment()); err == nil || !strings.Contains(err.Error(), "origins needs an origin") {
			t.Errorf("%q: %v, want a mistake", text, err)
		}
	}
	if _, err := parse([]byte("listen: \":80\"\n"), environment()); err != nil {
		t.Errorf("a file with one key: %v", err)
	}
}

func TestParse_MeasureIsAutoOnOrOff(t *testing.T) {
	for value, wrong := range map[string]bool{"auto": false, "on": false, "off": false, "\"on\"": false, "always": true, "[ on ]": true, "": true} {
		f, err := parse([]byte("origins: { vod: { url: http://a.test/, measure: "+value+" } }"), environment())
		if (err != nil) != wrong || err == nil && f.Origins[0].Measure != strings.Trim(value, `"`) {
			t.Errorf("%s: %v", value, err)
		}
		if wrong && value != "" && !strings.Contains(err.Error(), "measure must be auto, on or off") {
			t.Errorf("%s: %v", value, err)
		}
	}
}
