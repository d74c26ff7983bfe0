package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"vod2live/cmd/vod2live/config"
	"vod2live/metrics"
	"vod2live/playlist/mask"
	"vod2live/proxy"
	"vod2live/proxy/onair"
	"vod2live/proxy/preflight"
)

const checkHead = `vod2live check reports the properties of a VOD, what its live stream changes, and
its problems, before it goes on air.

  vod2live check [flags] https://cdn.example.com/vod/movie/master.m3u8
  vod2live check [flags] https://tv.example.com/live/movie/master.m3u8
  vod2live check -config vod2live.yaml -channel news

The address is the VOD's at its origin, or the one that viewers use. For a channel
it prints the programme, and how each item is mapped to the channel.
deploy/CODES.md describes every code.
`

const checkExit = `Exit status: 0 without problems, 1 with warnings, 2 with errors.
`

// inspectTail ends the help texts of check and render.
const inspectTail = `
All settings of vod2live -help apply, from flags, environment and file, as when
serving. Without -origin or -config the origin is the scheme and host of the URL.
`

func (c *inspection) checkSettings() config.Settings {
	return config.Settings{
		{Name: "json", Value: config.Switch(&c.json), FlagOnly: true, Help: "print JSON, with stable names and codes"},
		c.channelSetting(),
		{Name: "segments", Value: config.Switch(&c.segments), FlagOnly: true, Help: "request every segment from the origin by HEAD, and measure the media by its first and last segments"},
	}
}

func (c *inspection) channelSetting() *config.Setting {
	return &config.Setting{Name: "channel", Unset: "none", Value: config.Text(&c.channelName, "NAME"), FlagOnly: true, Help: "a channel of the configuration, instead of an address"}
}

// inspection is one call of check or render.
type inspection struct {
	options
	channelName    string
	json, segments bool
	rendition      int
	at             time.Time

	config proxy.Config
	vod    *onair.Found // nil: channelName plays lists of VODs
}

// parse reads the settings of serving, those of the command, and the VOD's
// address.
func (c *inspection) parse(args []string, env config.Environment, own config.Settings) error {
	if err := c.read(args, env, own); err != nil {
		return err
	}
	if c.channelName != "" {
		return c.ofChannel()
	}
	switch len(c.Operands) {
	case 0:
		return errors.New("the address of a VOD is missing, such as https://cdn.example.com/vod/movie/master.m3u8")
	case 1:
	default:
		return fmt.Errorf("%d addresses given; give one", len(c.Operands))
	}
	if err := vodMistake(c.Operands[0]); err != nil {
		return err
	}
	return c.locate(c.Operands[0])
}

// ofChannel finds a channel of the configuration.
func (c *inspection) ofChannel() (err error) {
	if len(c.Operands) > 0 {
		return errors.New("give either an address or -channel")
	}
	if c.config, err = c.proxyConfig(zap.NewNop(), metrics.New(version)); err != nil {
		return err
	}
	all := c.config.Channels
	n := slices.IndexFunc(all, func(one onair.Channel) bool { return one.Name == c.channelName })
	if n < 0 {
		names := make([]string, len(all))
		for i, one := range all {
			names[i] = one.Name
		}
		return fmt.Errorf("channel %q not found; the channels are: %s", c.channelName, cmp.Or(strings.Join(names, ", "), "none: they are configured in a file, see -config"))
	}
	return c.locate("/" + c.channelName + "/master.m3u8")
}

// locate finds the VOD of an address, or the channel if it plays lists of VODs.
// Without any origin, the scheme and host of the address are one, and nothing is
// known of viewers.
func (c *inspection) locate(address string) (err error) {
	u, err := url.Parse(strings.TrimSpace(address))
	guessed := c.origin == "" && c.file == nil && err == nil && u.Host != ""
	if guessed {
		c.origin = (&url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}).String()
	}
	if c.config, err = c.proxyConfig(zap.NewNop(), metrics.New(version)); err != nil {
		return err
	}
	if c.vod, err = onair.Find(&c.config.Config, address); err != nil {
		return fmt.Errorf("%s: %w", mask.Text(address), err)
	}
	if guessed {
		c.vod.Viewers = ""
	}
	if name := c.vod.Channel; name != "" {
		c.vod, c.channelName = nil, name
		c.config.Channels = slices.DeleteFunc(slices.Clone(c.config.Channels), func(one onair.Channel) bool { return one.Name != name })
	}
	return nil
}

// check is the subcommand of that name.
func check(ctx context.Context, args []string, env config.Environment, t terminal) int {
	var c inspection
	own := c.checkSettings()
	if err := c.parse(args, env, own); err != nil {
		return usage(err, "vod2live check", checkHead+describe(own)+inspectTail+checkExit, t)
	}
	c.warn(t)
	report, err := c.report(ctx)
	if err != nil {
		fmt.Fprintf(t.err, "vod2live check: %v\n", err)
		return exitUsage
	}
	if !c.json {
		report.WriteText(t.out)
		return report.Status()
	}
	return printJSON(report, report.Status(), "check", t)
}

// printJSON prints what a command reports; its exit status is returned.
func printJSON(report any, status int, command string, t terminal) int {
	encoder := json.NewEncoder(t.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(report); err != nil {
		fmt.Fprintf(t.err, "vod2live %s: %v\n", command, err)
		return exitUsage
	}
	return status
}

// report is what check prints.
type report interface {
	WriteText(io.Writer)
	Status() int
}

func (c *inspection) report(ctx context.Context) (report, error) {
	if c.vod == nil {
		return preflight.CheckChannel(ctx, c.config.Config, c.channelName)
	}
	checker := preflight.Checker{VOD: c.vod, Now: time.Now, Segments: c.segments}
	return checker.Check(ctx), nil
}
