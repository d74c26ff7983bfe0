package guide

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// plays are programmes one after the other: a title and a length each. One that
// begins with a - is a filler, with a + it continues the play before.
func plays(text string) (all []Programme) {
	at := noon
	for field := range strings.FieldsSeq(text) {
		title, length, _ := strings.Cut(field, "=")
		d, err := time.ParseDuration(length)
		if err != nil {
			panic(err)
		}
		all = append(all, Programme{Start: at, End: at.Add(d), Title: strings.TrimLeft(title, "-+"), Filler: title[0] == '-', Joined: title[0] == '+'})
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
		"a=1m +x=20s +a=1m b=1h -x=1m +x=1m c=1h": "a=2m20s b=1h2m0s c=1h0m0s",
		"a=1h +x=15m +a=1h -x=11m b=1h":           "a=2h15m0s News=11m0s b=1h0m0s",
		"+a=1h b=1h":                              "a=1h0m0s b=1h0m0s",
		"":                                        "",
	} {
		c := Channel{ID: "news", Title: "News"}
		all := c.Fold(slices.Values(plays(given)), noon)
		if got := told(all); got != want {
			t.Errorf("%s:\n%s, want\n%s", given, got, want)
		}
		checkJoined(t, all)
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

// TestFold_BeginsWithWhatIsOn at the beginning of the guide, also where a pause makes that
// longer than its last play.
func TestFold_BeginsWithWhatIsOn(t *testing.T) {
	for after, want := range map[time.Duration]string{
		0:                           "a=1h0m0s b=1h5m0s c=1h0m0s",
		59 * time.Minute:            "a=1h0m0s b=1h5m0s c=1h0m0s",
		time.Hour:                   "b=1h5m0s c=1h0m0s",
		2*time.Hour + 4*time.Minute: "b=1h5m0s c=1h0m0s",
		2*time.Hour + 5*time.Minute: "c=1h0m0s",
		4 * time.Hour:               "",
	} {
		c := Channel{ID: "news"}
		if got := told(c.Fold(slices.Values(plays("a=1h b=1h -x=5m c=1h")), noon.Add(after))); got != want {
			t.Errorf("after %s: %s, want %s", after, got, want)
		}
	}
}

func TestFold_IsBounded(t *testing.T) {
	c := Channel{ID: "news"}
	taken := 0
	all := c.Fold(func(yield func(Programme) bool) {
		for at := noon; yield(Programme{Start: at, End: at.Add(5 * time.Minute)}); at = at.Add(5 * time.Minute) {
			taken++
		}
	}, noon)
	if len(all) != most || taken > most+2 {
		t.Errorf("%d programmes of %d plays, want %d", len(all), taken, most)
	}
}

// odd has all that breaks lists.
const odd = "A \"quoted\", <b>&amp; name\r\n#EXTINF:-1,evil\x00\x1b\ufffe\u0085\u2028\xff é漢"

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
	all := plays("a=1h b=30m")
	all[0].Title, all[0].Desc, all[0].Episode, all[0].Date = odd, "]]> <x>", "S01E02", "2024-05-01"
	text := xmltv(all, c)
	var tv struct {
		Channels   []channelElement   `xml:"channel"`
		Programmes []programmeElement `xml:"programme"`
	}
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

// xmltv is a document in which each channel has the same programmes.
func xmltv(all []Programme, channels ...Channel) []byte {
	text, _ := XMLTV(channels, func(*Channel) []Programme { return all }, 1<<20)
	return text
}

// TestXMLTV_IsCutFairly: a channel with long texts takes no room from another.
func TestXMLTV_IsCutFairly(t *testing.T) {
	all := map[string][]Programme{"long": plays(strings.Repeat("a=5m ", 500)), "short": plays(strings.Repeat("b=5m ", 100))}
	for n := range all["long"] {
		all["long"][n].Desc = strings.Repeat("x", 500)
	}
	text, cut := XMLTV([]Channel{{ID: "long"}, {ID: "short"}}, func(c *Channel) []Programme { return all[c.ID] }, 100_000)
	if len(text) > 101_500 || cut == 0 {
		t.Errorf("%d bytes, %d programmes are left out", len(text), cut)
	}
	if n := strings.Count(string(text), `channel="short"`); n != 100 {
		t.Errorf("%d of 100 programmes of the other channel", n)
	}
	if n := strings.Count(string(text), `channel="long"`); n+cut != 500 {
		t.Errorf("%d programmes and %d left out, want 500", n, cut)
	}
	if err := xml.Unmarshal(text, new(struct{})); err != nil {
		t.Error(err)
	}
}

// TestXMLTV_AndM3UHaveTheSameNames: players join them by these.
func TestXMLTV_AndM3UHaveTheSameNames(t *testing.T) {
	c := Channel{ID: "news", Title: "News, weather & more", Address: "https://tv.test/n"}
	list := string(AppendM3U(nil, "", []Channel{c}))
	if !strings.Contains(list, `tvg-name="News  weather & more"`) {
		t.Errorf("%s", list)
	}
	if text := string(xmltv(nil, c)); !strings.Contains(text, "<display-name>News  weather &amp; more</display-name>") {
		t.Errorf("%s", text)
	}
}

// TestM3U_AddressesStayWhole: a comma or a quote in one is escaped, not left out.
func TestM3U_AddressesStayWhole(t *testing.T) {
	c := Channel{ID: "n", Logo: "https://a.test/w_1,h_2/\"x y\".png\n", Address: "https://a.test/a,b/n/master.m3u8"}
	list := string(AppendM3U(nil, "https://a.test/a,b/guide/epg.xml", []Channel{c}))
	for _, want := range []string{`tvg-logo="https://a.test/w_1%2Ch_2/%22x%20y%22.png"`, "\nhttps://a.test/a%2Cb/n/master.m3u8\n", `url-tvg="https://a.test/a%2Cb/guide/epg.xml"`} {
		if !strings.Contains(list, want) {
			t.Errorf("%s lacks %s", list, want)
		}
	}
}

// childrenOf are the elements that may be in another, in the order of xmltv.dtd, of those
// that we write.
var childrenOf = map[string][]string{
	"tv":        {"channel", "programme"},
	"channel":   {"display-name", "icon"},
	"programme": {"title", "sub-title", "desc", "date", "category", "icon", "episode-num"},
}

// attributesOf are those that an element has.
var attributesOf = map[string]string{
	"tv": "generator-info-name", "channel": "id", "programme": "start stop channel", "icon": "src", "episode-num": "system",
}

// checkDTD holds a document to the parts of xmltv.dtd that concern it: which elements are
// where, in which order, with which attributes, and that names and titles have a text.
func checkDTD(t *testing.T, text []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(text))
	type open struct {
		name string
		at   int // of its last child
	}
	var path []open
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if n := len(path) - 1; n >= 0 {
				at := slices.Index(childrenOf[path[n].name], e.Name.Local)
				if at < path[n].at || at == path[n].at && len(path) > 1 {
					t.Errorf("%s is not where it may be in %s", e.Name.Local, path[n].name)
				}
				path[n].at = at
			}
			var names []string
			for _, a := range e.Attr {
				names = append(names, a.Name.Local)
			}
			if got := strings.Join(names, " "); got != attributesOf[e.Name.Local] {
				t.Errorf("%s has the attributes %q, want %q", e.Name.Local, got, attributesOf[e.Name.Local])
			}
			first := -1
			if len(path) == 0 {
				first = 0
			}
			path = append(path, open{e.Name.Local, first})
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if name := path[max(len(path)-1, 0):]; len(name) > 0 && childrenOf[name[0].name] == nil && strings.TrimSpace(string(e)) == "" {
				t.Errorf("%s is empty", name[0].name)
			}
		}
	}
}

