package subtitles

import (
	"errors"
	"slices"
	"time"

	"vod2live/playlist/webvtt"
	"vod2live/proxy/origin"
)

// clockTries is the number of files of a period that are tried for its clock.
const clockTries = 4

// periods are the sources of a slice, by the periods between discontinuities that
// they are in.
func (t *Track) periods(from, to time.Duration, get func(*file) (*webvtt.File, error)) (all []webvtt.Period, err error) {
	for i := 0; i < len(t.files); {
		period := samePeriod(t.files[i:])
		if i += len(period); period[0].period >= to || period[0].periodEnd <= from && len(all) > 0 {
			continue // the first period is always needed: its clock is the VOD's
		}
		sources, err := sources(period, from, to, get)
		if err != nil {
			return nil, err
		}
		if len(sources) > 0 {
			all = append(all, webvtt.Period{Start: period[0].period, End: t.length, Sources: sources})
		}
	}
	return all, nil
}

// samePeriod are those of some files that are in the period of the first.
func samePeriod(files []file) []file {
	n := slices.IndexFunc(files, func(f file) bool { return f.period != files[0].period })
	if n < 0 {
		return files
	}
	return files[:n]
}

// cueSources are the files of one period that a slice may have cues of, and before
// them the first that the origin has: its clock is the period's.
func sources(period []file, from, to time.Duration, get func(*file) (*webvtt.File, error)) (all []webvtt.Source, err error) {
	for i := range period {
		f := &period[i]
		within := f.start < to && f.end > from
		if !within && (len(all) > 0 || i >= clockTries) {
			continue
		}
		file, err := get(f)
		if errors.Is(err, origin.ErrNotFound) || errors.Is(err, errNoCues) {
			continue // a slice without cues harms no player, a 404 ends hls.js
		}
		if err != nil {
			return nil, err
		}
		all = append(all, webvtt.Source{File: file, Start: f.start, End: f.end})
	}
	return all, nil
}
