package guide

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"strings"
	"time"
)

// The beginning and end of an XMLTV document.
const (
	xmltvHead = xml.Header + "<!DOCTYPE tv SYSTEM \"xmltv.dtd\">\n<tv generator-info-name=\"vod2live\">\n"
	xmltvTail = "\n</tv>\n"
)

// XMLTV has the programmes of channels
// (https://github.com/XMLTV/xmltv/blob/master/xmltv.dtd), which a function makes, one
// channel after the other. All programmes take about limit bytes at most, those of each
// channel an equal share: cut is how many are left out for that, the last ones of their
// channels.
func XMLTV(channels []Channel, programmes func(*Channel) []Programme, limit int) (text []byte, cut int) {
	var to bytes.Buffer
	to.WriteString(xmltvHead)
	elements := xml.NewEncoder(&to)
	elements.Indent(" ", " ")
	for i := range channels {
		write(elements, channels[i].element())
	}
	for i := range channels {
		end := to.Len() + limit/len(channels)
		all := programmes(&channels[i])
		for n := range all {
			if to.Len() >= end {
				cut += len(all) - n
				break
			}
			write(elements, all[n].element(&channels[i]))
		}
	}
	to.WriteString(xmltvTail)
	return to.Bytes(), cut
}

func write(to *xml.Encoder, element any) {
	if err := to.Encode(element); err != nil {
		panic(err) // only strings are written, to memory
	}
}

// Elements in the order of the DTD.
type (
	channelElement struct {
		XMLName xml.Name `xml:"channel"`
		ID      string   `xml:"id,attr"`
		Name    string   `xml:"display-name"`
		Icon    *icon    `xml:"icon"`
	}
	icon struct {
		Source string `xml:"src,attr"`
	}
	programmeElement struct {
		XMLName  xml.Name `xml:"programme"`
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

func (c *Channel) element() channelElement {
	return channelElement{ID: c.domain(), Name: clean(c.name()), Icon: iconOf(c.Logo)}
}

func (p *Programme) element(c *Channel) programmeElement {
	e := programmeElement{
		Start: stamp(p.Start), Stop: stamp(p.End), Channel: c.domain(), Title: cmp.Or(clean(p.Title), c.ID), Subtitle: clean(p.Subtitle),
		Desc: clean(p.Desc), Category: clean(p.Category), Icon: iconOf(p.Icon), Date: strings.ReplaceAll(clean(p.Date), "-", ""),
	}
	if number := clean(p.Episode); number != "" {
		e.Episode = &episode{"onscreen", number}
	}
	return e
}

// iconOf is nil without an address.
func iconOf(address string) *icon {
	if address = clean(address); address == "" {
		return nil
	}
	return &icon{address}
}

// stamp is an instant, rounded up to seconds: two programmes that meet have the same, and
// a viewer who catches up from there gets no segment of the programme before.
func stamp(t time.Time) string {
	return t.Add(time.Second - time.Nanosecond).UTC().Format("20060102150405 +0000")
}

// clean leaves out what XML 1.0 can't say, even escaped.
func clean(text string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if c == '\n' || c == '\t' {
			return ' '
		}
		return visible(c)
	}, strings.ToValidUTF8(text, "\ufffd")))
}