// TestXMLTV_IsAsTheDTDWantsIt, whatever the texts are.
func TestXMLTV_IsAsTheDTDWantsIt(t *testing.T) {
	for _, hostile := range []string{"", odd, "\x00", "\xff\xfe", "]]>", "<!DOCTYPE x>", "&#0;", "\ufffe\uffff", "\U0001f4fa", "\u202e", " \n "} {
		c := Channel{ID: "news", Title: hostile, Logo: hostile}
		all := c.Fold(slices.Values(plays("-x=1m a=1h b=30m")), noon)
		for n := range all {
			p := &all[n]
			*p = Programme{p.Start, p.End, hostile, hostile, hostile, hostile, hostile, hostile, hostile, false, false}
		}
		text := xmltv(all, c, Channel{ID: "kids"})
		checkDTD(t, text)
		if bytes.Contains(text, []byte("></title>")) || bytes.Contains(text, []byte("></display-name>")) {
			t.Errorf("%q: a name or a title is empty:\n%s", hostile, text)
		}
	}
}

// TestXMLTV_InstantsAreRoundedUp in UTC, whatever the zone: a viewer who catches up from
// there gets nothing of the programme before.
func TestXMLTV_InstantsAreRoundedUp(t *testing.T) {
	zone := time.FixedZone("", 5*3600+1800)
	for given, want := range map[time.Duration]string{
		0: "20261128120000 +0000", 1: "20261128120001 +0000", time.Millisecond: "20261128120001 +0000", time.Second: "20261128120001 +0000",
		12 * time.Hour: "20261129000000 +0000",
	} {
		if got := stamp(noon.Add(given).In(zone)); got != want {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
	}
}

// TestChannel_HasTheSameDomainInBoth: players join them by it.
func TestChannel_HasTheSameDomainInBoth(t *testing.T) {
	for host, want := range map[string]string{"": "n", "tv.test": "n.tv.test", "127.0.0.1": "n.127.0.0.1", "::1": "n.--1"} {
		c := Channel{ID: "n", Host: host}
		if list := string(AppendM3U(nil, "", []Channel{c})); !strings.Contains(list, `tvg-id="`+want+`"`) {
			t.Errorf("%s lacks %s", list, want)
		}
		if text := string(xmltv(plays("a=1h"), c)); !strings.Contains(text, `<channel id="`+want+`">`) || !strings.Contains(text, ` channel="`+want+`">`) {
			t.Errorf("%s lacks %s", text, want)
		}
	}
}
