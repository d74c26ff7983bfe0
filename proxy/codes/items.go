package codes

import "strings"

const itemLine = "This channel can't play one of its items: CODE."

// ItemLine is what viewers of a channel are told of an item with a code.
func ItemLine(code string) string { return strings.ReplaceAll(itemLine, "CODE", code) }

// items are the reasons why a VOD can't be an item of a channel: constants of package
// playlist.
func items() section {
	return section{
		title:  "A VOD that can't be an item of a channel",
		about:  "Every item of a channel is mapped to the renditions of the channel's `model`. Where players would stop as they cross from\none item to the next, the VOD is rejected by name, before it is on air.",
		status: 502, line: itemLine,
		consequence: "The VOD is not played in this channel. Alone it may be a live stream.",
		codes: []Code{
			{Code: "no-variant", Meaning: "The VOD has no variant stream for one of the model: no video for one with video, or neither an audio-only variant stream nor an audio rendition for one without.", Remedy: "Use a model with renditions that all VODs have, or package this VOD with video and audio."},
			{Code: "codec-mismatch", Meaning: "No variant stream of the VOD has the codecs of one of the model (avc, hevc, av01 …; mp4a, ac-3, ec-3): Shaka and video.js end at such a joint, and all players stand still where one item has audio and the other has not.", Remedy: "Encode the VOD with the codecs of the model, or use a model with variant streams of one codec that all VODs have."},
			{Code: "container-mismatch", Meaning: "The VOD is MPEG-TS where the model is fragmented MP4, or the reverse, or its audio is: hls.js and Shaka end there.", Remedy: "Package the VOD in the container of the model."},
			{Code: "video-range-mismatch", Meaning: "No variant stream of the VOD has the VIDEO-RANGE of one of the model.", Remedy: "Use a model with SDR variant streams alone, or package the VOD with the same ranges."},
			{Code: "muxing-mismatch", Meaning: "The model has audio in a rendition of its own and the VOD has not, or the reverse: hls.js, Shaka and video.js end there.", Remedy: "Package the VOD as the model: with audio in the variant streams, or in EXT-X-MEDIA with a URI."},
			{Code: "subtitles-mismatch", Meaning: "The model has subtitles in fragmented MP4, and the VOD has none in that language. WebVTT can be left empty, text in MP4 can't.", Remedy: "Use a model with WebVTT or without subtitles, or package the VOD with the same subtitles."},
			{Code: "version-needed", Meaning: "A media playlist of the VOD needs a later EXT-X-VERSION than the 8 that channels state.", Remedy: packageAgain},
			{Code: "slate-too-short", Meaning: "The slate of a break would be played more than 100 times in one break.", Remedy: "Use a longer slate, or shorter breaks."},
		},
	}
}

// mappings are notices of how an item is mapped: constants of package playlist.
func mappings() section {
	return section{
		title:       "How an item is mapped to its channel",
		about:       "`check` and the console report these as notices of an item. Players get over all of them.",
		consequence: "The item plays.",
		codes: []Code{
			{Code: "language-missing", Meaning: "The VOD has no audio in the language of a rendition of the channel.", Consequence: "The default audio of the VOD plays instead.", Remedy: "Package the VOD with audio in that language, or use a model without it."},
			{Code: "subtitles-missing", Meaning: "The VOD has no subtitles in the language of a rendition of the channel, or they can't be used.", Consequence: "The subtitles are empty while the item plays.", Remedy: "Package the VOD with these subtitles."},
			{Code: "iframes-missing", Meaning: "The VOD has no I-frame playlist for one of the channel.", Consequence: "There are no pictures for fast forward while the item plays. Where this is an item of the first era, the channel has no I-frames at all.", Remedy: "Package the VOD with EXT-X-I-FRAME-STREAM-INF."},
			{Code: "codecs-unknown", Meaning: "The VOD or the model does not state CODECS, so that codecs can't be compared.", Consequence: "The item plays. If its codecs differ, players end there.", Remedy: "State CODECS in the multivariant playlists."},
			{Code: "bandwidth-exceeded", Meaning: "The VOD's variant stream has a higher BANDWIDTH than the channel states.", Consequence: "Players on slow networks may stall.", Remedy: "Encode the VOD with the bit rates of the model, or use the VOD with the highest ones as model."},
			{Code: "resolution-exceeded", Meaning: "The VOD's variant stream has a larger RESOLUTION than the channel states.", Consequence: "Devices that chose the variant stream by its size may not play it.", Remedy: "Encode the VOD with the sizes of the model, or use the VOD with the largest ones as model."},
			{Code: "frame-rate-differs", Meaning: "The VOD's variant stream has another FRAME-RATE than the channel states."},
			{Code: "channels-differ", Meaning: "The VOD's audio has another number of CHANNELS than the channel states."},
			{Code: "encryption-differs", Meaning: "The VOD is encrypted by other methods than the model, or one of the two is not encrypted.", Consequence: "The item plays where players have its keys. Some with DRM don't switch between clear and encrypted media.", Remedy: "Encrypt all VODs of the channel in the same way."},
			{Code: "clip-moved", Meaning: "A clip begins or ends more than a target duration after its `in` or `out`: its renditions have no common boundary before.", Consequence: "The clip is longer or shorter than wished for.", Remedy: "Choose another `in` or `out`, or package the VOD with aligned segments."},
			{Code: "cut-overhang", Meaning: "The last segment of a rendition exceeds the end of a cut item, or of the slate in a break, by more than 0.5 s.", Consequence: "Its EXTINF is shortened; players may play a part of it over the next item.", Remedy: "Package the VOD with segments of equal length in all renditions."},
			{Code: "break-moved", Meaning: "A break begins more than a target duration after the instant of its rule: it is at the next boundary that all renditions share, or at the item's end.", Remedy: "Choose another instant (`at`), or package the VOD with aligned segments."},
			{Code: "break-left-out", Meaning: "The instant of a break (`at`) is after the item's end.", Consequence: "The item plays without this break.", Remedy: "Give the item `breaks` of its own."},
		},
	}
}
