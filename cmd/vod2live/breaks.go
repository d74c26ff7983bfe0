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

// marksOf are the breaks of a VOD that is played whole and alone; nil: it has none.
func marksOf(b *schedule.Breaks) *playlist.Breaks {
	of := breaks(b)
	if rule := of.Rule(); rule.Any() {
		return &playlist.Breaks{Rule: rule, Marks: of.Marks, Keep: of.Keep}
	}
	return nil
}

// breaks are those of an item; zero: it has none.
func breaks(b *schedule.Breaks) onair.Breaks {
	if b == nil || b.Off {
		return onair.Breaks{}
	}
	made := onair.Breaks{
		Every: b.Every, At: onair.NewOffsets(b.At), Between: b.Between, For: b.For, Keep: b.SourceMarkers == schedule.KeepMarkers,
		Marks: playlist.Marks{DateRange: b.Has(schedule.MarkDateRange), Cue: b.Has(schedule.MarkCue)},
	}
	if b.Has(schedule.MarkInterstitial) {
		made.Interstitial, made.Assets = true, b.Assets
	}
	if b.Slate != nil {
		made.Slate = clip(b.Slate)
	}
	return made
}

// clip is the part of a VOD that an item plays.
func clip(i *schedule.Item) onair.Clip {
	return onair.Clip{Origin: i.Origin, Path: i.Path, Query: i.Query, In: i.In, Out: i.Out}
}
