package playlist

import "bytes"

// QueryPlace marks the end of our own addresses in a text that viewers with
// different queries share. No line of a playlist contains this character.
const QueryPlace = "\x00"

// Places is how many places for a query a text has.
func Places(text []byte) int { return bytes.Count(text, []byte(QueryPlace)) }

// Fill returns a copy of a text with a query in its places; an empty one is left out
// with its question mark.
func Fill(text []byte, query string) []byte {
	if query != "" {
		query = "?" + query
	}
	filled := make([]byte, 0, len(text)+Places(text)*len(query))
	for {
		before, after, found := bytes.Cut(text, []byte(QueryPlace))
		filled = append(filled, before...)
		if !found {
			return filled
		}
		filled, text = append(filled, query...), after
	}
}
