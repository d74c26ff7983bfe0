package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"vod2live/cmd/vod2live/config"
	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/playlist/mask"
	"vod2live/proxy"
	"vod2live/proxy/onair"
	"vod2live/proxy/preflight"
)

const checkHead = `vod2live check reports what a VOD is, what its live stream changes, and what is
wrong with it, before it is on air.

  vod2live check [flags] https://cdn.example.com/vod/movie/master.m3u8
  vod2live check [flags] https://tv.example.com/live/movie/master.m3u8
  vod2live check -config vod2live.yaml -channel news

Of a channel that plays lists of VODs it reports what is on air when, and how each
item is played. The address is that of the VOD at its origin, or that of viewers. deploy/CODES.md
describes every code that it prints.
`

const checkExit = `Exit status: 0 without problems, 1 with warnings, 2 with errors.
`

const renderHead = `vod2live render prints the live playlist of an instant, byte for byte as the
server sends it.

  vod2live render [flags] https://cdn.example.com/vod/movie/master.m3u8
  vod2live render [flags] https://tv.example.com/live/movie/master.m3u8
  vod2live render -config vod2live.yaml -channel news
`

const renderExit = `Exit status: 0 if it is printed, 1 on a failure, 2 on a bad flag or address.
`

// inspectTail is the end of both helps.
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

func (c *inspection) renderSettings() config.Settings {
	return config.Settings{
		c.channelSetting(),
		{Name: "rendition", Default: "0", Value: config.Count(&c.rendition, -1), FlagOnly: true, Help: "number of the media playlist; -1: the multivariant playlist"},
		{Name: "at", Unset: "now", Value: config.Instant(&c.at), FlagOnly: true, Help: "the instant, RFC 3339"},
	}
}

func (c *inspection) channelSetting() *config.Setting {
	return &config.Setting{Name: "channel", Unset: "none", Value: config.Text(&c.channelName, "NAME"), FlagOnly: true, Help: "a channel of the configuration, in place of an address"}
}

// inspection is one call of check or render.
type inspection struct {
	options
	channelName    string
	json, segments bool
	rendition      int
	at             time.Time

	config proxy.Config
	vod    *onair.Found
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
		return fmt.Errorf("%d addresses are given; one is possible", len(c.Operands))
	}
	if err := vodMistake(c.Operands[0]); err != nil {
		return err
	}
	return c.locate(c.Operands[0])
}

// ofChannel finds a channel of the configuration. One that plays one VOD is checked as
// that.
func (c *inspection) ofChannel() (err error) {
	if len(c.Operands) > 0 {
		return errors.New("an address and -channel are given; one is possible")
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
		return fmt.Errorf("channel %q not found; the channels are: %s", c.channelName, cmp.Or(strings.Join(names, ", "), "none"))
	}
	c.config.Channels = all[n : n+1]
	if !all[n].Lists() {
		return c.locate("/" + c.channelName + "/master.m3u8")
	}
	return nil
}

// locate finds the VOD of an address. Without any origin, the scheme and host of
// the address are one, and nothing is known of viewers.
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
	encoder := json.NewEncoder(t.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(report); err != nil {
		fmt.Fprintf(t.err, "vod2live check: %v\n", err)
		return exitUsage
	}
	return report.Status()
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

// render is the subcommand of that name: one request to a server whose clock
// stands still.
func render(ctx context.Context, args []string, env config.Environment, t terminal) int {
	c := inspection{at: time.Now()}
	own := c.renderSettings()
	if err := c.parse(args, env, own); err != nil {
		return usage(err, "vod2live render", renderHead+describe(own)+inspectTail+renderExit, t)
	}
	if c.vod == nil {
		return c.renderChannel(ctx, t)
	}
	if err := c.vod.Err(c.vod.Client.Mounted(c.vod.Mount)); err != nil {
		fmt.Fprintf(t.err, "vod2live render: %v\n", err)
		return exitFailure
	}
	text, err := c.render(ctx)
	if err != nil {
		fmt.Fprintf(t.err, "vod2live render: %v\nRun vod2live check for the cause.\n", err)
		return exitFailure
	}
	_, _ = t.out.Write(text)
	return exitOK
}

// renderChannel is render of a channel that plays lists of VODs.
func (c *inspection) renderChannel(ctx context.Context, t terminal) int {
	c.config.Now = func() time.Time { return c.at }
	server := proxy.New(c.config)
	defer server.Close()
	select {
	case <-server.Station().Tried():
	case <-ctx.Done():
		return exitFailure
	}
	c.vod = &onair.Found{Address: onair.Address{Mount: c.channelName, Path: "master.m3u8"}}
	text, err := c.renditionOf(ctx, server)
	if err != nil {
		fmt.Fprintf(t.err, "vod2live render: %v\nRun vod2live check -channel %s for the cause.\n", err, c.channelName)
		return exitFailure
	}
	_, _ = t.out.Write(text)
	return exitOK
}

// render requests the playlist from a server with the settings of serving.
func (c *inspection) render(ctx context.Context) ([]byte, error) {
	c.config.Now, c.config.Channels = func() time.Time { return c.at }, nil
	c.config.Options = c.vod.Options // a channel may have its own
	server := proxy.New(c.config)
	defer server.Close()
	return c.renditionOf(ctx, server)
}

// renditionOf requests the playlist that is wanted.
func (c *inspection) renditionOf(ctx context.Context, server *proxy.Server) ([]byte, error) {
	text, err := c.get(ctx, server, "")
	if err != nil || c.rendition == -1 {
		return text, err
	}
	for _, loaded := range server.Station().Snapshots() {
		if renditions := loaded.Live.Renditions(); c.rendition >= renditions {
			return nil, fmt.Errorf("rendition %d not found: the VOD has %d, numbered from 0", c.rendition, renditions)
		}
	}
	if !playlist.IsMultivariant(text) {
		return text, nil
	}
	return c.get(ctx, server, "/"+strconv.Itoa(c.rendition)+".m3u8")
}

// get asks for the stream, or for something beneath it.
func (c *inspection) get(ctx context.Context, server http.Handler, beneath string) ([]byte, error) {
	address := "/" + c.vod.Mount + "/" + c.vod.Path + beneath + "?" + c.vod.Query
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	w := &answer{header: http.Header{}}
	server.ServeHTTP(w, req)
	if w.status != http.StatusOK {
		return nil, errors.New(strings.TrimSpace(w.body.String()))
	}
	return w.body.Bytes(), nil
}

// answer is an http.ResponseWriter that keeps what is written.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.body.Write(p)
}
