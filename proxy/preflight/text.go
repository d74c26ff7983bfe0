package preflight

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"vod2live/playlist"
	"vod2live/proxy/problem"
	"vod2live/proxy/wire"
)

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) {
	fmt.Fprintln(w, r.verdict())
	fmt.Fprintf(w, "\nVOD     %s\n", cmp.Or(r.Source, r.VOD))
	if r.Address != "" {
		fmt.Fprintf(w, "stream  %s\n", r.Address)
	}
	if len(r.Breaks) > 0 {
		fmt.Fprintf(w, "breaks  at %s\n", instants(r.Breaks))
	}
	if len(r.Renditions) > 0 {
		fmt.Fprintln(w)
		r.writeRenditions(w)
	}
	writeFindings(w, "Changes in the live stream", r.Repairs)
	writeFindings(w, "Problems", r.Problems)
}

// verdict is the first line.
func (r *Report) verdict() string {
	can := "can be a live stream"
	switch {
	case !r.Loops:
		return "This VOD can't be a live stream."
	case r.Status() == 2:
		can = "loops, but viewers will notice the errors below"
	}
	return fmt.Sprintf("This VOD %s: a loop of %g s, target duration %g s, a window of %g s.", can, seconds(r.Length), seconds(r.TargetDuration), seconds(r.Window))
}

// instants are some of an item, in seconds.
func instants(all []wire.Seconds) string {
	text := make([]string, len(all))
	for n, s := range all {
		text[n] = fmt.Sprintf("%g s", seconds(s))
	}
	return strings.Join(text, ", ")
}

func seconds(s wire.Seconds) float64 { return float64(s) / 1e9 }

func (r *Report) writeRenditions(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "rendition\tkind\tname\tformat\tlength\tmedia\tsegments\tin the loop\tgaps\tdiscontinuities\tencryption\tsource")
	for _, x := range r.Renditions {
		number := strconv.Itoa(x.Index)
		if x.Reference {
			number += " (reference)"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%g s\t%s\t%d\t%d\t%d\t%d\t%s\t%s\n", number, x.Kind, cmp.Or(x.Name, x.Resolution, "-"), x.Format,
			seconds(x.Length), mediaLength(x), x.VODSegments, x.Segments, x.GapSegments, x.Discontinuities, cmp.Or(strings.Join(x.Encryption, " "), "none"), x.Source)
	}
	_ = table.Flush() // an error of w shows in the following writes
}

// mediaLength is how long a rendition's media is, to the microsecond.
func mediaLength(x Rendition) string {
	if x.MediaLength == 0 {
		return "-"
	}
	return strconv.FormatFloat(math.Round(seconds(x.MediaLength)*1e6)/1e6, 'g', -1, 64) + " s"
}

// writeFindings writes each with what the reader needs: the text, the remedy and
// the link.
func writeFindings(w io.Writer, title string, findings []problem.Problem) {
	if len(findings) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", title)
	for _, f := range findings {
		fmt.Fprintf(w, "  %-7s %s: %s\n          %s\n", f.Severity, f.Code, where(f), f.Text)
		if f.Advice != "" {
			fmt.Fprintf(w, "          %s See %s\n", f.Advice, f.Link)
		}
	}
}

// where names a rendition by its number, kind, name and address.
func where(f problem.Problem) string {
	if f.Rendition == nil {
		return "the VOD"
	}
	text := fmt.Sprintf("rendition %d", *f.Rendition)
	if f.Kind != "" && f.Kind != playlist.KindMedia {
		text += ", " + string(f.Kind)
	}
	if f.Name != "" {
		text += " " + strconv.Quote(f.Name)
	}
	if f.Source != "" {
		text += ", " + f.Source
	}
	return text
}
