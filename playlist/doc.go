// Package playlist reads the playlists of an HLS VOD and writes the live
// playlists that loop it indefinitely (RFC 8216bis sections 4 and 6.2).
//
// [DecodeMultivariant] and [DecodeMedia] lose nothing: unknown tags are kept as
// text, in their place. A decoded playlist is
// immutable, and each of its segments has everything that applies to it: keys,
// media initialization section, absolute byte range, bit rate. So a window may
// begin with any segment.
//
// [NewLive] lays a VOD out (package loop), repairs what looping needs and
// renders the text of every segment once. A live window is then a header and
// pieces of that text with dates between them: [Live.AppendMedia].
//
// The package knows no network and no clock; the caller determines the addresses in
// a live playlist ([Addresses]).
package playlist
