package schedule

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"vod2live/proxy/origin"
)

// maxLine bounds a line of text for people.
const maxLine = 500

// CheckLine says what is wrong with a line of text for people.
func CheckLine(text string) error {
	switch {
	case strings.ContainsFunc(text, unicode.IsControl):
		return errors.New("not one line: it has a control character")
	case utf8.RuneCountInString(text) > maxLine:
		return errors.New("too long: at most " + strconv.Itoa(maxLine) + " characters")
	}
	return nil
}

// What the address of a VOD can be instead.
var (
	ErrFolder = errors.New("a folder, not the playlist in it")
	ErrNotVOD = errors.New("not ORIGIN/PATH of a playlist")
)

// SetVOD sets the address of an item's VOD: ORIGIN/PATH, escaped as in an address.
// Whether there is such an origin, and what it takes for a playlist, is not known here.
func (i *Item) SetVOD(text string) error {
	if strings.HasSuffix(text, "/") {
		return ErrFolder
	}
	i.Origin, i.Path, _ = strings.Cut(text, "/")
	i.Path, i.Query, _ = strings.Cut(i.Path, "?")
	if _, err := url.PathUnescape(i.Path); err != nil || strings.Contains(text, "#") || origin.EscapeQuery(i.Query) != i.Query || !origin.SafePath("/"+i.Path) {
		return ErrNotVOD
	}
	return nil
}
