// Package playlist reads the playlists of an HLS VOD and writes the live
// playlists that repeat it for ever (RFC 8216bis sections 4 and 6.2).
//
// [DecodeMultivariant] and [DecodeMedia] lose nothing of what they read: what
// they don't know is kept as text, where it stood. A decoded playlist is
// immutable, and each of its segments carries all that applies to it: keys,
// media initialization section, absolute byte range, bit rate. So a window that
// begins in the middle is right by construction.
//
// [NewLive] lays a VOD out (package loop), repairs what looping needs and
// renders the text of every segment once. A live window is then a header and
// pieces of that text with dates between them: [Live.AppendMedia].
//
// The package knows no network and no clock; how an address is written in a
// live playlist is told to it ([Addresses]).
package playlist
