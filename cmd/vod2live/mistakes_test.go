package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mistake is one that users make, and all that is said about it.
type mistake struct {
	args string // separated by spaces; FILE is a configuration file with the text, FOLDER its folder
	env  string
	text string // of FILE
	want string
}

const (
	noDuration      = "not a duration such as 60s, 10m or 1h30m"
	noInstant       = "not an instant such as 2026-01-01T00:00:00Z"
	noSize          = "not a size such as 512MiB or 2GiB"
	noAddress       = "not an address such as 127.0.0.1:8080 or :8080"
	noPublicAddress = "not an address such as https://tv.example.com: http(s)://host[:port][/prefix], without user, query and fragment"
	noURL           = "an origin's URL is http(s)://host[:port][/prefix], without query and fragment"
)

// Those of flags and operands.
var argumentMistakes = []mistake{
	{args: "-origin https://a.test/vod/movie/master.m3u8", want: "vod2live: -origin: a playlist, not the folder of VODs; did you mean https://a.test/vod/movie?"},
	{args: "-origin https://u:pw@a.test/vod/master.m3u8?sig=x", want: "vod2live: -origin: a playlist, not the folder of VODs"},
	{args: "https://a.test/vod", want: "vod2live: an origin is given by a flag; did you mean -origin https://a.test/vod?"},
	{args: "https://u:pw@a.test/vod/movie/master.m3u8?sig=x", want: "vod2live: an origin is given by a flag; did you mean -origin https://a.test/vod/movie?"},
	{args: "cdn.a.test/vod", want: "vod2live: an origin is given by a flag; did you mean -origin https://cdn.a.test/vod?"},
	{args: "-origin cdn.a.test/vod", want: "vod2live: -origin: " + noURL + "; did you mean https://cdn.a.test/vod?"},
	{args: "-origin localhost:8081/vod", want: "vod2live: -origin: " + noURL + "; did you mean http://localhost:8081/vod?"},
	{args: "-origin 192.168.1.9/vod", want: "vod2live: -origin: " + noURL + "; did you mean http://192.168.1.9/vod?"},
	{args: "-origin [::1]:8081/vod", want: "vod2live: -origin: " + noURL + "; did you mean http://[::1]:8081/vod?"},
	{args: "localhost:8081/vod", want: "vod2live: an origin is given by a flag; did you mean -origin http://localhost:8081/vod?"},
	{args: "-origin 127.0.0.1:8081/vod", want: "vod2live: -origin: " + noURL + "; did you mean http://127.0.0.1:8081/vod?"},
	{args: "-origin s3://bucket/prefix", want: "vod2live: -origin: " + noURL + "; did you mean https://bucket.s3.REGION.amazonaws.com/prefix?"},
	{args: "-origin http://a.test:99999/vod", want: "vod2live: -origin: " + noURL},
	{args: "-origin http://a.test:0/vod", want: "vod2live: -origin: " + noURL},
	{args: "-origin /srv/vod", want: "vod2live: -origin: a folder of this machine; an origin is an HTTP server, such as nginx with deploy/nginx/origin.conf"},
	{args: "-origin https://a.test/vod?sig=x", want: "vod2live: -origin: " + noURL},
	{args: "-origin http://a.test/ -origin http://b.test/", want: "vod2live: -origin is given twice; several origins need a configuration file (-config)"},
	{args: "-windw 60s", want: "vod2live: unknown flag -windw; did you mean -window?"},
	{args: "--log_level=warn", want: "vod2live: unknown flag -log_level; did you mean -log-level?"},
	{args: "-nonsense 5", want: "vod2live: unknown flag -nonsense"},
	{args: "-window -epoch 2026", want: "vod2live: -window needs a value: -window DURATION\nvod2live: -epoch \"2026\": " + noInstant + "; did you mean 2026-01-01T00:00:00Z?"},
	{args: "-window 60", want: `vod2live: -window "60": ` + noDuration + "; did you mean 60s?"},
	{args: "-window 2min", want: `vod2live: -window "2min": ` + noDuration + "; did you mean 2m?"},
	{args: "-window 2d", want: `vod2live: -window "2d": ` + noDuration + ", at most 24h"},
	{args: "-window 48h", want: `vod2live: -window "48h": too long: at most 24h`},
	{args: "-drain -5s", want: `vod2live: -drain "-5s": a negative duration`},
	{args: "-timeout 1ms", want: `vod2live: -timeout "1ms": too short: at least 100ms`},
	{args: "-epoch 2026", want: `vod2live: -epoch "2026": ` + noInstant + "; did you mean 2026-01-01T00:00:00Z?"},
	{args: "-epoch 2026-03-29T01:30", want: `vod2live: -epoch "2026-03-29T01:30": ` + noInstant + "; did you mean 2026-03-29T01:30:00Z?"},
	{args: "-epoch 2999-01-01T00:00:00Z", want: `vod2live: -epoch "2999-01-01T00:00:00Z": in the future; streams must have begun`},
	{args: "-memory 512M", want: `vod2live: -memory "512M": ` + noSize + "; did you mean 512MiB?"},
	{args: "-memory 1.5GiB", want: `vod2live: -memory "1.5GiB": ` + noSize + "; did you mean 1536MiB?"},
	{args: "-segment-cache 1MiB", want: `vod2live: -segment-cache "1MiB": too small: at least 16MiB, or 0 for off`},
	{args: "-segment-cache 512MiB -memory 600MiB", want: `vod2live: -segment-cache "512MiB", -memory "600MiB": the segment cache is more than three quarters of -memory, which includes it: leave -memory out, or set it to 683MiB`},
	{args: "-listen 8080", want: `vod2live: -listen "8080": ` + noAddress + "; did you mean :8080?"},
	{args: "-listen 8080 -admin :8080", want: `vod2live: -listen "8080": ` + noAddress + "; did you mean :8080?"},
	{args: "-listen :99999", want: `vod2live: -listen ":99999": not a port: a number up to 65535 stands after the last colon`},
	{args: "-listen [::1]:81 -admin [::1]:81", want: `vod2live: -listen "[::1]:81", -admin "[::1]:81": two listeners can't share an address`},
	{args: "-memory 1MiB", want: `vod2live: -memory "1MiB": too small: at least 32MiB`},
	{args: "-connections 0", want: `vod2live: -connections "0": too small: at least 1`},
	{args: "-listen :9180", want: `vod2live: -listen ":9180", -admin "127.0.0.1:9180" (default): two listeners can't share an address`},
	{args: "-log-level warning", want: `vod2live: -log-level "warning": not one of debug, info, warn, error; did you mean warn?`},
	{args: "-public-address tv.a.test", want: `vod2live: -public-address "tv.a.test": ` + noPublicAddress},
	{args: "-public-address https://tv.a.test/?x=1", want: `vod2live: -public-address "https://tv.a.test/?x=1": ` + noPublicAddress},
	{args: "-connections many", want: `vod2live: -connections "many": not a whole number`},
	{args: "-tls-cert c.pem", want: `vod2live: -tls-cert "c.pem", -tls-key (default): both are needed, or neither`},
	{args: "-config FOLDER", want: `vod2live: -config "FOLDER": a folder, not a file; did you mean FILE?`},
	{args: "-config FILE/", want: `vod2live: -config "FILE/": a file, without a slash at the end; did you mean FILE?`},
	{args: "-config gone.yaml", want: `vod2live: -config "gone.yaml": file not found`},
	{args: "vod2live.yaml", want: "vod2live: a configuration file is given by a flag; did you mean -config vod2live.yaml?"},
	{args: "–window 60s", want: "vod2live: a typographic dash; did you mean -window?"},
	{args: "chek https://a.test/vod/movie/master.m3u8", want: `vod2live: unknown command "chek"; did you mean check?`},
	{args: "help chek", want: `vod2live: unknown command "chek"; did you mean check?`},
	{args: "-json check https://a.test/a.m3u8", want: "vod2live: the command must be the first argument: vod2live check …"},
	{args: "check -segmnts https://a.test/a.m3u8", want: "vod2live check: unknown flag -segmnts; did you mean -segments?"},
	{args: "check", want: "vod2live check: the address of a VOD is missing, such as https://cdn.example.com/vod/movie/master.m3u8"},
	{args: "check https://a.test/vod/master.m3u8/", want: "vod2live check: https://a.test/vod/master.m3u8/: a slash at the end; did you mean https://a.test/vod/master.m3u8?"},
	{args: "check https://a.test/vod/movie/", want: "vod2live check: https://a.test/vod/movie/: a folder; give the address of the playlist in it, such as https://a.test/vod/movie/master.m3u8"},
	{args: "check 127.0.0.1:8081/vod/master.m3u8", want: "vod2live check: 127.0.0.1:8081/vod/master.m3u8: not http or https; did you mean http://127.0.0.1:8081/vod/master.m3u8?"},
	{args: "check localhost:8081/vod/master.m3u8", want: "vod2live check: localhost:8081/vod/master.m3u8: not http or https; did you mean http://localhost:8081/vod/master.m3u8?"},
	{args: "check [::1]:8081/vod/master.m3u8", want: "vod2live check: [::1]:8081/vod/master.m3u8: not http or https; did you mean http://[::1]:8081/vod/master.m3u8?"},
	{args: "check 10.0.0.7/vod/master.m3u8", want: "vod2live check: 10.0.0.7/vod/master.m3u8: not http or https; did you mean http://10.0.0.7/vod/master.m3u8?"},
	{args: "-dvr 15d", want: `vod2live: -dvr "15d": ` + noDuration + ", at most 336h"},
	{args: "-dvr 2d", want: `vod2live: -dvr "2d": ` + noDuration + "; did you mean 48h?"},
	{args: "check -channel news", want: `vod2live check: channel "news" not found; the channels are: none: they are configured in a file, see -config`},
	{args: "check cdn.a.test/vod/master.m3u8", want: "vod2live check: cdn.a.test/vod/master.m3u8: not http or https; did you mean https://cdn.a.test/vod/master.m3u8?"},
	{args: "check https://a.test/a.m3u8 -window 60", want: `vod2live check: -window "60": ` + noDuration + "; did you mean 60s?"},
	{args: "render https://a.test/a.m3u8 -at 2026-11-22", want: `vod2live render: -at "2026-11-22": ` + noInstant + "; did you mean 2026-11-22T00:00:00Z?"},
	{args: "render -rendition video https://a.test/a.m3u8", want: `vod2live render: -rendition "video": not a whole number`},
	{args: "config -shema", want: "vod2live config: unknown flag -shema; did you mean -schema?"},
	{env: "VOD2LIVE_WINDOW=60", want: `vod2live: VOD2LIVE_WINDOW "60": ` + noDuration + "; did you mean 60s?"},
	{env: "VOD2LIVE_CONFIG=gone.yaml", want: `vod2live: VOD2LIVE_CONFIG "gone.yaml": file not found`},
	{env: "VOD2LIVE_ORIGIN=s3cret@a.test", want: "vod2live: VOD2LIVE_ORIGIN: " + noURL},
}

