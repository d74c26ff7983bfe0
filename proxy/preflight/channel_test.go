package preflight

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"vod2live/loop"
	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
)

// episodes are media playlists of a few segments, named a to c by their number.
var episodes = files{
	"a.m3u8": playlistOf(segments(4, "a")...), "b.m3u8": playlistOf(segments(3, "b")...), "c.m3u8": playlistOf(segments(2, "c")...),
}

// noon is when all of this is asked.
var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func checkChannel(t *testing.T, eras ...onair.Era) (*ChannelReport, string) {
	t.Helper()
	return checkChannelOf(t, episodes, playlist.Options{Window: time.Minute, Epoch: noon}, eras...)
}

func checkChannelOf(t *testing.T, vods http.Handler, options playlist.Options, eras ...onair.Era) (*ChannelReport, string) {
	t.Helper()
	server := httptest.NewServer(vods)
	t.Cleanup(server.Close)
	o, err := origin.New("vod", server.URL, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	r, err := CheckChannel(t.Context(), onair.Config{
		Origins: []*origin.Origin{o}, Transport: proxy.NewTransport(5 * time.Second), Metrics: metrics.New("test"), Log: zap.NewNop(),
		Timeout: 5 * time.Second, CacheBytes: 64 << 20, Now: func() time.Time { return noon }, Options: options,
		Channels: []onair.Channel{{Name: "news", Origin: "vod", Path: "a.m3u8", Target: 4 * time.Second, Options: options, Eras: eras}},
	}, "news")
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	r.WriteText(&text)
	return r, text.String()
}

// playing are items of one-letter names.
func playing(names string) (items []onair.Item) {
	for _, name := range names {
		items = append(items, onair.Item{Clip: onair.Clip{Origin: "vod", Path: string(name) + ".m3u8"}})
	}
	return items
}

// TestCheckChannel_ReadsItemsAtTheSameTime: of many VODs, one after the other takes long.
// Here each of two waits until the other is requested.
func TestCheckChannel_ReadsItemsAtTheSameTime(t *testing.T) {
	requested := map[string]chan struct{}{"/b.m3u8": make(chan struct{}), "/c.m3u8": make(chan struct{})}
	note := map[string]func(){}
	for path, c := range requested {
		note[path] = sync.OnceFunc(func() { close(c) })
	}
	vods := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if noted := note[r.URL.Path]; noted != nil {
			noted()
			for _, other := range requested {
				select {
				case <-other:
				case <-r.Context().Done():
				}
			}
		}
		episodes.ServeHTTP(w, r)
	})
	r, text := checkChannelOf(t, vods, playlist.Options{Window: time.Minute, Epoch: noon}, onair.Era{At: noon.Add(-time.Minute), Loop: playing("bc")})
	if r.Status() != 0 || len(r.Items) != 2 {
		t.Error(text)
	}
}

// TestCheckChannel_SaysWhyTimestampsDoNotGoOn over a loop of one VOD, where that is wished.
func TestCheckChannel_SaysWhyTimestampsDoNotGoOn(t *testing.T) {
	vods := withMedia(t, files{"a.m3u8": three("ts", "1.001"), "b.m3u8": strings.ReplaceAll(three("ts", "1.001"), ".ts", ".ts?token=5")})
	options := playlist.Options{Window: time.Minute, Epoch: noon, Continuous: true}
	for name, tagged := range map[string]bool{"a": false, "b": true} {
		r, _ := checkChannelOf(t, vods, options, onair.Era{At: noon.Add(-time.Minute), Loop: playing(name)})
		if got := strings.Join(codesOf(r.Items[0].Findings), ","); !r.Plays || strings.Contains(got, "warning segment-query 0") != tagged {
			t.Errorf("%s: plays %v, %q", name, r.Plays, got)
		}
	}
}

