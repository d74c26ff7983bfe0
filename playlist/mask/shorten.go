package mask

import "unicode/utf8"

// Shorten cuts a text to at most n bytes, without splitting a character.
func Shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for end := most; end >= 0 && end > most-utf8.UTFMax; end-- {
		if utf8.RuneStart(text[end]) {
			return text[:end]
		}
	}
	return text[:most] // it is no UTF-8
}
