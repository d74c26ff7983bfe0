package codes

// answers are the errors of requests and of loads: the constants of package
// proxy. The status of every answer to a viewer is set here.
func answers() section {
	return section{
		title: "A request that fails",
		about: "The viewer gets one line of text. The log has the whole cause: method, masked address, status or network error. The\ncodes of origins are also in `check`, and in the API for channels that are off air.",
		codes: append(originAnswers(), ownAnswers()...),
	}
}

// originAnswers are those that an origin causes.
func originAnswers() []Code {
	return []Code{
		{
			Code: "not-found", Status: 404, Line: "The origin has nothing at this address.", Meaning: "The origin answers 404 or 410, or 403 as S3 does for keys that do not exist.",
			Consequence: "The answer is cached for 5 s. For a loaded stream see vod-gone.", Remedy: "Compare the address in the log with the files at the origin: /MOUNT/PATH continues the origin's URL.",
		},
		{
			Code: "forbidden", Status: 502, Line: "The origin denies access to this server.", Meaning: "The origin answers 401, 403 or another 4xx.",
			Consequence: "The stream can't start; a loaded one plays on, but its segments may fail.", Remedy: "Check the credentials, headers and bucket policy of the origin. For a private bucket use s3: { region: … }.",
		},
		{
			Code: "query-refused", Status: 403, Line: "The origin refuses the query of this address.", Meaning: "The origin answers 401 or 403 to this query (an expired token, say), and has accepted other queries for the same VOD.",
			Consequence: "Viewers with this query get 403; others play on. The query is tried again at most once a second.", Remedy: "The viewer needs a new token; vod2live needs no change. If the origin rejects every query, the code is forbidden.",
		},
		{
			Code: "unreachable", Status: 503, Line: "The origin fails; try again.", Meaning: "The origin answers 5xx or 429, or can't be reached.",
			Consequence: "The stream can't start yet. The next request tries again.", Remedy: "Check the origin and the network to it. vod2live needs no restart.",
		},
		{
			Code: "origin-fails", Status: 502, Line: "The origin fails.", Meaning: "The last request to the origin failed.",
			Consequence: "Playlists of loaded streams continue. Segments may fail.", Remedy: "Check the origin. vod2live needs no restart.",
		},
		{
			Code: "origin-paused", Status: 503, Line: "The origin fails; try again.", Meaning: "Five different requests to the origin failed in a row, or it answered 429 or 5xx with Retry-After.",
			Consequence: "One request a second probes the origin. The others wait for its outcome, up to 2 s. A Retry-After of up to a minute is followed.", Remedy: "Check the origin. vod2live needs no restart.",
		},
		{
			Code: "origin-timeout", Status: 504, Line: "The origin took too long to answer.", Meaning: "The origin exceeded `-timeout` before its headers, before the last byte of a playlist, or between two bytes of a segment.",
			Consequence: "As for unreachable.", Remedy: "Check the load of the origin, or increase -timeout.",
		},
		{
			Code: "credentials", Status: 502, Line: "The server has no credentials for the origin.", Meaning: "Requests to this origin are signed, and no AWS credentials were found.",
			Consequence: "Nothing is requested from this origin.", Remedy: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or provide a profile, a web identity or an instance role.",
		},
		{
			Code: "redirect-refused", Status: 502, Line: "The origin redirects to an address that is not allowed.", Meaning: "The origin redirects to an address outside the configured origins, or too often.",
			Consequence: "The redirect is not followed, so no credentials go to another host.", Remedy: "Configure the host in the message as a second origin. It gets none of this origin's credentials.",
		},
		{
			Code: "bad-response", Status: 502, Line: "The origin's answer broke off or can't be read.", Meaning: "The body of the origin's answer is shorter than announced, can't be unpacked, or does not fit the request.",
			Consequence: "The answer is not used and not cached.", Remedy: "Request the address in the log with curl, bypassing all caches. Correct what differs from a complete answer at the origin or cache.",
		},
		{
			Code: "playlist-name", Status: 502, Line: "This address is that of a playlist, but not named like one: it can't be a stream here.",
			Meaning:     "The origin answers with an HLS playlist, but the address ends in neither .m3u8 nor .m3u: players would get the VOD itself instead of a live stream.",
			Consequence: "The answer is neither passed on nor cached.", Remedy: "Add the last path element to playlists: of the origin, such as playlists: [ \"manifest(*)\" ]. The address is then a stream.",
		},
	}
}

