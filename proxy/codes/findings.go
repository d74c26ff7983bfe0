package codes

// findings are what check finds wrong with a VOD that can loop: constants of
// package preflight.
func findings() section {
	return section{
		title: "A VOD that plays, but not well",
		about: "`check` and the console report these as errors, warnings or notices; none is an answer to a viewer.",
		codes: []Code{
			{Code: "ragged-tail", Meaning: "A rendition ends more than 0.5 s before the loop.", Consequence: "EXT-X-GAP segments fill the rest: players stall, skip or stop there.", Remedy: "Package the VOD so that all renditions are equally long."},
			{Code: "short-loop", Meaning: "Millions of loops have passed since the epoch.", Consequence: "hls.js slows down at each reload of a playlist.", Remedy: "Set a later -epoch, or make the loop longer."},
			{Code: "unequal-lengths", Meaning: "A rendition is longer or shorter than the loop by more than a target duration.", Consequence: "Longer renditions are cut, shorter ones are filled with gaps.", Remedy: "Package the VOD so that all renditions are equally long."},
			{Code: "segment-over-target", Meaning: "Segments exceed the EXT-X-TARGETDURATION of the VOD, or the VOD has none.", Consequence: "The live stream has the longer target duration.", Remedy: "Package the VOD again, with the target duration that its segments need."},
			{Code: "map-missing", Meaning: "By their names the segments are fragmented MP4, but there is no EXT-X-MAP.", Consequence: "No player can play it.", Remedy: "Package the VOD again, with EXT-X-MAP. If the segments are MPEG-TS, name them .ts."},
			{Code: "discontinuities-differ", Meaning: "Renditions have different numbers of EXT-X-DISCONTINUITY.", Consequence: "Missing ones are added. A rendition whose timestamps restart alone plays out of sync.", Remedy: "Package the VOD so that all renditions have discontinuities at the same instants."},
			{Code: "address-expires", Meaning: "Segment addresses carry a signature or token that expires.", Consequence: "When it expires, segments fail and the stream ends for viewers.", Remedy: "Publish playlists whose addresses don't expire, and let this server authenticate at the origin."},
			{Code: "first-segment-no-pat", Meaning: "The first MPEG-TS segment does not begin with PAT and PMT.", Consequence: "Players may stall at the loop point.", Remedy: "Package the VOD so that each segment begins with PAT and PMT."},
			{Code: "first-segment-no-keyframe", Meaning: "The first segment's video does not begin with a key frame.", Consequence: "The picture may break at the loop point.", Remedy: "Encode the VOD so that each segment begins with a key frame."},
			{Code: "webvtt-unreadable", Meaning: "The first subtitle file is not valid WebVTT.", Consequence: "Its cues are missing.", Remedy: "Correct the file; the message names the line."},
			{Code: "segment-size", Meaning: "A segment is empty, or shorter than its byte range.", Consequence: "Players stall or stop there, in every loop.", Remedy: "Upload the segments again."},
			{Code: "last-segment-short", Meaning: "The last segment of a rendition is shorter than 0.1 s.", Consequence: "VLC ends there with packed audio; Shaka freezes there when it switches bit rates.", Remedy: "Package the VOD so that its last segment is longer, or without it."},
			{Code: "daterange-cut", Meaning: "An EXT-X-DATERANGE lasts longer than 24 h, or those of a live window exceed 64 KiB.", Consequence: "They leave the playlist before they end, but not before their segment.", Remedy: "Use shorter ranges, or fewer attributes."},
			{Code: "endlist-missing", Meaning: "EXT-X-PLAYLIST-TYPE is VOD, but EXT-X-ENDLIST is missing.", Consequence: "The VOD loops. If it is still being packaged, each added segment begins a new era.", Remedy: "End the playlist with EXT-X-ENDLIST."},
			{Code: "iv-malformed", Meaning: "The IV of an EXT-X-KEY is not a hexadecimal number (0x…) of at most 128 bits.", Consequence: "Players reject the key, or decrypt with another IV.", Remedy: packageAgain},
			{Code: "media-longer", Meaning: "The media of a rendition is more than 0.1 s longer than the loop.", Consequence: "At every loop players repeat or skip the excess.", Remedy: "Package the VOD so that the EXTINFs are the lengths of the media, and all renditions are equally long."},
			{Code: "media-shorter", Meaning: "The media of a rendition is more than 0.1 s shorter than the loop.", Consequence: "At every loop players freeze or jump for the missing time.", Remedy: "Package the VOD so that the EXTINFs are the lengths of the media, and all renditions are equally long."},
			{Code: "media-unmeasured", Meaning: "The length of a rendition's media is not known: its first or last segment could not be read.", Consequence: "The length of the loop comes from EXTINF alone.", Remedy: "Fix the cause that the message names."},
			{Code: "audio-longer", Meaning: "The audio is more than 0.1 s longer than the video.", Consequence: "At every loop hls.js slides back from the live edge by the difference, and Chromium's native player skips it.", Remedy: "Encode the VOD so that audio and video end together (ffmpeg: -shortest)."},
			{Code: "audio-drift", Meaning: "The loop and the audio differ in length.", Consequence: "In Shaka and in Chromium's native player picture and sound drift apart by the difference at every loop.", Remedy: "Let this server measure the media (measure: on), or encode the audio so that it ends at most 40 ms after the video, or at most 0.5 s before it."},
			{Code: "begins-apart", Meaning: "A rendition begins more than 0.1 s before or after the reference, by its timestamps.", Consequence: "Players play it out of sync, or begin with a hole.", Remedy: "Package the VOD so that all renditions begin at the same timestamp."},
			{Code: "players-at-loop", Meaning: "Some players stop, stall or lose the audio where the timestamps of such a VOD restart.", Consequence: "Viewers with these players start the stream again at each loop.", Remedy: "Set `timestamps: continuous`; or use hls.js, Shaka, video.js or a native player, or a loop that is so long that few viewers meet its end."},
			{Code: "segment-elsewhere", Meaning: "Segments are on a host that is not a configured origin.", Consequence: "Players fetch them there. They were not checked, and are not cached.", Remedy: "Configure that host as an origin if the segments should go through this server."},
		},
	}
}