// TestCheckChannel_ListsTheBreaks of each item, how far they moved, and those on air.
func TestCheckChannel_ListsTheBreaks(t *testing.T) {
	loop := playing("ab")
	loop[0].Clip = loop[0].WithBreaks(onair.Breaks{At: onair.NewOffsets([]time.Duration{6 * time.Second, 13 * time.Second, time.Minute}), Slate: playing("c")[0].Clip, For: 12 * time.Second})
	loop[1].Clip = loop[1].WithBreaks(onair.Breaks{Between: true, Slate: playing("c")[0].Clip, For: 12 * time.Second})
	r, text := checkChannel(t, onair.Era{At: noon.Add(-time.Minute), Loop: loop})
	if r.Status() != 0 || len(r.Items) != 3 || len(r.Items[0].Breaks) != 2 {
		t.Errorf("status %d, %+v", r.Status(), r.Items)
	}
	for _, want := range []string{
		"\nBreaks of vod/a.m3u8\n  at 8 s, 2 s later than requested\n  at 16 s, its end, 3 s later than requested\n",
		"\nBreaks of vod/b.m3u8\n  at 12 s, its end\n",
		"break-left-out: the VOD\n          no break at 1m0s: the item lasts 16s\n",
		"11:59:52.000Z  12s       vod/c.m3u8  break b1795867192000\n",
		"12:00:44.000Z  12s       vod/b.m3u8\n  and so on",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// TestCheckChannel_SaysThatNoItemHasABreak: where the instants of breaks are after the end
// of all of them; and not where an item has one, or none is wished for.
func TestCheckChannel_SaysThatNoItemHasABreak(t *testing.T) {
	for every, want := range map[time.Duration]bool{time.Minute: true, 6 * time.Second: false, 0: false} {
		loop := playing("ab")
		loop[0].Clip = loop[0].WithBreaks(onair.Breaks{Every: every, Slate: playing("c")[0].Clip, For: 12 * time.Second})
		if _, text := checkChannel(t, onair.Era{At: noon.Add(-time.Minute), Loop: loop}); strings.Contains(text, "No item has a break") != want {
			t.Errorf("every %s:\n%s", every, text)
		}
	}
}

// TestCheckChannel_SaysWhetherItIsOnAir now, what ends, and what will be left out.
func TestCheckChannel_SaysWhetherItIsOnAir(t *testing.T) {
	for name, c := range map[string]struct {
		eras   []onair.Era
		status int
		first  string
		also   []string
	}{
		"a short loop once": {
			[]onair.Era{{At: noon.Add(-time.Minute), Loop: playing("ab")}},
			0,
			"This channel can be on air: target duration 4 s, a window of 60 s.",
			[]string{"11:59:56.000Z  16s       vod/a.m3u8\n  2026-11-28T12:00:12.000Z  12s       vod/b.m3u8\n  and so on, at least until 2026-11-28T12:11:"},
		},
		"an item that is absent": {
			[]onair.Era{{At: noon.Add(-time.Minute), Loop: playing("ax")}},
			2,
			"This channel can't be on air as it is configured.",
			[]string{"not-found", "11:59:00.000Z  can't be played: vod/x.m3u8 can't be played"},
		},
		"absent in an era to come": {
			[]onair.Era{{At: noon.Add(-time.Minute), Loop: playing("ab")}, {At: noon.Add(time.Hour), Loop: playing("x")}},
			2,
			"This channel can be on air, but eras with errors will be left out: target duration 4 s, a window of 60 s.",
			[]string{"13:00:00.000Z  can't be played: vod/x.m3u8"},
		},
		"absent in an era that has begun": {
			[]onair.Era{{At: noon.Add(-time.Hour), Loop: playing("ab")}, {At: noon.Add(-time.Minute), Loop: playing("x")}},
			2,
			"This channel can't be on air as it is configured.", nil,
		},
		"an end": {
			[]onair.Era{{At: noon.Add(-time.Minute), Play: playing("ab")}},
			0,
			"This channel ended at 2026-11-28T11:59:28.000Z.", nil,
		},
		"a beginning": {
			[]onair.Era{{At: noon.Add(48 * time.Hour), Loop: playing("c")}},
			0,
			"This channel can be on air: target duration 4 s, a window of 60 s.",
			[]string{"begins at 2026-11-30T12:00:00.000Z"},
		},
	} {
		r, text := checkChannel(t, c.eras...)
		first, _, _ := strings.Cut(text, "\n")
		if r.Status() != c.status || first != c.first {
			t.Errorf("%s: status %d, %q; want %d, %q", name, r.Status(), first, c.status, c.first)
		}
		for _, want := range c.also {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in\n%s", name, want, text)
			}
		}
		if ended := !time.Time(r.Ended).IsZero(); ended != (name == "an end") || ended && strings.Contains(text, "On air now") {
			t.Errorf("%s: ended %v\n%s", name, ended, text)
		}
	}
}

// TestCheckChannel_WritesFillerOnce, between other plays and at the end of the list; JSON
// has each play.
func TestCheckChannel_WritesFillerOnce(t *testing.T) {
	filled := func(wait time.Duration, play, filler string) []onair.Era {
		return []onair.Era{{At: noon.Add(-10 * time.Second), Play: playing(play), Loop: playing(filler)}, {At: noon.Add(wait), Loop: playing("a")}}
	}
	for name, c := range map[string]struct {
		eras  []onair.Era
		lines int
		want  string
	}{
		"of one VOD": {
			filled(2*time.Minute, "a", "b"), 6,
			"12:00:06.000Z  12s       vod/b.m3u8\n  the same 8 times more, until 2026-11-28T12:01:54.000Z\n  2026-11-28T12:01:54.000Z  8s ",
		},
		"of two VODs": {
			filled(2*time.Minute, "a", "bc"), 7,
			"12:00:18.000Z  8s        vod/c.m3u8\n  the same 4 times more, until 2026-11-28T12:01:46.000Z\n  2026-11-28T12:01:46.000Z  12s       vod/b.m3u8\n",
		},
		"to the end": {
			filled(time.Hour, "a", "b"), 3,
			"12:00:06.000Z  12s       vod/b.m3u8\n  and so on, at least until 2026-11-28T12:0",
		},
		"twice": {
			filled(36*time.Second, "a", "b"), 6,
			"12:00:06.000Z  12s       vod/b.m3u8\n  2026-11-28T12:00:18.000Z  12s       vod/b.m3u8\n",
		},
	} {
		r, text := checkChannel(t, c.eras...)
		_, list, _ := strings.Cut(text, "On air now, and next\n")
		if lines := strings.Count(list, "\n"); !strings.Contains(list, c.want) || lines != c.lines || len(r.Programme) != 50 {
			t.Errorf("%s: %d lines, want %d with %q, of %d plays\n%s", name, lines, c.lines, c.want, len(r.Programme), list)
		}
	}
}

// TestCheck_ListsTheBreaksOfAVOD, and those that are not where they are wished for.
func TestCheck_ListsTheBreaksOfAVOD(t *testing.T) {
	c := checker(t, files{"master.m3u8": playlistOf(segments(8, "a")...)}, false, noon)
	c.VOD.Options.Breaks = &playlist.Breaks{Rule: loop.Rule{At: []time.Duration{7 * time.Second, 26 * time.Second, time.Minute}, Between: true}}
	r := c.Check(t.Context())
	var text bytes.Buffer
	r.WriteText(&text)
	for _, want := range []string{
		"\nbreaks  at 8 s, 28 s, 32 s\n", "  notice  break-left-out: the VOD\n          no break at 1m0s: the item lasts 32s\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, &text)
		}
	}
	if len(r.Breaks) != 3 {
		t.Errorf("%v", r.Breaks)
	}
}
