package playlist

import (
	"fmt"

	"vod2live/loop"
)

// The reasons why fetched playlists can't be a live stream, in addition to those of
// package loop.
const (
	CodeNotPlaylist       loop.Code = "not-a-playlist"      // it does not begin with #EXTM3U, or its path is not that of a playlist
	CodeSyntax            loop.Code = "syntax"              // a line that can't be read
	CodeTooLarge          loop.Code = "too-large"           // more lines, tags or renditions than are read
	CodeNoEndlist         loop.Code = "no-endlist"          // a live playlist: no EXT-X-ENDLIST
	CodeDelta             loop.Code = "delta-update"        // EXT-X-SKIP: not the whole playlist
	CodeNoRendition       loop.Code = "no-rendition"        // a multivariant playlist without any address
	CodeNested            loop.Code = "nested-multivariant" // a multivariant playlist where a media playlist should be
	CodeUndefinedVariable loop.Code = "undefined-variable"  // EXT-X-DEFINE gives no value for it
	CodeByteRange         loop.Code = "byterange-no-offset" // EXT-X-BYTERANGE without offset that continues no range
	CodeMapTooLate        loop.Code = "map-too-late"        // segments before the first EXT-X-MAP
	CodeInitWithoutIV     loop.Code = "init-without-iv"     // an encrypted EXT-X-MAP without IV
	CodeWebVTTEncrypted   loop.Code = "webvtt-encrypted"    // WebVTT that must be sliced, but is encrypted
	CodeWebVTTByteRange   loop.Code = "webvtt-byterange"    // the same, a part of a file
	CodeWebVTTForeign     loop.Code = "webvtt-foreign"      // WebVTT that must be sliced, on a host that is no origin
	CodeForeignRendition  loop.Code = "foreign-rendition"   // a rendition on a host that is no origin
	CodeMissingRendition  loop.Code = "missing-rendition"   // a rendition that the origin does not have
)

// The reasons why a VOD can't be an item of a channel: players that cross from one
// item to the next would stop.
const (
	CodeNoVariant          loop.Code = "no-variant"           // no variant stream for one of the channel
	CodeCodecMismatch      loop.Code = "codec-mismatch"       // none with its codecs
	CodeContainerMismatch  loop.Code = "container-mismatch"   // none in its container
	CodeVideoRangeMismatch loop.Code = "video-range-mismatch" // none with its VIDEO-RANGE
	CodeMuxingMismatch     loop.Code = "muxing-mismatch"      // audio in the variant stream, and not in the channel, or the reverse
	CodeSubtitlesMismatch  loop.Code = "subtitles-mismatch"   // no subtitles in fMP4 for those of the channel
	CodeVersionNeeded      loop.Code = "version-needed"       // tags that need a later version than channels state
)

// refuse returns the error of a playlist that can't be looped; the caller fills in
// the rendition.
func refuse(code loop.Code, format string, args ...any) *loop.Refusal {
	return &loop.Refusal{Code: code, Rendition: -1, Detail: fmt.Sprintf(format, args...)}
}
