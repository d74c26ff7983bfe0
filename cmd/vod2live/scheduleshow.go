package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"vod2live/proxy/schedule"
	"vod2live/proxy/wire"
)

// plannedPlay is a play as schedule show prints it.
type plannedPlay struct {
	Start wire.Instant `json:"start"`
	End   wire.Instant `json:"end"`
	VOD   string       `json:"vod"`
	Title string       `json:"title"`          // empty: it has none
	Media []int64      `json:"media_sequence"` // of the first segment, by rendition; -1 where one is left out
}

// mostShown plays are printed.
const mostShown = 10_000

// show prints what a locked schedule plays.
func (c *scheduling) show(_ context.Context, o *schedule.Object, t terminal) int {
	if o.Eras[0].Numbers == nil {
		return usage(errors.New("the schedule is not locked: vod2live schedule lock writes down when what plays"), "vod2live schedule", "", t)
	}
	if c.wish {
		_, _ = t.out.Write(o.Wish().Encode())
		return exitOK
	}
	from := cmp.Or(c.from, time.Now().UTC())
	to := cmp.Or(c.to, from.Add(24*time.Hour))
	if !to.After(from) {
		return usage(fmt.Errorf("-to %s is not after -from %s", to.Format(time.RFC3339), from.Format(time.RFC3339)), "vod2live schedule", "", t)
	}
	all := []plannedPlay{}
	for p := range o.Plays(from) {
		if !p.Start.Before(to) || len(all) == mostShown {
			break
		}
		all = append(all, plannedPlay{wire.Instant(p.Start), wire.Instant(p.End), p.Item.Name(), p.Item.Title, p.Media})
	}
	if len(all) == 0 {
		fmt.Fprintf(t.err, "vod2live schedule: nothing plays from %s to %s; the schedule begins at %s\n", from.Format(time.RFC3339), to.Format(time.RFC3339), o.Eras[0].Starts.Format(time.RFC3339))
	}
	if c.json {
		return printJSON(all, exitOK, "schedule", t)
	}
	for _, p := range all {
		start, length := time.Time(p.Start), time.Time(p.End).Sub(time.Time(p.Start))
		line := fmt.Sprintf("%s  %-12s %v  %s  %s", start.UTC().Format("2006-01-02T15:04:05.000Z"), length.Round(time.Millisecond), p.Media, p.VOD, p.Title)
		fmt.Fprintln(t.out, strings.TrimRight(line, " "))
	}
	return exitOK
}
