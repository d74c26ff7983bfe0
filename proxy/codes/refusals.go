package codes

// Many refusals have the same remedy.
const (
	packageAgain = "Package the VOD again."
	shorterVOD   = "Split the VOD into shorter ones."
)

// refusals are the reasons why a VOD can't be a live stream: the constants of
// packages loop and playlist.
func refusals() section {
	return section{
		title:  "A VOD that can't be a live stream",
		about:  "`check` reports these as errors and ends with status 2. Viewers of such a VOD get 502 with the code, viewers of a\nconfigured channel the same until the VOD is repaired: it is loaded again every few seconds.\n\nOf an optional rendition (subtitles, I-frames, audio that is not the default of its group) they are warnings: the VOD plays\nwithout that rendition, or is rejected where the origin has `strict: true`.",
		status: 502, line: "This VOD can't be a live stream: CODE.",
		consequence: "The VOD is rejected. A version that is already on air plays on.",
		codes: []Code{
			{Code: "empty", Meaning: "A media playlist has no segment.", Remedy: "Publish the VOD again once it is complete."},
			{Code: "bad-duration", Meaning: "The EXTINF of a segment is not a number, or no segment has an EXTINF above zero.", Remedy: packageAgain},
			{Code: "loop-too-short", Meaning: "The whole loop is shorter than 1 s.", Remedy: "Use a longer VOD."},
			{Code: "segment-too-long", Meaning: "A segment is longer than 120 s.", Remedy: "Package the VOD with shorter segments."},
			{Code: "window-too-long", Meaning: "The live window would hold more than 20,000 segments.", Remedy: "Reduce -window."},
			{Code: "too-many-segments", Meaning: "All renditions together have more than a million segments.", Remedy: shorterVOD},
			{Code: "changes-too-often", Meaning: "The segments are so short that the live playlist would change more often than every 50 ms.", Remedy: "Package the VOD with longer segments."},
			{Code: "target-duration-exceeded", Meaning: "A segment is longer than the target duration of the variant streams and default audio renditions.", Remedy: "Package this rendition with shorter segments. Of a channel, configure the target_duration that the message names."},
			{Code: "discontinuity-mismatch", Meaning: "One rendition has EXT-X-DISCONTINUITY where another has no segment boundary within 0.5 s.", Remedy: "Package the VOD so that all renditions have discontinuities at the same instants."},
			{
				Code: "renditions-changed", Meaning: "The VOD was edited in place and has other renditions than the version on air.",
				Consequence: "The edit does not take over. The previous version plays on.", Remedy: "Publish the edit under a new address.",
			},
			{
				Code: "eras-unordered", Meaning: "The `at` of a schedule's entry is not later than that of the previous entry.",
				Consequence: "The schedule is rejected.", Remedy: "Sort the entries by at.",
			},
			{
				Code: "era-too-short", Meaning: "A schedule's entry is so short that players would never see it: the next entry follows too soon.",
				Consequence: "The schedule is rejected.", Remedy: "Leave more time between this entry and the next.",
			},
			{
				Code: "clip-unaligned", Meaning: "A channel's clip can't begin at its `in` or later: the VOD ends before, or its renditions begin no segments within 0.5 s of each other, or have different discontinuities after it.",
				Consequence: "The channel is off air, or a later era with this clip is skipped (era-skipped).", Remedy: "Choose an earlier `in`, or package the VOD with aligned segments.",
			},
			{Code: "not-a-playlist", Meaning: "The address is not that of a playlist, or the origin's answer does not begin with #EXTM3U: often a login page, or an error page with status 200.", Remedy: "Request the address with curl, then correct the address or the origin."},
			{Code: "syntax", Meaning: "A line of a playlist can't be read.", Remedy: "Correct the line; the message names it."},
			{Code: "too-large", Meaning: "A playlist is larger, or has more lines, tags or renditions, than this server accepts, or the live playlists of all renditions together use too much memory or change by too many bytes a second. deploy/SCALING.md lists the limits.", Remedy: shorterVOD + " For live playlists: shorten the window, serve fewer renditions, or increase -memory; the message has the figures."},
			{Code: "no-endlist", Meaning: "EXT-X-ENDLIST is missing: this is a live playlist, or a VOD that is still being packaged.", Remedy: "Wait until the packager has finished, or use the address of a finished VOD."},
			{Code: "delta-update", Meaning: "EXT-X-SKIP: the origin sent a part of a playlist.", Remedy: "Use the address of the whole playlist, without _HLS_skip."},
			{Code: "no-rendition", Meaning: "The multivariant playlist names no media playlist.", Remedy: packageAgain},
			{Code: "nested-multivariant", Meaning: "The multivariant playlist names another multivariant playlist in place of a media playlist.", Remedy: "Use the address of the inner multivariant playlist."},
			{Code: "undefined-variable", Meaning: "A playlist uses a variable without a value from EXT-X-DEFINE.", Remedy: "Add EXT-X-DEFINE to the playlist, or the query parameter that QUERYPARAM names to the address."},
			{Code: "byterange-no-offset", Meaning: "An EXT-X-BYTERANGE without offset continues no previous range of the same file.", Remedy: packageAgain},
			{Code: "map-too-late", Meaning: "Some segments precede the first EXT-X-MAP. At the loop point they can't be played.", Remedy: "Package the VOD with EXT-X-MAP before its first segment."},
			{Code: "init-without-iv", Meaning: "An encrypted media initialization section has a key without IV.", Remedy: "Package the VOD with an IV in EXT-X-KEY."},
			{Code: "webvtt-encrypted", Meaning: "Subtitles must be re-sliced along the video, but they are encrypted.", Remedy: "Publish the subtitles without encryption, or segmented like the video."},
			{Code: "webvtt-byterange", Meaning: "Subtitles must be re-sliced along the video, but they are byte ranges of a file.", Remedy: "Publish the subtitles as whole files, or segmented like the video."},
			{Code: "webvtt-foreign", Meaning: "Subtitles must be re-sliced along the video, but their files are outside the configured origins.", Remedy: "Configure their host as an origin, too, or publish the subtitles segmented like the video."},
			{Code: "foreign-rendition", Meaning: "A media playlist is outside the configured origins.", Remedy: "Configure its host as an origin, too."},
			{Code: "params-direct", Meaning: "Players would request an address directly from the origin, without the `params` that it needs: with segments: direct, or for an interstitial.", Remedy: "Set public_url of the origin, or segments: proxy."},
			{Code: "private-address", Meaning: "An address in a playlist is on the host of an origin that viewers must not see (private, signed or in an internal network), but this server can't proxy it: its path is outside the origin's URL, or has `..` or an empty element.", Remedy: "Set public_url of the origin, shorten its url, or correct the address."},
			{
				Code: "segment-missing", Meaning: "Segments named in a playlist can't be fetched from the origin.",
				Consequence: "Players stall or stop there, in every loop. A VOD whose loop is measured (`measure:`) is rejected if one of the measured segments is missing.",
				Remedy:      "Upload the segments, or correct the origin's permissions.",
			},
			{Code: "missing-rendition", Meaning: "The multivariant playlist names a media playlist that was not found at the origin.", Remedy: "Upload it, or remove it from the multivariant playlist."},
		},
	}
}
