package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// channelMistakes are all that is said about the keys of a channel.
var channelMistakes = map[string]string{
	"lop: vod/a.m3u8": `FILE:2:18: unknown key "lop"; did you mean loop?`,
	"vod: vod/a.m3u8": `FILE:2:13: the channel "n" needs a loop, such as [ vod/movie/master.m3u8 ], or a schedule
FILE:2:18: unknown key "vod"; known here: breaks, dvr, epoch, filler, group, guide, logo, loop, model, number, origins, programmes, schedule, slate, target_duration, timestamps, title, window`,
	"loop: []":                                                     `FILE:2:13: the channel "n" needs a loop, such as [ vod/movie/master.m3u8 ], or a schedule`,
	"loop: a.m3u8":                                                 `FILE:2:24: "a.m3u8" is not a VOD: give ORIGIN/PATH of a playlist (.m3u8, or a name that matches playlists: of the origin), escaped as in an address`,
	"loop: https://cdn.a.test/a.m3u8":                              `FILE:2:24: "https://cdn.a.test/a.m3u8" is an address: name its host under origins, and give ORIGIN/PATH, such as vod/movie/master.m3u8`,
	"loop: vod/a.mp4":                                              `FILE:2:24: "vod/a.mp4" is not a VOD: give ORIGIN/PATH of a playlist (.m3u8, or a name that matches playlists: of the origin), escaped as in an address`,
	"loop: [ [ vod/a.m3u8 ] ]":                                     `FILE:2:26: loop: one value is needed here`,
	"loop: [ { vod: vod/a.m3u8, start: 5s } ]":                     `FILE:2:45: unknown key "start"; known here: breaks, category, date, desc, episode, icon, in, out, subtitle, title, vod`,
	"loop: [ { vod: vod/a.m3u8, in: 00:00:12 } ]":                  `FILE:2:49: in "00:00:12": not a duration such as 60s, 10m or 1h30m`,
	"loop: [ { vod: vod/a.m3u8, in: -5s } ]":                       `FILE:2:49: in "-5s": a negative duration`,
	"loop: [ { vod: vod/a.m3u8, in: 5m, out: 90s } ]":              `FILE:2:26: out (1m30s) is not after in (5m)`,
	"loop: [ { vod: vod/a.m3u8, title: [ a, b ] } ]":               `FILE:2:52: title: one value is needed here`,
	"loop: vod/a.m3u8, filler: vod/i.m3u8":                         `FILE:2:13: the channel "n" has a filler, which repeats in eras without a loop: a loop never ends`,
	"loop: vod/a.m3u8, target_duration: 6":                         `FILE:2:53: target_duration "6": not a duration such as 60s, 10m or 1h30m; did you mean 6s?`,
	"loop: vod/a.m3u8, model: [ vod/a.m3u8 ]":                      `FILE:2:43: model: one value is needed here`,
	"loop: vod/a.m3u8, slate: vod/s.m3u8":                          `FILE:2:13: the channel "n" has a slate or origins, which belong to a schedule object: schedule: ORIGIN/PATH.json, or ./NAME.json`,
	"loop: vod/a.m3u8, epoch: 2026-01-01":                          `FILE:2:43: epoch "2026-01-01": not an instant such as 2026-01-01T00:00:00Z; did you mean 2026-01-01T00:00:00Z?`,
	"schedule: [ { at: 2026-12-01T06:00, loop: vod/a.m3u8 } ]":     `FILE:2:36: at "2026-12-01T06:00": not an instant such as 2026-01-01T00:00:00Z; did you mean 2026-12-01T06:00:00Z?`,
	"schedule: [ { at: 06:00, loop: vod/a.m3u8 } ]":                `FILE:2:36: at "06:00": not an instant such as 2026-01-01T00:00:00Z`,
	"schedule: [ { at: 1966-12-01T06:00:00Z, loop: vod/a.m3u8 } ]": `FILE:2:30: too early: a schedule begins in 1970 at the earliest`,
	"schedule: [ { from: 2026-12-01T06:00:00Z, loop: vod/a.m3u8 } ]": `FILE:2:30: an era needs at, the instant when it begins, such as 2026-12-24T18:00:00Z
FILE:2:32: unknown key "from"; known here: at, end, loop, play, wait`,
	"schedule: [ { at: 2026-12-01T06:00:00Z, repeat: vod/a.m3u8 } ]":          `FILE:2:58: unknown key "repeat"; known here: at, end, loop, play, wait`,
	"schedule: [ { at: 2026-12-01T06:00:00Z, loop: vod/a.m3u8, wait: 48h } ]": `FILE:2:82: wait "48h": too long: at most 24h`,
	"schedule: [ { at: 2026-12-01T06:00:00Z, play: vod/a.m3u8, end: yes } ]":  `FILE:2:81: end "yes": not true or false`,
	"schedule: [ { at: 2026-12-01T06:00:00Z, play: vod/a.m3u8 } ]":            `FILE:2:30: nothing is left to play after this era: give it a loop, the channel a filler, or the era end: true (nothing-to-fill)`,
	"schedule: vod/n/schedule.txt":                                            `FILE:2:28: "vod/n/schedule.txt" is not a schedule: give its eras, ORIGIN/PATH.json of an object, or ./NAME.json beside this file`,
	"schedule: { monday: vod/a.m3u8 }": `FILE:2:28: an era needs at, the instant when it begins, such as 2026-12-24T18:00:00Z
FILE:2:30: unknown key "monday"; known here: at, end, loop, play, wait`,
	"loop: vod/a.m3u8, breaks: 12m":                                                                                                                             `FILE:2:44: breaks are a mapping, such as { every: 12m, … }, or false for none`,
	"loop: vod/a.m3u8, breaks: {}":                                                                                                                              `FILE:2:44: breaks are a mapping, such as { every: 12m, … }, or false for none`,
	"loop: vod/a.m3u8, breaks: { every: 30s, slate: vod/s.m3u8, for: 60s }":                                                                                     `FILE:2:53: every "30s": too short: at least 1m`,
	"loop: vod/a.m3u8, breaks: { every: 12m, slate: vod/s.m3u8, for: 2h }":                                                                                      `FILE:2:82: for "2h": too long: at most 1h`,
	"loop: vod/a.m3u8, breaks: { every: 12m, slate: vod/s.m3u8 }":                                                                                               `FILE:2:13: the channel "n": breaks have a slate and for, which is how long it is played, or neither`,
	"loop: vod/a.m3u8, breaks: { slate: vod/s.m3u8, for: 60s }":                                                                                                 `FILE:2:13: the channel "n": breaks need every, at or between: where they are`,
	"loop: vod/a.m3u8, breaks: { every: 12m }":                                                                                                                  `FILE:2:13: the channel "n": breaks need mark: interstitial and assets, or in a channel a slate and for`,
	"loop: vod/a.m3u8, breaks: { every: 12m, mark: cue }":                                                                                                       `FILE:2:13: the channel "n": breaks without a slate have no length: their mark can be interstitial only`,
	"loop: vod/a.m3u8, breaks: { every: 12m, mark: interstitial }":                                                                                              `FILE:2:13: the channel "n": breaks with mark: interstitial need assets, the address of a list of assets`,
	"loop: vod/a.m3u8, breaks: { every: 12m, mark: interstitials }":                                                                                             `FILE:2:64: mark "interstitials": not one of daterange, cue, interstitial; did you mean interstitial?`,
	"loop: vod/a.m3u8, breaks: { at: 0s, mark: interstitial, assets: \"http://a.test/\" }":                                                                      `FILE:2:50: at "0s": too short: at least 1s`,
	"loop: vod/a.m3u8, breaks: { at: 5m, mark: interstitial, assets: /list }":                                                                                   `FILE:2:82: assets: not an address such as https://ads.example.com/list?break={id}&channel={channel}`,
	"loop: vod/a.m3u8, breaks: { at: 5m, mark: interstitial, assets: \"http://u:p@a.test/\" }":                                                                  `FILE:2:82: assets: a user and password in it would be shown to viewers`,
	"loop: vod/a.m3u8, breaks: { at: 5m, mark: interstitial, assets: \"http://a.test/{user}\" }":                                                                `FILE:2:82: assets: only {id} and {channel} are replaced; other special characters have to be escaped`,
	"loop: vod/a.m3u8, breaks: { every: 12m, slate: vod/s/, for: 60s }":                                                                                         `FILE:2:65: "vod/s/" is a folder; a channel needs the playlist in it, such as vod/s/master.m3u8`,
	"loop: vod/a.m3u8, breaks: { every: 12m, slate: vdo/s.m3u8, for: 60s }":                                                                                     `FILE:2:65: origin "vdo" not found; did you mean vod?`,
	"loop: [ { vod: vod/a.m3u8, breaks: { at: 5m } }, vod/b.m3u8 ], breaks: { every: 12m, slate: vod/s.m3u8 }":                                                  `FILE:2:13: the channel "n": breaks have a slate and for, which is how long it is played, or neither`,
	"loop: [ { vod: vod/a.m3u8, breaks: { at: 5m } } ]":                                                                                                         `FILE:2:13: the channel "n": vod/a.m3u8: breaks need mark: interstitial and assets, or in a channel a slate and for`,
	"loop: vod/a.m3u8, breaks: { every: 12m, slate: vod/s.m3u8, for: 60s, source_markers: both }":                                                               `FILE:2:103: source_markers "both": not one of keep, drop`,
	"loop: vod/a.m3u8, programmes: yes":                                                                                                                         `FILE:2:48: programmes "yes": not one of daterange`,
	"target_duration: 6s, schedule: [ { at: 2026-12-01T06:00:00Z, loop: vod/a.m3u8 }, { at: 2026-12-02T06:00:00Z, loop: vod/b.m3u8 } ]":                         `FILE:2:13: the channel "n": a schedule of several eras needs target_duration and model, for all VODs that it will ever play, such as target_duration: 6s, model: vod/a/master.m3u8`,
	"target_duration: 6s, model: vod/a.m3u8, schedule: [ { at: 2026-12-02T06:00:00Z, loop: vod/a.m3u8 }, { at: 2026-12-01T06:00:00Z, loop: vod/a.m3u8 } ]":      `FILE:2:118: the eras are not in the order of time: this one begins at 2026-12-01T06:00:00Z, the previous one at 2026-12-02T06:00:00Z (eras-unordered)`,
	"target_duration: 6s, model: vod/a.m3u8, schedule: [ { at: 2026-12-01T06:00:00Z, loop: vod/a.m3u8 }, { at: 2026-12-01T07:00:00+01:00, loop: vod/b.m3u8 } ]": `FILE:2:118: the eras are not in the order of time: this one begins at 2026-12-01T06:00:00Z, the previous one at 2026-12-01T06:00:00Z (eras-unordered)`,
	"target_duration: 6s, model: vod/a.m3u8, schedule: [ { at: 2026-12-01T06:00:00Z, loop: vod/a.m3u8 }, { at: 2026-12-01T06:00:10Z, play: vod/b.m3u8, end: true }, { at: 2026-12-03T06:00:00Z, loop: vdo/a.m3u8 } ]": `FILE:2:118: only the last era can end the channel (end: true)
FILE:2:118: the previous era is too short: 10s, at least 24s are needed (era-too-short)
FILE:2:211: origin "vdo" not found; did you mean vod?`,
}

// TestChannelMistakes_AreReportedWithWhatWasMeant, each in these words and no others.
func TestChannelMistakes_AreReportedWithWhatWasMeant(t *testing.T) {
	file := filepath.Join(t.TempDir(), "vod2live.yaml")
	for keys, want := range channelMistakes {
		write(t, file, "origins: { vod: { url: http://a.test/ } }\nchannels: { n: { "+keys+" } }\n")
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), []string{"-config", file}, nil, terminal{&stdout, &stderr})
		said, _, _ := strings.Cut(stderr.String(), "\n\nRun vod2live")
		if want = strings.ReplaceAll(want, "FILE", file); code != exitUsage || said != want {
			t.Errorf("%s: exit %d\n%s\nwant\n%s", keys, code, said, want)
		}
	}
}
