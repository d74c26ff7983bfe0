package guide

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// plays are programmes one after the other: a title and a length each; a title that
// begins with a - is a filler.
func plays(text string) (all []Programme) {
	at := noon
	for field := range strings.FieldsSeq(text) {
		title, length, _ := strings.Cut(field, "=")
		d, err := time.ParseDuration(length)
		if err != nil {
			panic(err)
		}
		all = append(all, Programme{Start: at, End: at.Add(d), Title: strings.TrimPrefix(title, "-"), Filler: strings.HasPrefix(title, "-")})
		at = at.Add(d)
	}
	return all
}

func told(all []Programme) string {
	var fields []string
	for _, p := range all {
		fields = append(fields, fmt.Sprintf("%s=%s", p.Title, p.End.Sub(p.Start)))
	}
	return strings.Join(fields, " ")
}

func TestFold_WhatStandsBetweenBelongsToTheProgrammeBefore(t *testing.T) {
	for given, want := range map[string]string{
		"a=1h b=30m":                              "a=1h0m0s b=30m0s",
		"a=1h -x=3m -y=7m b=1h":                   "a=1h10m0s b=1h0m0s",
		"a=1h -x=3m -y=7m1s b=1h":                 "a=1h0m0s News=10m1s b=1h0m0s",
		"-x=1m a=1h":                              "News=1m0s a=1h0m0s",
		"a=1m59s b=2m c=1s":                       "News=1m59s b=2m1s",
		"a=1h ident=15s b=1h ident=15s":           "a=1h0m15s b=1h0m15s",
		"-x=20s":                                  "News=20s",
		"-long=1h a=1h -again=1h":                 "News=1h0m0s a=1h0m0s News=1h0m0s",
		strings.Repeat("a=1m ", 11) + "b=1h c=1m": "News=11m0s b=1h1m0s",
		"": "",
	} {
		c := Channel{ID: "news", Title: "News"}
		c.Fold(plays(given))
		if got := told(c.Programmes); got != want {
			t.Errorf("%s:\n%s, want\n%s", given, got, want)
		}
		checkJoined(t, c.Programmes)
	}
}

// checkJoined wants neither gap nor overlap.
func checkJoined(t *testing.T, all []Programme) {
	t.Helper()
	for i := 1; i < len(all); i++ {
		if !all[i].Start.Equal(all[i-1].End) {
			t.Errorf("programme %d begins at %s, the one before ends at %s", i, all[i].Start, all[i-1].End)
		}
	}
}

func TestFold_IsBounded(t *testing.T) {
	c := Channel{ID: "news"}
	c.Fold(plays(strings.Repeat("a=5m ", most+100)))
	if len(c.Programmes) != most {
		t.Errorf("%d programmes, want %d", len(c.Programmes), most)
	}
}

// odd has all that breaks lists.
const odd = "A \"quoted\", <b>&amp; name\r\n#EXTINF:-1,evil\x00\x1b\ufffe é漢"

func TestM3U_IsReadAsItWasMeant(t *testing.T) {
	channels := []Channel{
		{ID: "news", Title: odd, Logo: "https://tv.test/a,b.png", Number: "7", Group: odd, Address: "https://tv.test/news/master.m3u8", CatchUp: 25 * time.Hour},
		{ID: "kids", Address: "https://tv.test/kids/master.m3u8"},
	}
	text := string(AppendM3U(nil, "https://tv.test/guide/epg.xml", channels))
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != 5 || lines[2] != channels[0].Address || lines[4] != channels[1].Address {
		t.Fatalf("%d lines:\n%s", len(lines), text)
	}
	const want = `#EXTINF:-1 tvg-id="kids" tvg-name="kids",kids`
	if lines[3] != want {
		t.Errorf("%s\nwant %s", lines[3], want)
	}
	attributes, name, _ := strings.Cut(lines[1], ",")
	if strings.Count(attributes, `"`) != 16 || !strings.Contains(attributes, `catchup="append" catchup-source="?start={utc}&end={utcend}" catchup-days="2"`) {
		t.Errorf("%s", attributes)
	}
	if !strings.HasSuffix(name, "é漢") {
		t.Errorf("the name is %q", name)
	}
}

func TestXMLTV_IsReadAsItWasMeant(t *testing.T) {
	c := Channel{ID: "news", Title: odd, Logo: "https://tv.test/a.png"}
	c.Fold(plays("a=1h b=30m"))
	c.Programmes[0].Title, c.Programmes[0].Desc, c.Programmes[0].Episode, c.Programmes[0].Date = odd, "]]> <x>", "S01E02", "2024-05-01"
	text := AppendXMLTV(nil, "vod2live", []Channel{c})
	var tv document
	if err := xml.Unmarshal(text, &tv); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(tv.Channels) != 1 || tv.Channels[0].Name != clean(attribute(odd)) || len(tv.Programmes) != 2 {
		t.Errorf("%+v", tv)
	}
	p := tv.Programmes[0]
	if p.Start != "20261128120000 +0000" || p.Stop != "20261128130000 +0000" || p.Stop != tv.Programmes[1].Start || p.Channel != "news" {
		t.Errorf("%+v", p)
	}
	if p.Title != clean(odd) || p.Desc != "]]> <x>" || p.Date != "20240501" || p.Episode.Number != "S01E02" || p.Episode.System != "onscreen" {
		t.Errorf("%+v", p)
	}
}

// TestXMLTV_AndM3UHaveTheSameNames: players join them by these.
func TestXMLTV_AndM3UHaveTheSameNames(t *testing.T) {
	c := Channel{ID: "news", Title: "News, weather & more", Address: "https://tv.test/n"}
	list := string(AppendM3U(nil, "", []Channel{c}))
	if !strings.Contains(list, `tvg-name="News  weather & more"`) {
		t.Errorf("%s", list)
	}
	if text := string(AppendXMLTV(nil, "", []Channel{c})); !strings.Contains(text, "<display-name>News  weather &amp; more</display-name>") {
		t.Errorf("%s", text)
	}
}
