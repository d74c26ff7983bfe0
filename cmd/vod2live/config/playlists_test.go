package config

import (
	"reflect"
	"strings"
	"testing"

	"vod2live/proxy/schedule"
)

func TestPlaylists_AreReadAndNameVODsOfChannels(t *testing.T) {
	f, err := parse([]byte(`
channels:
  a: { loop: [ "vod/a.ism/manifest(format=m3u8-aapl)" ] }
  b: { loop: "vod/stream.php?id=7&lang=de" }
origins:
  vod: { url: http://a.test/, playlists: [ "manifest(*)", stream.php ] }
  one: { url: http://b.test/, playlists: "*.hls" }
`), environment())
	if err != nil {
		t.Fatal(err)
	}
	if got := [][]string{f.Origins[0].Playlists, f.Origins[1].Playlists}; !reflect.DeepEqual(got, [][]string{{"manifest(*)", "stream.php"}, {"*.hls"}}) {
		t.Errorf("playlists: %q", got)
	}
	if got := []schedule.Item{f.Channels[0].Eras[0].Loop[0], f.Channels[1].Eras[0].Loop[0]}; !reflect.DeepEqual(got, []schedule.Item{{Origin: "vod", Path: "a.ism/manifest(format=m3u8-aapl)"}, {Origin: "vod", Path: "stream.php", Query: "id=7&lang=de"}}) {
		t.Errorf("loops: %+v", got)
	}
}

func TestPlaylists_MistakesAreTold(t *testing.T) {
	for text, want := range map[string]string{
		`"*"`:            `"*" would make every segment a playlist`,
		`"**"`:           `"**" would make every segment a playlist`,
		`""`:             `"" would make every segment a playlist`,
		`a/*`:            `"a/*" is not a pattern of a last path element`,
		`"stream.php?*"`: `is not a pattern of a last path element`,
		`"a\nb"`:         `is not a pattern of a last path element`,
		`{ a: b }`:       `one value is needed here`,
	} {
		_, err := parse([]byte("origins:\n  vod: { url: http://a.test/, playlists: [ "+text+" ] }\n"), environment())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	for item, want := range map[string]string{
		"vod/manifest":           `"vod/manifest" is not a VOD`,
		"vod/a.m3u8?id=geheim":   `"vod/a.m3u8?***" is not a VOD`,
		"vod/stream.php?a#b":     `"vod/stream.php?***" is not a VOD`,
		"vod/stream.php?a b":     `"vod/stream.php?***" is not a VOD`,
		"vod//stream.php":        `"vod//stream.php" is not a VOD`,
		"vod/%zz/stream.php":     `"vod/%zz/stream.php" is not a VOD`,
		"s3/stream.php?k=geheim": `"s3/stream.php?***" has a query: requests to an s3 origin have none`,
	} {
		_, err := parse([]byte("channels: { a: { loop: \""+item+"\" } }\norigins:\n  vod: { url: http://a.test/, playlists: stream.php }\n"+
			"  s3: { url: http://b.test/bucket, s3: { region: x }, playlists: stream.php }\n"), environment())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v, want %s", item, err, want)
		}
	}
}