// streams are the codes of streams on air: constants of package proxy.
func streams() section {
	return section{
		title: "A stream on air",
		about: "The console and `/api/streams` report these and origin-fails (above). The log has a line for each change.",
		codes: []Code{
			{Code: "vod-gone", Meaning: "The origin answers 404 or 410 for the VOD of a loaded stream.", Consequence: "The stream plays on for `gone_after`, then it ends.", Remedy: "Upload the VOD again."},
			{Code: "segments-fail", Meaning: "In the last 5 minutes the origin answered segment requests of this stream with 404 or another 4xx. The message has their number and the last one.", Consequence: "Players stall or skip there, in every loop.", Remedy: "Upload the missing segments again, or publish the VOD under a new address. `vod2live check -segments` finds them."},
			{Code: "vod-changed", Meaning: "The VOD was edited in place, and the new version can't take over. The message and the log name the reason.", Consequence: "The previous version plays on. A restart would load the new one.", Remedy: "Correct the edit, or upload the previous version again. To play other renditions, publish the VOD under a new address."},
			{Code: "many-texts", Meaning: "The origin writes the viewer's query into the addresses within the VOD's playlists. So each query has its own playlist text, and more than the 16 texts that vod2live keeps are in use.", Consequence: "Texts evict each other, so playlists are loaded again and again. Media sequence numbers are not affected.", Remedy: "Set query: of the origin to the names of the parameters that matter, or to ignore if a CDN in front of vod2live checks tokens."},
			{Code: "vod-unsettled", Meaning: "Every request for the VOD's playlists returns a different version, for example with new segment paths.", Consequence: "The loaded version plays on. Its segments may no longer exist.", Remedy: "Configure the origin to keep segment paths constant, and to put changing parts into query values."},
			{Code: "edit-seen-late", Meaning: "The VOD was edited in place, and this process saw the edit when other replicas may already have switched to it, or its playlists have no Last-Modified.", Consequence: "The new version takes over at the next loop end. Replicas may number its segments differently.", Remedy: "Publish edits under a new address, or run a single instance. Configure the origin to send Last-Modified for every playlist."},
			{Code: "era-skipped", Meaning: "An era of a channel's schedule was skipped: one of its items could not be loaded or played. The log names the item.", Consequence: "The previous era continues. A process that starts later may play the era, and number segments differently.", Remedy: "Upload the VOD again before the era begins. Loading starts 15 minutes ahead and is retried until one target duration before the start."},
			{Code: "channel-edited", Meaning: "The list of a channel was changed by a reload, or one of its VODs was edited in place.", Consequence: "The change begins at the end of an item, in this process only: replicas and restarts number segments differently.", Remedy: "For changes on which replicas agree, use `schedule:` with a new era."},
			{Code: "schedule-rewrites-past", Meaning: "A reload, or another schedule object, changes the past or the next moments of a channel's schedule. Another `epoch` does the same to a channel with a `loop` of several VODs or clips.", Consequence: "The previous schedule stays in force.", Remedy: "Leave eras that have begun unchanged, and add a new era."},
			{Code: "window-raised", Meaning: "The window is longer than `-window`, so that it has six segments: at least 6 target durations and 6.5 s.", Consequence: "The stream's playlists are longer than configured."},
			{Code: "target-duration-raised", Meaning: "The VOD was edited in place, and the new version needs a longer target duration.", Consequence: "It rises at the takeover. Some players reject that.", Remedy: "Publish edits under a new address."},
		},
	}
}
