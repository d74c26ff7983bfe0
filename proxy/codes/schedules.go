package codes

// schedules are the reasons why a schedule object is not adopted: constants of package
// schedule.
func schedules() section {
	return section{
		title:       "A schedule object that is not adopted",
		about:       "Of a channel whose `schedule:` is an object. A channel on air continues with its current object, and reports the code in\nthe log, the API and the console until the object is valid. A channel without an object is off air, and its viewers get 503.\n`vod2live schedule check` and `lock` report the same.",
		status:      503,
		line:        "The channel has no schedule yet; try again.",
		consequence: "A loaded schedule stays in force; a channel without a schedule is off air. The object is read again every minute.",
		codes: []Code{
			{Code: "schedule-unreadable", Meaning: "The object does not exist, its origin fails, or it is not a valid schedule (the message names line and column). Or it is not locked, or names a VOD of an origin that is not allowed.", Remedy: "Compare the address in the log with the bucket, and write the object with `vod2live schedule lock`. To use VODs of other origins, list them in origins: under the channel."},
			{Code: "schedule-empty", Meaning: "The object is empty: an upload was interrupted, or a job wrote nothing.", Remedy: "Upload the object again. Make jobs stop at the first error (set -e, pipefail)."},
			{Code: "layout-version", Meaning: "The `vod2live` version in the object is not the one of this release: its numbers follow other rules.", Remedy: "Lock the schedule with the release of the servers. Before you lock with a newer release, upgrade all servers."},
			{Code: "schedule-older", Meaning: "The object was written, or is frozen, before the one in force: a mirror or cache is behind, or an old object was copied back.", Remedy: "To go back to an earlier schedule, lock it again, with -after and the object in force. If a clock that was ahead wrote the one in force, put a right one in its place and restart the servers: until then they follow no other."},
			{Code: "schedule-conflict", Meaning: "Two objects with the same `written` have different contents: two jobs write the object.", Remedy: "Let only one job write the object, with If-Match. Then lock it again."},
			{Code: "lead-too-short", Meaning: "`frozen` follows `written` so soon that some servers may not have read the object by then. At least 2 × revalidate + the origin's timeout + 30 s are needed.", Remedy: "Use `vod2live schedule lock` with the configuration of the servers: it sets 5 min, or more if they need more."},
			{Code: "channel-changed", Meaning: "The object has another channel, `model` or `target_duration` than the one in force. These can't change.", Remedy: "Give the new channel another name."},
			{Code: "numbers-differ", Meaning: "The starts and numbers of the object do not match the stretches of its items, or the layout that this server computes. The object was edited by hand, or locked with other settings (window, timestamps, measure).", Remedy: "Lock it again, with the configuration of the servers."},
			{Code: "numbers-missing", Meaning: "An era without numbers is between eras with numbers.", Remedy: "Lock the whole schedule."},
		},
	}
}

// scheduled are the reports about channels that play schedule objects, besides errors.
func scheduled() section {
	return section{
		title: "A channel that plays a schedule object",
		about: "In the log, the API and the console.",
		codes: []Code{
			{Code: "schedule-late", Meaning: "This process saw the object only after it was frozen, and has meanwhile sent viewers other numbers. The message has them.", Consequence: "From now on it plays the same as the other processes. Its viewers may have to reload.", Remedy: "Find out why it could not read the object: the log has the failed requests. Lock earlier, so that `frozen` follows `written` by more time."},
			{Code: "item-changed", Meaning: "The VOD of an item has changed since the schedule was locked.", Consequence: "If its segment counts are unchanged it plays. Otherwise a stand-in or the loaded version plays.", Remedy: "Upload the previous version again; or add the new version as a later era and lock the schedule again."},
			{Code: "item-gaps", Meaning: "An item can't be played, and the schedule's `slate` does not have enough segments. EXT-X-GAP stands in for the item, so that no other number changes.", Consequence: "hls.js skips the gaps or stands still for a quarter of a minute, so does video.js, and Shaka Player may give up (SCHEDULES.md).", Remedy: "Upload the VOD again: it plays from its next start. Use a slate that is as long as the longest item, with segments as long as the items': `vod2live schedule check` reports where it fits."},
		},
	}
}
