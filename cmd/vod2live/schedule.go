package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"vod2live/cmd/vod2live/config"
	"vod2live/metrics"
	"vod2live/playlist/mask"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
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
lock reads a draft (WISH) and adds the starts, the media sequence numbers, and the
lengths and segment counts of all items; what is frozen stays as in the current
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

// open reads a schedule from a file, an address, or an origin of the configuration.
func (c *scheduling) open(ctx context.Context, reference string) (*schedule.Object, error) {
	text, err := c.fetch(ctx, reference)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", mask.Text(reference), err)
	}
	var unknown error
	o, err := schedule.ReadWish(mask.Text(reference), text, func(o *schedule.Object) { unknown = c.complete(o) })
	if unknown != nil && c.verb != "show" { // it explains what else is wrong
		return nil, fmt.Errorf("%s: %w", mask.Text(reference), unknown)
	}
	return o, err
}

func (c *scheduling) fetch(ctx context.Context, reference string) ([]byte, error) {
	if reference == "-" {
		return bounded(os.Stdin)
	}
	if !strings.Contains(reference, "://") {
		file, err := os.Open(reference)
		if err == nil {
			defer file.Close()
			return bounded(file)
		}
		if name, _, more := strings.Cut(reference, "/"); more && name != "" && !c.atOrigin(reference) && errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("no such file, and no origin %q: origins are given by -config, or -origin", name)
		}
		if !c.atOrigin(reference) {
			return nil, err
		}
	}
	address, err := c.address(reference)
	if err != nil {
		return nil, err
	}
	return onair.FetchObject(ctx, c.config.Config, address)
}

// bounded reads a little more than an object may have: it is refused then.
func bounded(from io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(from, schedule.MaxObject+1))
}

// atOrigin says whether text begins with the name of an origin.
func (c *scheduling) atOrigin(reference string) bool {
	name, _, _ := strings.Cut(reference, "/")
	return slices.ContainsFunc(c.config.Origins, func(o *origin.Origin) bool { return o.Name == name })
}

// address is that at the origin.
func (c *scheduling) address(reference string) (*url.URL, error) {
	if !strings.Contains(reference, "://") {
		name, path, _ := strings.Cut(reference, "/")
		n := slices.IndexFunc(c.config.Origins, func(o *origin.Origin) bool { return o.Name == name })
		return c.config.Origins[n].URL(path, "")
	}
	return url.Parse(reference)
}

// channel is the channel of a schedule, as it is configured. A schedule may only name
// VODs that its servers let it name.
func (c *scheduling) channel(o *schedule.Object) (onair.Channel, error) {
	of := onair.Channel{Name: cmp.Or(o.Name, "channel"), Options: c.config.Options, DVR: c.config.DVR}
	if n := slices.IndexFunc(c.config.Channels, func(one onair.Channel) bool { return one.Name == o.Name }); n >= 0 {
		of = c.config.Channels[n]
	}
	return of, onair.RulesOf(c.config.Config, of).CheckOrigins(o)
}

// complete adds what the configuration has for a wish that does not say it. The error is
// that it does not have the channel.
func (c *scheduling) complete(o *schedule.Object) error {
	if c.channelName != "" && o.Name != "" && o.Name != c.channelName {
		return fmt.Errorf("the schedule is for the channel %q, not for %q (-channel)", o.Name, c.channelName)
	}
	if o.Name = cmp.Or(o.Name, c.channelName); c.file == nil {
		return nil
	}
	names := []string{}
	for n := range c.file.Channels {
		one := &c.file.Channels[n]
		if one.Name == o.Name {
			c.defaults(o, one)
			return nil
		}
		names = append(names, one.Name)
	}
	all := cmp.Or(strings.Join(names, ", "), "none")
	if o.Name == "" {
		return fmt.Errorf("the schedule names no channel: give it a \"channel\", or use -channel; the channels of the configuration are: %s", all)
	}
	return fmt.Errorf("channel %q not found in the configuration; the channels are: %s", o.Name, all)
}

func (c *scheduling) defaults(o *schedule.Object, one *config.Channel) {
	o.Target = cmp.Or(o.Target, one.Target)
	o.Model, o.Slate = cmp.Or(o.Model, one.Model), cmp.Or(o.Slate, one.Slate)
	if len(o.Filler) == 0 {
		o.Filler = one.Filler
	}
	if o.Written.IsZero() { // else they are written down
		o.Breaks = cmp.Or(o.Breaks, one.Breaks)
	}
	o.Title, o.Logo, o.Number, o.Group = cmp.Or(o.Title, one.Title), cmp.Or(o.Logo, one.Logo), cmp.Or(o.Number, one.Number), cmp.Or(o.Group, one.Group)
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
	return c.encode(report, report.Status(), t)
}

func (c *scheduling) encode(v any, status int, t terminal) int {
	encoder := json.NewEncoder(t.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		fmt.Fprintf(t.err, "vod2live schedule: %v\n", err)
		return exitUsage
	}
	return status
}
