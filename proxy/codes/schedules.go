package codes

// schedules are the reasons why a schedule object is not adopted: constants of package
// schedule.
func schedules() section {
	return section{
		title:       "A schedule object that is not adopted",
		about:       "Of a channel whose `schedule:` is an object. A channel on air goes on with the object that it has, and reports the code in\nthe log, the API and the console, until it sees a right one. A channel that has none yet is off air, and its viewers get 503.\n`vod2live schedule check` and `lock` report the same.",
		status:      503,
		line:        "The channel has no schedule yet; try again.",
		consequence: "What is loaded goes on; a channel that has no schedule yet is off air. The object is looked at again every minute.",
		codes: []Code{
			{Code: "schedule-unreadable", Meaning: "There is no object, its origin fails, or it is not a schedule: the message names line and column. Or it is not locked, or names a VOD of an origin that it may not.", Remedy: "Write the object with `vod2live schedule lock`, and compare the address in the log with the bucket. VODs of other origins need origins: under the channel."},
			{Code: "schedule-empty", Meaning: "The object has no bytes: an upload broke off, or a job wrote nothing.", Remedy: "Write the object again. Let jobs stop at the first error (set -e, pipefail)."},
			{Code: "layout-version", Meaning: "The object has a `vod2live` that is not this release's: its numbers follow other rules.", Remedy: "Lock the schedule with the release that serves it. Replace all servers before you lock with a newer one."},
			{Code: "schedule-older", Meaning: "The object was written, or is frozen, before the one in force: a mirror or cache is behind, or an old object was copied back.", Remedy: "To go back to earlier contents, lock them anew with -after the object in force."},
			{Code: "schedule-conflict", Meaning: "Two objects with the same `written` have different contents: two jobs write at once.", Remedy: "Let one job write the object, with If-Match. Lock it anew."},
			{Code: "lead-too-short", Meaning: "`frozen` is so soon after `written` that servers may not have seen the object by then: at least 2 × revalidate + the origin's timeout + 30 s are needed.", Remedy: "Use `vod2live schedule lock` with the configuration of the servers: it takes 5 min, or more where they need it."},
			{Code: "channel-changed", Meaning: "The object has another channel, `model` or `target_duration` than the one in force. These never change.", Remedy: "Give the new channel another name."},
			{Code: "numbers-differ", Meaning: "The starts and numbers of the object do not follow from the stretches of its items, or not from how this server lays them out: it was edited by hand, or locked with other settings (window, timestamps, measure).", Remedy: "Lock it anew, with the configuration of the servers."},
			{Code: "numbers-missing", Meaning: "An era without numbers stands between eras that have them.", Remedy: "Lock all of the schedule."},
		},
	}
}

// scheduled is what is reported of channels that play schedule objects, beside errors.
func scheduled() section {
	return section{
		title: "A channel that plays a schedule object",
		about: "In the log, the API and the console.",
		codes: []Code{
			{Code: "schedule-late", Meaning: "This process saw the object only after it was frozen, and has told viewers other numbers meanwhile, which are reported.", Consequence: "It plays what all others play from now on. Its viewers may have to reload.", Remedy: "Look for why it did not reach the object: the log has the failed looks. A longer lead helps: lock earlier."},
			{Code: "item-changed", Meaning: "The VOD of an item is another than when the schedule was locked.", Consequence: "If it counts for the same numbers it plays; else something stands in for it, or the version that is loaded plays on.", Remedy: "Bring the old version back, or wish for it in a later era and lock anew."},
			{Code: "item-gaps", Meaning: "An item can't be played, and the schedule's `slate` has not as many segments: EXT-X-GAP stands in for it, so that no other number changes.", Consequence: "Players show nothing, or end.", Remedy: "Bring the VOD back: it plays when it begins next. Use a slate with segments as long as the items', as long as the longest item: `vod2live schedule check` reports where it fits."},
		},
	}
}
