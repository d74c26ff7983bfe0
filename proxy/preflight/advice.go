package preflight

// advice says what to do about the problems that Examine finds.
var advice = map[string]string{
	CodeRagged:          "Package the VOD so that all renditions are equally long.",
	CodeShortLoop:       "Set a later -epoch, or make the loop longer.",
	CodeLengths:         "Package the VOD so that all renditions are equally long.",
	CodeOverTarget:      "Package the VOD anew, with the target duration that its segments need.",
	CodeNoMap:           "Package the VOD anew, with EXT-X-MAP.",
	CodeDiscontinuities: "Package the VOD so that all renditions have discontinuities at the same instants.",
	CodeExpires:         "Publish playlists whose addresses don't expire, and let this server authenticate at the origin.",
	CodeWhole:           "Package the subtitles in segments if viewers wait for them.",
}
