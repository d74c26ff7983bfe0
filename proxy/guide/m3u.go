package guide

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// AppendM3U writes the list of channels. guide is the address of the XMLTV.
func AppendM3U(dst []byte, guide string, channels []Channel) []byte {
	dst = append(dst, "#EXTM3U url-tvg=\""+address(guide)+"\" x-tvg-url=\""+address(guide)+"\"\n"...)
	for i := range channels {
		dst = channels[i].appendM3U(dst)
	}
	return dst
}

func (c *Channel) appendM3U(dst []byte) []byte {
	dst = append(dst, "#EXTINF:-1"...)
	dst = appendAttribute(dst, "tvg-id", c.domain())
	dst = appendAttribute(dst, "tvg-name", c.name())
	dst = appendAttribute(dst, "tvg-chno", c.Number)
	dst = appendAttribute(dst, "tvg-logo", address(c.Logo))
	dst = appendAttribute(dst, "group-title", c.Group)
	if c.CatchUp > 0 {
		days := int(math.Ceil(c.CatchUp.Hours() / (24 * time.Hour).Hours()))
		dst = appendAttribute(dst, "catchup", "append")
		dst = appendAttribute(dst, "catchup-source", "?start={utc}&end={utcend}")
		dst = appendAttribute(dst, "catchup-days", strconv.Itoa(days))
	}
	return append(dst, ","+c.name()+"\n"+address(c.Address)+"\n"...)
}

// appendAttribute writes an attribute unless it is empty.
func appendAttribute(dst []byte, name, value string) []byte {
	if value = attribute(value); value == "" {
		return dst
	}
	return append(dst, " "+name+"=\""+value+"\""...)
}

// attribute leaves out what readers of M3U take for an end: there is no escape.
func attribute(text string) string {
	return strings.Map(func(c rune) rune {
		switch c {
		case '"':
			return '\''
		case ',':
			return ' '
		}
		return visible(c)
	}, text)
}

// escaped is what an address is written with instead of what would end it.
var escaped = strings.NewReplacer(`"`, "%22", ",", "%2C", " ", "%20")

func address(text string) string { return escaped.Replace(strings.Map(visible, text)) }

// visible is -1 for control characters, ends of lines, those of Unicode too, and what is
// no character.
func visible(c rune) rune {
	if c == 0xfffe || c == 0xffff || unicode.In(c, unicode.Cc, unicode.Zl, unicode.Zp) {
		return -1
	}
	return c
}
