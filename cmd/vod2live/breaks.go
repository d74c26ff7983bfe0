package main

import (
	"vod2live/playlist"
	"vod2live/proxy/onair"
	"vod2live/proxy/schedule"
)

// breaks are the marks in all VODs that no channel plays.
func (o *options) breaks() *playlist.Breaks {
	if o.file == nil {
		return nil
	}
	return marksOf(o.file.Breaks)
}

// marksOf are the breaks of a VOD that plays whole and alone; nil: it has none.
func marksOf(b *schedule.Breaks) *playlist.Breaks {
	of := onair.BreaksOf(b)
	if rule := of.Rule(); rule.Any() {
		return &playlist.Breaks{Rule: rule, Marks: of.Marks, Keep: of.Keep}
	}
	return nil
}