// Those of the file.
var fileMistakes = []mistake{
	{text: "listen: 8080\n\tadmin: x\n", want: "FILE:2:1: a tab in the indentation: YAML takes spaces only"},
	{text: "origins:\n  vod: { url: http://a.test/b: c }\n", want: "FILE:2:1: not valid YAML: did not find expected ',' or '}'"},
	{text: "listen: a: b\n", want: "FILE:1:1: not valid YAML: mapping values are not allowed in this context"},
	{text: "a: 1\n---\nb: 2\n", want: "FILE:1:1: unknown key \"a\"; known here: KEYS\nFILE:2:1: a second document begins here: a file has one"},
	{text: "origns: {}\n", want: `FILE:1:1: unknown key "origns"; did you mean origins?`},
	{text: "log-level: warn\n", want: `FILE:1:1: unknown key "log-level"; did you mean log_level?`},
	{text: "window: 60s\n", want: `FILE:1:1: unknown key "window"; did you mean live: { window: … }?`},
	{text: "validate: true\n", want: `FILE:1:1: unknown key "validate"; it is a flag only`},
	{text: "timeout: 10\n", want: `FILE:1:10: timeout "10": ` + noDuration + "; did you mean 10s?"},
	{text: "timeout: \"${TEN}\"\n", env: "TEN=10", want: `FILE:1:10: timeout "${TEN}": ` + noDuration},
	{text: "timeout: [ 10s ]\n", want: "FILE:1:10: timeout: one value is needed here"},
	{text: "timeout: \"${NONE}\"\n", want: "FILE:1:10: timeout: ${NONE} is not set in the environment"},
	{text: "drain: 30s\ndrain: 40s\n", want: `FILE:2:1: the key "drain" is given twice`},
	{text: "listen: :80\nadmin: :80\n", want: `FILE:1:9: listen ":80", admin ":80": two listeners can't share an address`},
	{text: "listen: :80\n", args: "-admin :80", want: `FILE:1:9: listen ":80", -admin ":80": two listeners can't share an address`},
	{text: "origins:\n- vod\n", want: "FILE:2:1: not a mapping: key: value pairs are needed here"},
	{text: "origins: { vod: { ulr: http://a.test } }\n", want: `FILE:1:19: unknown key "ulr"; did you mean url?`},
	{text: "origins: { vod: { s3: { region: x } } }\n", want: `FILE:1:12: the origin "vod" needs a url`},
	{text: "origins: { vod: { url: https://a.test/vod/master.m3u8 } }\n", want: "FILE:1:24: url: a playlist, not the folder of VODs; did you mean https://a.test/vod?"},
	{text: "origins: { \"a b\": { url: http://a.test/ } }\n", want: `FILE:1:12: invalid name "a b": use letters, digits, - and _ only`},
	{text: "origins: { vod: { url: http://a.test/ } }\nchannels: { n: { loop: [ vdo/a.m3u8 ] } }\n", want: `FILE:2:26: origin "vdo" not found; did you mean vod?`},
	{text: "origins: { vod: { url: http://a.test/ } }\nchannels: { n: { loop: [ vod/a/ ] } }\n", want: `FILE:2:26: "vod/a/" is a folder; a channel needs the playlist in it, such as vod/a/master.m3u8`},
	{text: "origins: { vod: { url: http://a.test/ } }\nchannels: { live: { loop: [ vod/a.m3u8 ] } }\n", args: "-origin http://a.test/", want: "vod2live: -origin: the origin is mounted as live, and the file has a channel of that name"},
	{text: "guide: {}\n", want: "vod2live: -public-address (default): the guide needs it: the address at which viewers reach this server, such as https://tv.example.com"},
	{text: "public_address: http://tv.a.test\nguide: { days: 15 }\n", want: "FILE:2:8: days is at most 14"},
	{text: "public_address: http://tv.a.test\nguide: { days: 0 }\n", want: `FILE:2:16: days "0": too small: at least 1`},
	{text: "public_address: http://tv.a.test\nguide: yes\n", want: "FILE:2:8: not a mapping: key: value pairs are needed here"},
	{text: "public_address: http://tv.a.test\nguide: {}\norigins: { guide: { url: http://a.test/ } }\n", want: `FILE:3:12: the name "guide" is reserved for the addresses of the guide`},
	{text: "live: { window: 60 }\n", env: "VOD2LIVE_TIMEOUT=1", args: "-drain soon", want: `FILE:1:17: window "60": ` + noDuration + "; did you mean 60s?\nvod2live: VOD2LIVE_TIMEOUT \"1\": " + noDuration + "; did you mean 1s?\nvod2live: -drain \"soon\": " + noDuration},
}

