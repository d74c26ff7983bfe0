package preflight

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"vod2live/playlist"
	"vod2live/proxy/failure"
	"vod2live/proxy/onair"
	"vod2live/proxy/problem"
	"vod2live/proxy/schedule"
	"vod2live/proxy/wire"
)

// ChannelReport is the report on a channel that plays lists of VODs. Its names in
// JSON and all codes are stable.
type ChannelReport struct {
	Plays          bool              `json:"plays"` // it can be on air now; eras to come may lack items all the same
	Channel        string            `json:"channel"`
	Model          string            `json:"model"`                   // ORIGIN/PATH of the VOD whose renditions viewers see
	TargetDuration wire.Seconds      `json:"target_duration_seconds"` // 0: not known
	Window         wire.Seconds      `json:"window_seconds"`          // 0: not known
	Ended          wire.Instant      `json:"ended"`                   // null: it has not
	Items          []ChannelItem     `json:"items"`
	Eras           []ChannelEra      `json:"eras"`
	Programme      []ChannelPlay     `json:"programme"` // on air now and within a day; at most 50
	Problems       []problem.Problem `json:"problems"`

	interrupts bool // breaks are requested
}

// ChannelItem is a VOD of the channel, or a part of it.
type ChannelItem struct {
	VOD        string            `json:"vod"` // ORIGIN/PATH
	In         wire.Seconds      `json:"in_seconds"`
	Out        wire.Seconds      `json:"out_seconds"`    // 0: the VOD's end
	Length     wire.Seconds      `json:"length_seconds"` // as it plays; 0: it can't
	Renditions []int             `json:"renditions"`     // of the VOD, by that of the channel; -1: the VOD has none, or the channel
	Breaks     []ChannelBreak    `json:"breaks"`
	Findings   []problem.Problem `json:"findings"`
}

// ChannelBreak is a break of an item.
type ChannelBreak struct {
	Wish wire.Seconds `json:"wish_seconds"` // requested instant from the item's beginning, without the time of breaks
	At   wire.Seconds `json:"at_seconds"`   // where it is, in the same way; the item's length: after the item
}

// ChannelEra is what the channel plays from an instant on.
type ChannelEra struct {
	At     wire.Instant `json:"at"`
	Starts wire.Instant `json:"starts"` // null: it can't be played
	Error  string       `json:"error"`  // why not; empty: it can
}

// ChannelPlay is one play of an item.
type ChannelPlay struct {
	Start wire.Instant `json:"start"`
	End   wire.Instant `json:"end"`
	VOD   string       `json:"vod"`
	Title string       `json:"title"` // empty: it has none
	Break string       `json:"break"` // ID of the break that it fills; empty: it fills none
}

// CheckChannel reports on a channel of a configuration. The error is
// onair.ErrNoChannel.
func CheckChannel(ctx context.Context, config onair.Config, name string) (*ChannelReport, error) {
	in, err := onair.InspectChannel(ctx, config, name)
	if err != nil {
		return nil, err
	}
	return report(in), nil
}

// CheckSchedule reports on a schedule object, for a channel with its name and options.
// Rules are those of the servers; nil: the object is a wish.
func CheckSchedule(ctx context.Context, config onair.Config, c onair.Channel, o *schedule.Object, rules *schedule.Rules) *ChannelReport {
	r := report(onair.InspectSchedule(ctx, config, c, o))
	if rules == nil {
		return r
	}
	if err := rules.CheckAlone(o); err != nil {
		r.Plays = false
		r.Problems = append(r.Problems, failed(err))
	}
	return r
}

// report is an inspection for people and tools.
func report(in *onair.ChannelInspection) *ChannelReport {
	r := &ChannelReport{
		Plays: in.Err == nil, Channel: in.Name, Model: in.Origin + "/" + in.Model, TargetDuration: wire.Seconds(in.TargetDuration), Window: wire.Seconds(in.Window), Ended: wire.Instant(in.Ended),
		Items: []ChannelItem{}, Eras: []ChannelEra{}, Programme: []ChannelPlay{}, Problems: []problem.Problem{},
	}
	if in.Err != nil && len(in.Items) == 0 {
		r.Problems = append(r.Problems, failed(in.Err))
	}
	if in.Slate != nil {
		p := failed(in.Slate)
		p.Text = "slate: " + p.Text
		r.Problems = append(r.Problems, p)
	}
	for _, i := range in.Items {
		r.item(i)
	}
	for _, e := range in.Eras {
		era := ChannelEra{At: wire.Instant(e.At), Starts: wire.Instant(e.Starts)}
		if e.Err != nil {
			era.Error = e.Err.Error()
		}
		r.Eras = append(r.Eras, era)
	}
	for _, p := range in.Plays {
		play := ChannelPlay{Start: wire.Instant(p.Start), End: wire.Instant(p.End), VOD: p.Origin + "/" + p.Path, Title: p.Title}
		if p.Break != nil {
			play.Break = playlist.BreakID(*p.Break)
		}
		r.Programme = append(r.Programme, play)
	}
	return r
}

func failed(err error) problem.Problem {
	_, code, cause := failure.Explain(err)
	return problem.New(problem.Error, code, cause)
}