// ownAnswers are those that the request causes, or this process.
func ownAnswers() []Code {
	return []Code{
		{
			Code: "outside-origin", Status: 404, Line: "This address leaves the origin.", Meaning: "The path has an element that is empty, `.` or `..`.",
			Consequence: "Nothing is requested.", Remedy: "Correct the address.",
		},
		{
			Code: "unknown-address", Status: 404, Line: "Nothing is here. A stream's address is /MOUNT/PATH, such as /live/movie/master.m3u8.", Meaning: "The first path element is not the name of an origin or channel, or the rest is not a path of the channel.",
			Remedy: "Compare the first path element with the names under origins: and channels: (an -origin is named live). A channel's address is /NAME/master.m3u8.",
		},
		{Code: "bad-address", Status: 400, Line: "This address is malformed.", Meaning: "The path has an element that is empty, `.` or `..`, even behind an escaped slash, or it has a control character.", Remedy: "Correct the address in the player."},
		{Code: "address-too-long", Status: 414, Line: "This address is too long.", Meaning: "The path exceeds 4096 bytes or the query 8192, or a playlist with this query in each address would use an eighth of `-memory`.", Remedy: "Shorten the address."},
		{Code: "bad-method", Status: 405, Line: "Only GET, HEAD and OPTIONS are answered here.", Meaning: "The method is not GET, HEAD or OPTIONS.", Remedy: "Use GET."},
		{Code: "gap", Status: 404, Line: "This segment is a gap in the VOD: it has no media.", Meaning: "A player requested an EXT-X-GAP segment.", Consequence: "None: players that support EXT-X-GAP don't request it."},
		{Code: "loading", Status: 503, Line: "The stream is still being loaded; try again.", Meaning: "The stream was not loaded within the time that a viewer waits. Of a channel: the first load is under way.", Consequence: "The load continues. The player tries again.", Remedy: "If it lasts, check the latency of the origin."},
		{Code: "not-begun", Status: 503, Line: "The stream has not begun.", Meaning: "The stream's `epoch`, or the first era of a channel, lies ahead or was a moment ago; or `start` in the query was a moment ago.", Consequence: "Retry-After has the time until it begins.", Remedy: "Wait, or set an earlier epoch."},
		{Code: "item-unavailable", Status: 503, Line: "The channel is not on air yet; try again.", Meaning: "A VOD of the channel, which the log names, could not be loaded. What plays now depends on the lengths of all its VODs.", Consequence: "vod2live retries every few seconds. A channel that is on air plays on even if its VODs disappear.", Remedy: "Upload the VOD again, or remove it from the channel's list."},
		{Code: "too-many-loads", Status: 503, Line: "Too many streams are being loaded; try again.", Meaning: "All load slots of this mount or path are in use, or the memory for loading (an eighth of `-memory`) is.", Consequence: "Loaded streams are not affected.", Remedy: "Look for a slow origin, for very large VODs, or for a scan of random addresses in the access log."},
		{Code: "too-many-requests", Status: 503, Line: "Too many requests are under way; try again.", Meaning: "As many viewer requests are under way as `-memory` allows. Or answers to slow viewers use an eighth of `-memory`: playlists with a long query in each address, and large WebVTT files with continuous timestamps.", Consequence: "Requests under way continue. Segments are rejected first, then playlists.", Remedy: "Add replicas or a cache in front; increase -memory. A few addresses with many requests each are an attack: use a firewall."},
		{Code: "too-many-views", Status: 503, Line: "Too many parts of this stream are requested at once; try again.", Meaning: "At most three uncached playlists with `start`, `dvr` or `delay` are written at a time, and one per stream. Those being sent may use a quarter of the memory for streams. This request waited for 2 s.", Consequence: "Live playlists are not affected.", Remedy: "Put a cache in front, with these query names in its key, or add replicas. Many different instants from a few client addresses are an attack: use a firewall."},
		{Code: "no-connection", Status: 503, Line: "All connections to the origin are in use; try again.", Meaning: "No connection to the origin became free within its timeout, or this process has no open file left.", Consequence: "Nothing is requested from the origin, and this is not counted as its failure.", Remedy: "Increase the limit of open files (LimitNOFILE, ulimit -n). Look for a slow origin, or for viewers that do not read their segments."},
		{Code: "memory-full", Status: 503, Line: "There is no memory for another stream now; try again.", Meaning: "Channels, and streams in use whose origin fails, use all of the memory for streams.", Consequence: "Loaded streams play on.", Remedy: "Increase -memory, or restore the origin."},
		{
			Code: "internal", Status: 502, Line: "The server failed here. See its log.", Meaning: "A defect of vod2live: a panic while it processed this VOD or request.",
			Consequence: "The VOD or the request is rejected. Other streams are not affected; a version that is already on air plays on.", Remedy: "Report an issue with the stack from the log and the playlists of the VOD.",
		},
		{Code: "stopping", Status: 503, Line: "The server is stopping.", Meaning: "The process drains its requests before it ends.", Consequence: "The player tries again, at another instance."},
	}
}

