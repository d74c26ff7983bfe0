package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"go.uber.org/zap"

	"vod2live/cmd/vod2live/config"
	"vod2live/metrics"
	"vod2live/playlist/mask"
	"vod2live/proxy/onair"
	"vod2live/proxy/preflight"
	"vod2live/proxy/schedule"
)

const scheduleHead = `vod2live schedule makes and checks schedule objects. A schedule object is a JSON text
that all replicas read: what a channel plays, when, and under which media sequence
numbers.

  vod2live schedule check  [flags] SCHEDULE
  vod2live schedule lock   [flags] WISH [-after CURRENT] > NEXT
  vod2live schedule show   [flags] SCHEDULE [-from INSTANT] [-to INSTANT] [-wish]
  vod2live schedule schema

check reads all VODs, and reports when each era starts and how each item is mapped.
lock reads a wish (a draft) and adds the starts, the media sequence numbers, and the
lengths and segment counts of all items; the frozen part stays as in the current
schedule. show prints the programme of a locked schedule, without reading VODs.
schema prints the JSON schema. A schedule is a file, an address, or ORIGIN/PATH of
the configuration. deploy/SCHEDULES.md has an example.
`

const scheduleExit = `Exit status: 0 without problems, 1 with warnings or on a failure, 2 with errors, an
invalid flag or an unreadable schedule.
`

// scheduling is one call of schedule.
type scheduling struct {
	inspection
	verb      string
	after     string
	skip      bool // lock: leave out items that can't be loaded
	gaps      bool // lock: let gaps stand in for items
	wish      bool // show: what it wishes for
	from, to  time.Time
	reference string // of the schedule that is read
}

func (c *scheduling) settings() config.Settings {
	return config.Settings{
		{Name: "json", Value: config.Switch(&c.json), FlagOnly: true, Help: "check, show: print JSON, with stable names and codes"},
		{Name: "channel", Unset: "the one in the schedule", Value: config.Text(&c.channelName, "NAME"), FlagOnly: true, Help: "channel of the configuration that the schedule is for"},
		{Name: "after", Unset: "none", Value: config.Text(&c.after, "SCHEDULE"), FlagOnly: true, Help: "lock: the current schedule, which the new one follows"},
		{Name: "gaps", Value: config.Switch(&c.gaps), FlagOnly: true, Help: "lock: let gaps stand in for items that the slate does not fit"},
		{Name: "skip-missing", Value: config.Switch(&c.skip), FlagOnly: true, Help: "lock: leave out items that can't be loaded"},
		{Name: "wish", Value: config.Switch(&c.wish), FlagOnly: true, Help: "show: print it as a wish, to edit and lock again"},
		{Name: "from", Unset: "now", Value: config.Instant(&c.from), FlagOnly: true, Help: "show: from this instant on, RFC 3339"},
		{Name: "to", Unset: "24 h later", Value: config.Instant(&c.to), FlagOnly: true, Help: "show: before this instant"},
	}
}

// scheduleCommand is the subcommand schedule.
func scheduleCommand(ctx context.Context, args []string, env config.Environment, t terminal) int {
	var c scheduling
	own := c.settings()
	help := scheduleHead + describe(own) + inspectTail + scheduleExit
	err := c.read(args, env, own)
	if err == nil {
		err = c.operands()
	}
	if err != nil {
		return usage(err, "vod2live schedule", help, t)
	}
	if c.verb == "schema" {
		fmt.Fprint(t.out, schedule.Schema)
		return exitOK
	}
	c.warn(t)
	o, err := c.open(ctx, c.reference)
	if err != nil {
		return usage(err, "vod2live schedule", help, t)
	}
	return map[string]func(context.Context, *schedule.Object, terminal) int{"check": c.check, "lock": c.lock, "show": c.show}[c.verb](ctx, o, t)
}

func (c *scheduling) operands() error {
	if len(c.Operands) == 0 {
		return errors.New("check, lock, show or schema is missing")
	}
	c.verb = c.Operands[0]
	rest := c.Operands[1:]
	switch {
	case !slices.Contains([]string{"check", "lock", "show", "schema"}, c.verb):
		return fmt.Errorf("unknown command schedule %q; check, lock, show and schema are possible", mask.Text(c.verb))
	case c.verb == "schema" && len(rest) > 0:
		return errors.New("schema takes nothing")
	case c.verb != "schema" && len(rest) != 1:
		return fmt.Errorf("schedule %s needs one schedule: a file, an address, or ORIGIN/PATH", c.verb)
	case c.verb != "schema":
		c.reference = rest[0]
	}
	u, err := url.Parse(c.reference)
	if c.origin == "" && c.file == nil && err == nil && u.Host != "" {
		c.origin = (&url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}).String()
	}
	c.config, err = c.proxyConfig(zap.NewNop(), metrics.New(version))
	return err
}

func (c *scheduling) lock(ctx context.Context, wish *schedule.Object, t terminal) int {
	r := onair.LockRequest{Wish: wish, Skip: c.skip, Gaps: c.gaps}
	of, err := c.channel(wish)
	if err == nil && c.after != "" {
		r.Current, err = c.open(ctx, c.after)
	}
	if err != nil {
		return usage(err, "vod2live schedule", "", t)
	}
	made, err := onair.Lock(ctx, c.config.Config, of, r)
	if err != nil {
		for _, one := range mistakes(err) {
			fmt.Fprintf(t.err, "vod2live schedule lock: %s\n", mask.Text(one.Error()))
		}
		return exitUsage
	}
	for _, skipped := range made.Skipped {
		fmt.Fprintf(t.err, "vod2live schedule lock: left out: %s\n", mask.Text(skipped.Error()))
	}
	for _, gaps := range made.Gaps {
		fmt.Fprintf(t.err, "vod2live schedule lock: %s\n", mask.Text(gaps.Error()))
	}
	for _, w := range made.Object.Unplayed() {
		fmt.Fprintf(t.err, "vod2live schedule lock: withdrawn: %s is not in the schedule: compare the address\n", mask.Text(w.VOD()))
	}
	if made.Object.Slate == nil {
		fmt.Fprintln(t.err, "vod2live schedule lock: no slate: gaps stand in for items that can't be loaded")
	}
	_, _ = t.out.Write(made.Object.Encode())
	if len(made.Skipped) > 0 {
		return exitFailure
	}
	return exitOK
}

func (c *scheduling) check(ctx context.Context, o *schedule.Object, t terminal) int {
	of, err := c.channel(o)
	if err != nil {
		return usage(err, "vod2live schedule", "", t)
	}
	var rules *schedule.Rules
	if !o.Written.IsZero() {
		rules = onair.RulesOf(c.config.Config, of)
	}
	report := preflight.CheckSchedule(ctx, c.config.Config, of, o, rules)
	if !c.json {
		report.WriteText(t.out)
		return report.Status()
	}
	return printJSON(report, report.Status(), "schedule", t)
}