func (r *ChannelReport) item(i onair.ItemInspection) {
	_, has := i.Clip.Breaks()
	r.interrupts = r.interrupts || has
	item := ChannelItem{
		VOD: i.Origin + "/" + i.Path, In: wire.Seconds(i.In), Out: wire.Seconds(i.Out), Length: wire.Seconds(i.Length),
		Renditions: append([]int{}, i.Mapped...), Breaks: breaksOf(&i), Findings: []problem.Problem{},
	}
	if i.Err != nil {
		item.Findings = append(item.Findings, failed(i.Err))
	}
	for _, n := range i.Notices {
		item.Findings = append(item.Findings, problem.Noticed(n))
	}
	if i.Tagged != nil {
		item.Findings = append(item.Findings, i.Tagged.Problem())
	}
	if i.Changed {
		item.Findings = append(item.Findings, problem.New(problem.Notice, string(schedule.CodeItemChanged), "it is another than when the schedule was locked, and counts for the same numbers"))
	}
	if i.Gaps > 0 {
		item.Findings = append(item.Findings, problem.New(problem.Warning, string(schedule.CodeItemGaps), fmt.Sprintf("the slate does not fit %d of its stretches: gaps would stand in for it", i.Gaps)))
	}
	r.Items = append(r.Items, item)
}

func breaksOf(i *onair.ItemInspection) []ChannelBreak {
	all := []ChannelBreak{}
	for _, b := range i.Breaks {
		all = append(all, ChannelBreak{wire.Seconds(b.Wish), wire.Seconds(b.At)})
	}
	return all
}

// Status is how the check command ends: 0 if all of the channel can be played, 1 with
// warnings, else 2.
func (r *ChannelReport) Status() int {
	if !r.Plays || slices.ContainsFunc(r.Eras, func(e ChannelEra) bool { return e.Error != "" }) {
		return 2
	}
	status := 0
	for _, i := range r.Items {
		for _, f := range i.Findings {
			switch f.Severity {
			case problem.Error:
				status = 2
			case problem.Warning:
				status = max(status, 1)
			}
		}
	}
	if len(r.Problems) > 0 {
		return 2
	}
	return status
}

// headline is what matters most.
func (r *ChannelReport) headline() string {
	state := "can be on air"
	switch {
	case !r.Plays:
		return "This channel can't be on air as it is configured."
	case !time.Time(r.Ended).IsZero():
		return "This channel ended at " + clock(r.Ended) + "."
	case slices.ContainsFunc(r.Eras, func(e ChannelEra) bool { return e.Error != "" }):
		state = "can be on air, but eras with errors will be left out"
	case r.Status() == 2:
		state = "can be on air, but not all of its items"
	}
	return fmt.Sprintf("This channel %s: target duration %g s, a window of %g s.", state, seconds(r.TargetDuration), seconds(r.Window))
}

// WriteText writes the report for people.
func (r *ChannelReport) WriteText(w io.Writer) {
	fmt.Fprintln(w, r.headline())
	fmt.Fprintf(w, "\nchannel  /%s/master.m3u8\nmodel    %s\n\n", r.Channel, r.Model)
	r.writeItems(w)
	r.writeEras(w)
	r.writeProgramme(w)
	writeFindings(w, "Problems", r.Problems)
}

func (r *ChannelReport) writeItems(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "item\tin\tout\tlength\tits renditions, by that of the channel")
	for _, i := range r.Items {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", i.VOD, part(i.In, "start"), part(i.Out, "end"), part(i.Length, "-"), mapped(i.Renditions))
	}
	_ = table.Flush() // an error of w shows in the following writes
	for _, i := range r.Items {
		i.writeBreaks(w)
		writeFindings(w, i.VOD, i.Findings)
	}
	if r.interrupts && !slices.ContainsFunc(r.Items, func(i ChannelItem) bool { return len(i.Breaks) > 0 }) {
		fmt.Fprintln(w, "\nNo item has a break: all are too short for the instants of breaks.")
	}
}

// writeBreaks writes where the item's breaks are, and how far from their
// requested instants.
func (i *ChannelItem) writeBreaks(w io.Writer) {
	if len(i.Breaks) == 0 {
		return
	}
	fmt.Fprintf(w, "\nBreaks of %s\n", i.VOD)
	for _, b := range i.Breaks {
		line := fmt.Sprintf("  at %g s", seconds(b.At))
		if b.At == i.Length {
			line += ", its end"
		}
		if later := b.At - b.Wish; later > 0 {
			line += fmt.Sprintf(", %g s later than requested", seconds(later))
		}
		fmt.Fprintln(w, line)
	}
}

func part(s wire.Seconds, none string) string {
	if s == 0 {
		return none
	}
	return fmt.Sprintf("%g s", seconds(s))
}

func mapped(renditions []int) string {
	all := make([]string, len(renditions))
	for n, to := range renditions {
		if all[n] = fmt.Sprint(to); to < 0 {
			all[n] = "-"
		}
	}
	return strings.Join(all, " ")
}

func (r *ChannelReport) writeEras(w io.Writer) {
	if len(r.Eras) == 0 || len(r.Eras) == 1 && len(r.Programme) > 0 {
		return // it is a list, which plays
	}
	fmt.Fprintln(w, "\nEras")
	for _, e := range r.Eras {
		if e.Error != "" {
			fmt.Fprintf(w, "  %s  can't be played: %s\n", clock(e.At), e.Error)
			continue
		}
		fmt.Fprintf(w, "  %s  begins at %s\n", clock(e.At), clock(e.Starts))
	}
}

func clock(i wire.Instant) string { return time.Time(i).UTC().Format("2006-01-02T15:04:05.000Z") }
