package preflight

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"vod2live/playlist"
	"vod2live/proxy/failure"
	"vod2live/proxy/onair"
	"vod2live/proxy/problem"
	"vod2live/proxy/wire"
)

// ChannelReport is what was found of a channel that plays lists of VODs. Its names in
// JSON and all codes are stable.
type ChannelReport struct {
	Plays          bool              `json:"plays"` // it can be on air
	Channel        string            `json:"channel"`
	Model          string            `json:"model"`                   // ORIGIN/PATH of the VOD whose renditions viewers see
	TargetDuration wire.Seconds      `json:"target_duration_seconds"` // 0: not known
	Window         wire.Seconds      `json:"window_seconds"`          // likewise
	Items          []ChannelItem     `json:"items"`
	Eras           []ChannelEra      `json:"eras"`
	Programme      []ChannelPlay     `json:"programme"` // what is on air now, and what follows within a day; at most 50
	Problems       []problem.Problem `json:"problems"`
}

// ChannelItem is a VOD of the channel, or a part of it.
type ChannelItem struct {
	VOD        string            `json:"vod"` // ORIGIN/PATH
	In         wire.Seconds      `json:"in_seconds"`
	Out        wire.Seconds      `json:"out_seconds"`    // 0: the VOD's end
	Length     wire.Seconds      `json:"length_seconds"` // as it plays; 0: it can't
	Renditions []int             `json:"renditions"`     // of the VOD, by that of the channel; -1: the VOD has none, or the channel
	Findings   []problem.Problem `json:"findings"`
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
}

// CheckChannel reports on a channel of a configuration. The error is
// onair.ErrNoChannel.
func CheckChannel(ctx context.Context, config onair.Config, name string) (*ChannelReport, error) {
	in, err := onair.InspectChannel(ctx, config, name)
	if err != nil {
		return nil, err
	}
	r := &ChannelReport{
		Plays: in.Err == nil, Channel: in.Name, Model: in.Origin + "/" + in.Model, TargetDuration: wire.Seconds(in.TargetDuration), Window: wire.Seconds(in.Window),
		Items: []ChannelItem{}, Eras: []ChannelEra{}, Programme: []ChannelPlay{}, Problems: []problem.Problem{},
	}
	if in.Err != nil && len(in.Items) == 0 {
		r.Problems = append(r.Problems, failed(in.Err))
	}
	for _, i := range in.Items {
		r.item(i)
	}
	for _, e := range in.Eras {
		era := ChannelEra{At: wire.Instant(e.At), Starts: wire.Instant(e.Starts)}
		if e.Err != nil {
			era.Error = e.Err.Error()
			r.Plays = false
		}
		r.Eras = append(r.Eras, era)
	}
	for _, p := range in.Plays {
		r.Programme = append(r.Programme, ChannelPlay{wire.Instant(p.Start), wire.Instant(p.End), p.Origin + "/" + p.Path, p.Title})
	}
	return r, nil
}

func failed(err error) problem.Problem {
	_, code, cause := failure.Explain(err)
	return problem.New(problem.Error, code, cause)
}

func (r *ChannelReport) item(i onair.ItemInspection) {
	item := ChannelItem{
		VOD: i.Origin + "/" + i.Path, In: wire.Seconds(i.In), Out: wire.Seconds(i.Out), Length: wire.Seconds(i.Length),
		Renditions: append([]int{}, i.Mapped...), Findings: []problem.Problem{},
	}
	if i.Err != nil {
		item.Findings = append(item.Findings, failed(i.Err))
	}
	for _, n := range i.Notices {
		item.Findings = append(item.Findings, notice(n))
	}
	r.Items = append(r.Items, item)
}

func notice(n playlist.Notice) problem.Problem {
	p := problem.New(problem.Notice, string(n.Code), n.Detail)
	if n.Rendition >= 0 {
		p.Rendition = &n.Rendition
	}
	return p
}

// Status is how the check command ends: 0 if the channel can be on air, else 2.
func (r *ChannelReport) Status() int {
	if r.Plays {
		return 0
	}
	return 2
}

// WriteText writes the report for people.
func (r *ChannelReport) WriteText(w io.Writer) {
	if r.Plays {
		fmt.Fprintf(w, "This channel can be on air: target duration %g s, a window of %g s.\n", seconds(r.TargetDuration), seconds(r.Window))
	} else {
		fmt.Fprintln(w, "This channel can't be on air as it is configured.")
	}
	fmt.Fprintf(w, "\nchannel  /%s/master.m3u8\nmodel    %s\n\n", r.Channel, r.Model)
	r.writeItems(w)
	r.writeEras(w)
	if len(r.Programme) > 0 {
		fmt.Fprintln(w, "\nOn air now, and next")
		for _, p := range r.Programme {
			fmt.Fprintf(w, "  %s  %-9s %s  %s\n", clock(p.Start), time.Time(p.End).Sub(time.Time(p.Start)).Round(time.Millisecond), p.VOD, p.Title)
		}
	}
	writeFindings(w, "Problems", r.Problems)
}

func (r *ChannelReport) writeItems(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "item\tin\tout\tlength\tits renditions, by that of the channel")
	for _, i := range r.Items {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", i.VOD, part(i.In, "start"), part(i.Out, "end"), part(i.Length, "-"), mapped(i.Renditions))
	}
	_ = table.Flush() // what is wrong with w shows in what follows
	for _, i := range r.Items {
		writeFindings(w, i.VOD, i.Findings)
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
	if len(r.Eras) < 2 {
		return
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