// continuous are the reasons why the timestamps of a VOD are not continuous over its
// loops.
func continuous() section {
	const stays = "Each loop of the VOD begins with EXT-X-DISCONTINUITY, as with `timestamps: restart`."
	return section{
		title: "Timestamps that can't be continuous",
		about: "Reasons why a VOD keeps its discontinuities in spite of `timestamps: continuous`. The VOD plays all the same.\nmedia-unmeasured, media-longer and media-shorter are such reasons, too.",
		codes: []Code{
			{Code: "segment-query", Meaning: "The addresses of segments have a query, which may be a token. Addresses that vod2live makes would bypass it.", Consequence: stays, Remedy: "Authorize playlists instead, or put params: under the origin."},
			{Code: "times-in-samples", Meaning: "The subtitles are TTML in MP4, which has its own times.", Consequence: stays, Remedy: "Use WebVTT."},
			{Code: "pes-header-split", Meaning: "In MPEG-TS, headers of PES packets are split over two packets.", Consequence: stays, Remedy: "Package the VOD with ffmpeg or another common tool."},
			{Code: "timescale", Meaning: "Shifted timestamps would fall below 0 or exceed their field within 12 h.", Consequence: stays, Remedy: "Package the VOD with timestamps that begin near 0, in 64-bit fields (tfdt version 1)."},
		},
	}
}

// views are the answers to queries that select a part of a stream: package timeshift.
func views() section {
	return section{
		title: "Time in addresses",
		about: "Answers to `start`, `end`, `dvr` and `delay` in the query of a playlist, where `dvr` is set.",
		codes: viewAnswers(),
	}
}

func viewAnswers() []Code {
	return []Code{
		{Code: "bad-time", Status: 400, Line: "The time in this address can't be read.", Meaning: "In the query of a playlist, `start`, `end`, `dvr` or `delay` is malformed, is given twice, or is combined with another that excludes it.", Remedy: "Write instants as 2026-11-22T20:00:00Z or in Unix seconds, durations as 2h or in seconds; on a multivariant playlist `start` and `end` may be -2h, before now. `start` and `end` exclude `dvr` and `delay`; `end` needs `start`."},
		{Code: "too-old", Status: 404, Line: "This is no longer available.", Meaning: "The query selects media from before the stream, or farther back than addresses may go.", Remedy: "Select a later instant."},
		{Code: "in-future", Status: 404, Line: "This has not begun yet.", Meaning: "`start` in the query lies ahead.", Remedy: "Request it again once that instant has passed. If it has passed, compare the clocks of viewer and server."},
		{Code: "after-end", Status: 404, Line: "This channel had ended by then.", Meaning: "`start` in the query lies at or after the end of a channel.", Remedy: "Select an earlier instant."},
		{Code: "too-short", Status: 400, Line: "The time between start and end is too short.", Meaning: "`start` and `end` in the query are less than a target duration, or 2 s, apart.", Remedy: "Select a longer interval."},
		{Code: "too-long", Status: 400, Line: "The time between start and end is too long.", Meaning: "The query selects more than 24 h, 20,000 segments of a rendition or 2,000 discontinuities, or a playlist that uses three sixteenths of the memory for streams.", Remedy: "Select a shorter interval, or several."},
	}
}
