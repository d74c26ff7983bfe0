package guide

import (
	"encoding/xml"
	"strings"
	"time"
)

// AppendXMLTV writes the programmes of channels
// (https://github.com/XMLTV/xmltv/blob/master/xmltv.dtd). source names the product.
func AppendXMLTV(dst []byte, source string, channels []Channel) []byte {
	tv := document{Source: clean(source)}
	for i := range channels {
		c := &channels[i]
		one := channelElement{ID: clean(c.ID), Name: clean(c.name())}
		if c.Logo != "" {
			one.Icon = &icon{clean(c.Logo)}
		}
		tv.Channels = append(tv.Channels, one)
		for n := range c.Programmes {
			tv.Programmes = append(tv.Programmes, c.Programmes[n].element(one.ID))
		}
	}
	text, err := xml.MarshalIndent(tv, "", " ")
	if err != nil {
		panic(err) // only strings are written
	}
	dst = append(dst, xml.Header+"<!DOCTYPE tv SYSTEM \"xmltv.dtd\">\n"...)
	return append(append(dst, text...), '\n')
}

// Elements in the order of the DTD.
type (
	document struct {
		XMLName    xml.Name           `xml:"tv"`
		Source     string             `xml:"generator-info-name,attr"`
		Channels   []channelElement   `xml:"channel"`
		Programmes []programmeElement `xml:"programme"`
	}
	channelElement struct {
		ID   string `xml:"id,attr"`
		Name string `xml:"display-name"`
		Icon *icon  `xml:"icon"`
	}
	icon struct {
		Source string `xml:"src,attr"`
	}
	programmeElement struct {
		Start    string   `xml:"start,attr"`
		Stop     string   `xml:"stop,attr"`
		Channel  string   `xml:"channel,attr"`
		Title    string   `xml:"title"`
		Subtitle string   `xml:"sub-title,omitempty"`
		Desc     string   `xml:"desc,omitempty"`
		Date     string   `xml:"date,omitempty"`
		Category string   `xml:"category,omitempty"`
		Icon     *icon    `xml:"icon"`
		Episode  *episode `xml:"episode-num"`
	}
	episode struct {
		System string `xml:"system,attr"`
		Number string `xml:",chardata"`
	}
)

func (p *Programme) element(channel string) programmeElement {
	e := programmeElement{
		Start: stamp(p.Start), Stop: stamp(p.End), Channel: channel, Title: clean(p.Title), Subtitle: clean(p.Subtitle),
		Desc: clean(p.Desc), Category: clean(p.Category), Date: strings.ReplaceAll(clean(p.Date), "-", ""),
	}
	if p.Icon != "" {
		e.Icon = &icon{clean(p.Icon)}
	}
	if p.Episode != "" {
		e.Episode = &episode{"onscreen", clean(p.Episode)}
	}
	return e
}

// stamp is an instant, floored to seconds: two programmes that meet have the same.
func stamp(t time.Time) string { return t.UTC().Format("20060102150405 +0000") }

// clean leaves out what XML 1.0 can't say, even escaped.
func clean(text string) string {
	return strings.Map(func(c rune) rune {
		switch c {
		case '\n', '\t':
			return ' '
		case 0xfffe, 0xffff:
			return -1
		}
		return visible(c)
	}, strings.ToValidUTF8(text, "\ufffd"))
}
