package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/playlist/mask"
	"vod2live/proxy"
	"vod2live/proxy/origin"
	"vod2live/proxy/preflight"
)

const checkHelp = `vod2live check tells what a VOD is, what its live stream will have otherwise,
and what is wrong with it, before it is on air.

  vod2live check [flags] https://cdn.example.com/vod/movie/master.m3u8

  -json              as JSON, with stable names and codes
  -segments          ask the origin for every segment by HEAD
  -origin URL        the origin (scheme and host of the VOD's address)
  -config FILE       the origins, instead
  -window DURATION   as when serving (60s)
  -epoch INSTANT     as when serving (2026-01-01T00:00:00Z)
  -timeout DURATION  as when serving (10s)

Exit status: 0 without problems, 1 with warnings, 2 with errors.
`

const renderHelp = `vod2live render writes the live playlist of an instant, byte for byte as the
server sends it.

  vod2live render [flags] https://cdn.example.com/vod/movie/master.m3u8

  -rendition N       which media playlist (0); -1: the multivariant playlist
  -at INSTANT        as RFC 3339 (now)
  -window DURATION   as when serving (60s)
  -epoch INSTANT     as when serving (2026-01-01T00:00:00Z)
  -origin URL        the origin (scheme and host of the VOD's address)
  -config FILE       the origins, instead
  -timeout DURATION  as when serving (10s)

Exit status: 0 if it is written, 1 on a failure, 2 on a bad flag or address.
`

// inspection is one call of check or render.
type inspection struct {
	options
	json, segments bool
	rendition      int
	at             time.Time

	transport http.RoundTripper
	origins   []*origin.Origin
	vod       proxy.Address
}

// parse reads the flags that define adds to those that every inspection has,
// and the VOD's address.
func (c *inspection) parse(args []string, define func(*flag.FlagSet)) error {
	set := flag.NewFlagSet("vod2live", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&c.origin, "origin", "", "")
	set.StringVar(&c.configPath, "config", "", "")
	set.DurationVar(&c.window, "window", time.Minute, "")
	set.DurationVar(&c.timeout, "timeout", 10*time.Second, "")
	c.epoch = defaultEpoch
	set.Func("epoch", "", instant(&c.epoch))
	define(set)
	if err := set.Parse(args); err != nil {
		return err
	}
	if set.NArg() != 1 {
		return errors.New("give one address of a VOD, after the flags")
	}
	if err := c.openFile(os.LookupEnv); err != nil {
		return err
	}
	if err := set.Parse(args); err != nil { // again: flags win over the file
		return err
	}
	if err := c.windowErr(); err != nil {
		return err
	}
	return c.locate(set.Arg(0))
}

// locate finds the VOD in the origins given; without any, its scheme and host
// are one.
func (c *inspection) locate(rawURL string) error {
	address, err := playlist.Resolve(&url.URL{}, rawURL)
	if err != nil || address.Host == "" {
		return fmt.Errorf("%q is no address of a VOD such as https://cdn.example.com/vod/master.m3u8", mask.Text(rawURL))
	}
	if c.origin == "" && c.file == nil {
		c.origin = (&url.URL{Scheme: address.Scheme, User: address.User, Host: address.Host}).String()
	}
	address.User = nil
	if c.origins, c.transport, err = c.vods(); err != nil {
		return err
	}
	o, path, within := c.client().Locate(address, "")
	if !within && proxy.OddPath(address) {
		return fmt.Errorf("%s: %w", mask.Text(address.String()), proxy.ErrOddPath)
	}
	if !within || path == "" {
		return fmt.Errorf("%s is not within the origin", mask.Text(address.String()))
	}
	c.vod = proxy.Address{Mount: o.Name, Path: path, Query: address.RawQuery}
	return nil
}

func (c *inspection) client() *origin.Client {
	return origin.NewClient(c.transport, metrics.New(version), c.origins...)
}

// check is the subcommand of that name.
func check(ctx context.Context, args []string, t terminal) int {
	var c inspection
	err := c.parse(args, func(set *flag.FlagSet) {
		set.BoolVar(&c.json, "json", false, "")
		set.BoolVar(&c.segments, "segments", false, "")
	})
	if err != nil {
		return usage(err, "check", checkHelp, t)
	}
	checker := preflight.Checker{Client: c.client(), Options: playlist.Options{Window: c.window, Epoch: c.epoch}, Segments: c.segments}
	report := checker.Check(ctx, c.vod)
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

// render is the subcommand of that name: one request to a server whose clock
// stands still.
func render(ctx context.Context, args []string, t terminal) int {
	c := inspection{at: time.Now()}
	err := c.parse(args, func(set *flag.FlagSet) {
		set.IntVar(&c.rendition, "rendition", 0, "")
		set.Func("at", "", instant(&c.at))
	})
	if err == nil && c.rendition < -1 {
		err = fmt.Errorf("-rendition %d: no such rendition", c.rendition)
	}
	if err != nil {
		return usage(err, "render", renderHelp, t)
	}
	if err := c.vod.Err(); err != nil {
		fmt.Fprintf(t.err, "vod2live render: %v\n", err)
		return exitFailure
	}
	server := proxy.New(proxy.Config{
		Origins: c.origins, Transport: c.transport, Now: func() time.Time { return c.at },
		Log: zap.NewNop(), Metrics: metrics.New(version), Options: playlist.Options{Window: c.window, Epoch: c.epoch},
		Revalidate: time.Minute, GoneAfter: goneAfter, Timeout: c.timeout, CacheBytes: 1 << 30,
	})
	defer server.Close()
	text, err := c.get(ctx, server, "")
	switch {
	case err != nil || c.rendition == -1:
	case playlist.IsMultivariant(text):
		text, err = c.get(ctx, server, "/"+strconv.Itoa(c.rendition)+".m3u8")
	case c.rendition != 0:
		err = errNoRendition
	}
	if err != nil {
		fmt.Fprintf(t.err, "vod2live render: %v\nvod2live check says more.\n", err)
		return exitFailure
	}
	_, _ = t.out.Write(text)
	return exitOK
}

var errNoRendition = errors.New("no such rendition: the VOD is a single media playlist, number 0")

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

// instant makes a flag of an instant.
func instant(t *time.Time) func(string) error {
	return func(text string) (err error) {
		if *t, err = time.Parse(time.RFC3339, text); err != nil {
			return errors.New("not an instant such as 2026-01-01T00:00:00Z")
		}
		return nil
	}
}

func usage(err error, command, help string, t terminal) int {
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(t.out, help)
		return exitOK
	}
	fmt.Fprintf(t.err, "vod2live %s: %v\n\nvod2live %s -help says what there is.\n", command, err, command)
	return exitUsage
}
