package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vod2live/cmd/vod2live/config"
	"vod2live/playlist"
	"vod2live/proxy"
	"vod2live/proxy/onair"
)

const renderHead = `vod2live render prints the live playlist of an instant, byte for byte as the
server sends it.

  vod2live render [flags] https://cdn.example.com/vod/movie/master.m3u8
  vod2live render [flags] https://tv.example.com/live/movie/master.m3u8
  vod2live render -config vod2live.yaml -channel news
`

const renderExit = `Exit status: 0 on success, 1 on a failure, 2 on an invalid flag or address.
`

func (c *inspection) renderSettings() config.Settings {
	return config.Settings{
		c.channelSetting(),
		{Name: "rendition", Default: "0", Value: config.Count(&c.rendition, -1), FlagOnly: true, Help: "number of the media playlist; -1: the multivariant playlist"},
		{Name: "at", Unset: "now", Value: config.Instant(&c.at), FlagOnly: true, Help: "the instant, RFC 3339"},
	}
}

// render is the subcommand render: one request to a server whose clock stands
// still.
func render(ctx context.Context, args []string, env config.Environment, t terminal) int {
	c := inspection{at: time.Now()}
	own := c.renderSettings()
	if err := c.parse(args, env, own); err != nil {
		return usage(err, "vod2live render", renderHead+describe(own)+inspectTail+renderExit, t)
	}
	check := "check"
	if c.vod == nil {
		check += " -channel " + c.channelName
	} else if err := c.vod.Err(c.vod.Client.Mounted(c.vod.Mount)); err != nil {
		fmt.Fprintf(t.err, "vod2live render: %v\n", err)
		return exitFailure
	}
	text, err := c.render(ctx)
	if err != nil {
		fmt.Fprintf(t.err, "vod2live render: %v\nRun vod2live %s for the cause.\n", err, check)
		return exitFailure
	}
	_, _ = t.out.Write(text)
	return exitOK
}

// render requests the playlist from a server with the settings of serving. A channel that
// plays lists of VODs must be on air first.
func (c *inspection) render(ctx context.Context) ([]byte, error) {
	c.config.Now = func() time.Time { return c.at }
	if c.vod == nil {
		c.vod = &onair.Found{Address: onair.Address{Mount: c.channelName, Path: "master.m3u8"}}
	} else {
		c.config.Channels, c.config.Options = nil, c.vod.Options // those of its channel, if it has one
	}
	server := proxy.New(c.config)
	defer server.Close()
	select {
	case <-server.Station().Tried():
		return c.renditionOf(ctx, server)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// renditionOf requests the selected playlist.
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

// get requests the stream, or an address below it.
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

// answer is an http.ResponseWriter in memory.
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
