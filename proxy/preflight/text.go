package preflight

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) {
	if r.Loops {
		fmt.Fprintf(w, "This VOD can be a live stream: a loop of %g s, target duration %d s, a window of %g s.\n", r.Length, r.TargetDuration, r.Window)
	} else {
		fmt.Fprintln(w, "This VOD can't be a live stream.")
	}
	if len(r.Renditions) > 0 {
		fmt.Fprintln(w)
		r.writeRenditions(w)
	}
	writeFindings(w, "Otherwise in the live stream", r.Repairs)
	problems := make([]Finding, len(r.Problems))
	for i, p := range r.Problems {
		problems[i] = p.Finding
		problems[i].Code = string(p.Severity) + " " + p.Code
	}
	writeFindings(w, "Problems", problems)
}

func (r *Report) writeRenditions(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "rendition\tkind\tformat\tsegments\tserved\tgaps\tlength\tdiscontinuities\tencryption\taddress")
	for _, x := range r.Renditions {
		encryption := strings.Join(x.Encryption, " ")
		if encryption == "" {
			encryption = "none"
		}
		reference := ""
		if x.Reference {
			reference = " (reference)"
		}
		fmt.Fprintf(table, "%d%s\t%s\t%s\t%d\t%d\t%d\t%g s\t%d\t%s\t%s\n", x.Number, reference, x.Kind, x.Format,
			x.Segments, x.Served, x.Gaps, x.Length, x.Discontinuities, encryption, x.Address)
	}
	_ = table.Flush() // what is wrong with w shows in what follows
}

func writeFindings(w io.Writer, title string, findings []Finding) {
	if len(findings) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", title)
	for _, f := range findings {
		where := "VOD"
		if f.Rendition >= 0 {
			where = fmt.Sprintf("rendition %d", f.Rendition)
		}
		fmt.Fprintf(w, "  %-12s %-32s %s\n", where, f.Code, f.Detail)
	}
}
