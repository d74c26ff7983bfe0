package codes

import "strings"

const itemLine = "This channel can't play one of its items: CODE."

// ItemLine is the line for viewers of a channel about an item with a code.
func ItemLine(code string) string { return strings.ReplaceAll(itemLine, "CODE", code) }

// items are the reasons why a VOD can't be an item of a channel: constants of package
// playlist.
func items() section {
	return section{
		title:  "A VOD that can't be an item of a channel",
		about:  "Every item of a channel is mapped to the renditions of the channel's `model`. If players would stop between this item and\nthe next, the VOD is rejected with one of these codes before it is on air.",
		status: 502, line: itemLine,
		consequence: "The VOD is not played in this channel. On its own it can be a live stream.",
		codes: []Code{
			{Code: "no-variant", Meaning: "The VOD has no variant stream for one of the model: no video for one with video, or neither an audio-only variant stream nor an audio rendition for one without.", Remedy: "Use a model with renditions that all VODs have, or package this VOD with video and audio."},
			{Code: "codec-mismatch", Meaning: "No variant stream of the VOD has the codecs of one of the model (avc, hevc, av01 …; mp4a, ac-3, ec-3): Shaka and video.js end between such items. All players freeze if one item has audio and the other has none.", Remedy: "Encode the VOD with the codecs of the model, or use a model with only those variant streams whose codec all VODs have."},
			{Code: "container-mismatch", Meaning: "The VOD is MPEG-TS where the model is fragmented MP4, or the reverse; or only its audio differs in that way. hls.js and Shaka end there.", Remedy: "Package the VOD in the container of the model."},
			{Code: "video-range-mismatch", Meaning: "No variant stream of the VOD has the VIDEO-RANGE of one of the model.", Remedy: "Use a model with SDR variant streams only, or package the VOD with the same ranges."},
			{Code: "muxing-mismatch", Meaning: "The model has audio in a separate rendition and the VOD does not, or the reverse: hls.js, Shaka and video.js end there.", Remedy: "Package the VOD like the model: with the audio in the variant streams, or in EXT-X-MEDIA with a URI."},
			{Code: "subtitles-mismatch", Meaning: "The model has subtitles in fragmented MP4, and the VOD has none in that language. WebVTT can be left empty, text in MP4 can't.", Remedy: "Use a model with WebVTT or without subtitles, or package the VOD with the same subtitles."},
			{Code: "version-needed", Meaning: "A media playlist of the VOD needs a later EXT-X-VERSION than 8, which channels have.", Remedy: packageAgain},
			{Code: "slate-too-short", Meaning: "The slate would play more than 100 times in one break.", Remedy: "Use a longer slate, or shorter breaks."},
		},
	}
}

// mappings are notices of how an item is mapped: constants of package playlist.
func mappings() section {
	return section{
		title:       "How an item is mapped to its channel",
		about:       "`check` and the console report these as notices of an item. None of them stops players.",
		consequence: "The item plays.",
		codes: []Code{
			{Code: "language-missing", Meaning: "The VOD has no audio in the language of a rendition of the channel.", Consequence: "The default audio of the VOD plays instead.", Remedy: "Package the VOD with audio in that language, or use a model without it."},
			{Code: "subtitles-missing", Meaning: "The VOD has no subtitles in the language of a rendition of the channel, or their format does not fit.", Consequence: "The subtitles are empty while the item plays.", Remedy: "Package the VOD with these subtitles."},
			{Code: "iframes-missing", Meaning: "The VOD has no I-frame playlist for one of the channel.", Consequence: "Fast forward has no pictures while the item plays. If it is an item of the first era, the channel has no I-frame playlists at all.", Remedy: "Package the VOD with EXT-X-I-FRAME-STREAM-INF."},
			{Code: "codecs-unknown", Meaning: "The VOD or the model has no CODECS, so the codecs can't be compared.", Consequence: "The item plays. If its codecs differ, players end there.", Remedy: "Add CODECS to the multivariant playlists."},
			{Code: "bandwidth-exceeded", Meaning: "The VOD's variant stream has a higher BANDWIDTH than the channel.", Consequence: "Players on slow networks may stall.", Remedy: "Encode the VOD with the bit rates of the model, or use the VOD with the highest bit rates as the model."},
			{Code: "resolution-exceeded", Meaning: "The VOD's variant stream has a larger RESOLUTION than the channel.", Consequence: "Devices that chose the variant stream by its size may not play it.", Remedy: "Encode the VOD with the resolutions of the model, or use the VOD with the largest resolutions as the model."},
			{Code: "frame-rate-differs", Meaning: "The VOD's variant stream has another FRAME-RATE than the channel."},
			{Code: "channels-differ", Meaning: "The VOD's audio has another number of CHANNELS than the channel."},
			{Code: "encryption-differs", Meaning: "The VOD has other encryption methods than the model, or only one of the two is encrypted.", Consequence: "The item plays in players that get its keys. Some players with DRM can't switch between clear and encrypted media.", Remedy: "Encrypt all VODs of the channel in the same way."},
			{Code: "clip-moved", Meaning: "A clip begins or ends more than a target duration after its `in` or `out`: its renditions have no common boundary before.", Consequence: "The clip is longer or shorter than configured.", Remedy: "Choose another `in` or `out`, or package the VOD with aligned segments."},
			{Code: "cut-overhang", Meaning: "The last segment of a rendition exceeds the end of a cut item, or of the slate in a break, by more than 0.5 s.", Consequence: "Its EXTINF is shortened. Players may play the rest over the beginning of the next item.", Remedy: "Package the VOD with segments of equal length in all renditions."},
			{Code: "break-moved", Meaning: "A break begins more than a target duration after the instant of its rule: it is at the next boundary that all renditions share, or at the item's end.", Remedy: "Choose another instant (`at`), or package the VOD with aligned segments."},
			{Code: "break-left-out", Meaning: "The instant of a break (`at`) is after the item's end.", Consequence: "The item plays without this break.", Remedy: "Give the item its own `breaks`."},
		},
	}
}