// TestMistakes_AreReportedWithWhatWasMeant, each in these words and no others.
func TestMistakes_AreReportedWithWhatWasMeant(t *testing.T) {
	for _, m := range append(argumentMistakes, fileMistakes...) {
		folder := t.TempDir()
		file := filepath.Join(folder, "vod2live.yaml")
		write(t, file, m.text)
		args := strings.Fields(strings.NewReplacer("FOLDER", folder, "FILE", file).Replace(m.args))
		if m.text != "" {
			args = append([]string{"-config", file}, args...)
		}
		var env []string
		if m.env != "" {
			env = []string{m.env}
		}
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), args, env, terminal{&stdout, &stderr})
		said, _, _ := strings.Cut(stderr.String(), "\n\nRun vod2live")
		if want := strings.NewReplacer("FOLDER", folder, "FILE", file, "KEYS", knownKeys(t)).Replace(m.want); code != exitUsage || said != want {
			t.Errorf("vod2live %s %s\n%s: exit %d\n%s\nwant\n%s", m.args, m.env, m.text, code, said, want)
		}
	}
}

// knownKeys are those at the top of a file.
func knownKeys(t *testing.T) string {
	t.Helper()
	var all []string
	for key := range schema(t)["properties"].(map[string]any) {
		all = append(all, key)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// TestMistakes_VariablesThatAreNoSettingsAreAWarning: those that Kubernetes makes
// for a Service are none.
func TestMistakes_VariablesThatAreNoSettingsAreAWarning(t *testing.T) {
	for variable, want := range map[string]string{
		"VOD2LIVE_WINDW":               "vod2live: warning: VOD2LIVE_WINDW is not a setting and is ignored; did you mean VOD2LIVE_WINDOW?\n",
		"VOD2LIVE_VALIDATE":            "vod2live: warning: VOD2LIVE_VALIDATE is not a setting and is ignored; did you mean VOD2LIVE_REVALIDATE?\n",
		"VOD2LIVE_SERVICE_HOST":        "",
		"VOD2LIVE_SERVICE_PORT_HTTP":   "",
		"VOD2LIVE_PORT":                "",
		"VOD2LIVE_PORT_80_TCP_ADDR":    "",
		"VOD2LIVE_EU_SERVICE_PORT":     "",
		"VOD2LIVE_EU_PORT_80_TCP_PORT": "",
		"OTHER_WINDW":                  "",
	} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), []string{"-validate"}, environment(variable, "tcp://10.0.0.1:80"), terminal{&stdout, &stderr}); code != exitOK || stderr.String() != want {
			t.Errorf("%s: exit %d, %q; want %q", variable, code, stderr.String(), want)
		}
	}
}
