package codes

// repairs are what a live stream has otherwise than its VOD: the notes of package
// playlist, and constants of package preflight.
func repairs() section {
	return section{
		title: "What the live stream changes",
		about: "`check` lists these as repairs, the console and the API as notices. No action is needed.",
		codes: []Code{
			{Code: "implied-iv", Meaning: "Keys without IV get the IV that the original media sequence number implies."},
			{Code: "implied-offset", Meaning: "Byte ranges without offset get an explicit offset."},
			{Code: "dates-replaced", Meaning: "EXT-X-PROGRAM-DATE-TIME follows the live stream's clock."},
			{Code: "daterange-redated", Meaning: "EXT-X-DATERANGE follows the live stream's clock, with an ID for each loop."},
			{Code: "cue-dropped", Meaning: "EXT-X-DATERANGE with CUE=PRE or POST is removed: a live stream has no beginning and no end."},
			{Code: "start-dropped", Meaning: "EXT-X-START is removed: in a live playlist it has another meaning."},
			{Code: "low-latency-dropped", Meaning: "Low-latency tags are removed."},
			{Code: "images-dropped", Meaning: "EXT-X-IMAGE-STREAM-INF is removed."},
			{Code: "variables-replaced", Meaning: "Variables of EXT-X-DEFINE are replaced by their values."},
			{Code: "webvtt-sliced", Meaning: "Subtitles are re-sliced along the segments of the reference rendition."},
			{Code: "whole-file-subtitles", Meaning: "The subtitles are one file: it is read whole before the first slice is served."},
			{Code: "segment-left-out", Meaning: "A segment whose EXTINF is zero or negative is left out. Its tags move to the next one."},
			{Code: "audio-length", Meaning: "The loop is as long as its audio, not as its video. Otherwise picture and sound would drift apart at each loop. The audio length of loops under 15 minutes is measured (`measure:`), else EXTINF counts."},
			{Code: "gap-padded", Meaning: "A rendition that ends early is filled with EXT-X-GAP segments."},
			{Code: "tail-cut", Meaning: "Segments that begin after the end of the loop are left out. More than 0.5 s is a warning."},
			{Code: "tail-trimmed", Meaning: "The last segment of a rendition exceeds the loop; its EXTINF is shortened. More than 0.5 s is a warning."},
			{Code: "discontinuities-added", Meaning: "A rendition gets the discontinuities that others have."},
			{Code: "target-duration", Meaning: "EXT-X-TARGETDURATION is the same in all renditions."},
		},
	}
}
