package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// crowd is the number of connections that request an uncached resource at the
// same time.
const crowd = 512

// cold counts the origin requests when a crowd requests the same resource.
func (b *bench) cold() ([]row, error) {
	o, err := newOrigin(50 * time.Millisecond)
	if err != nil {
		return nil, err
	}
	defer o.close()
	flags := []string{}
	if b.can("-segment-cache") {
		flags = append(flags, "-segment-cache", "512MiB")
	}
	ours, err := b.vod2live("vod2live", o.url, flags...)
	if err != nil {
		return nil, err
	}
	playlists, segments := sample{}, sample{}
	for round := range b.rounds {
		vod := fmt.Sprintf("/cold%d/", round)
		if err := b.together(ours.url + "/live" + vod + "master.m3u8/0.m3u8"); err != nil {
			return nil, err
		}
		most := o.asked(vod + "master.m3u8")
		for _, rendition := range renditions {
			most = max(most, o.asked(vod+rendition+"/index.m3u8"))
		}
		playlists = append(playlists, float64(most))
		if err := b.together(ours.url + "/live" + vod + "1.ts"); err != nil {
			return nil, err
		}
		segments = append(segments, float64(o.asked(vod+"1.ts")))
	}
	rows := []row{
		{what: "512 connections on a cold VOD: fetches of a playlist, at the most", unit: "fetches", bound: 1, measured: playlists},
		{what: "512 connections on a cold segment", unit: "fetches", bound: 1, measured: segments},
	}
	if len(flags) == 0 {
		rows[1].absent = fmt.Sprintf("there is no -segment-cache; without it %s fetches", number(segments.median()))
	}
	return rows, nil
}

// together opens all connections and then sends a request on all of them at
// once.
func (b *bench) together(url string) error {
	addr, _, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	conns := make([]net.Conn, crowd)
	for i := range conns {
		var err error
		if conns[i], err = net.DialTimeout("tcp", addr, patience); err != nil {
			return err
		}
		defer conns[i].Close()
	}
	errs := make(chan error, crowd)
	for _, conn := range conns {
		go func() { errs <- ask(b.ctx, conn, url) }() // ends by the deadline of the connection
	}
	var failed error
	for range conns {
		if err := <-errs; err != nil {
			failed = err
		}
	}
	return failed
}

// ask makes one request on a connection and reads the answer.
func ask(ctx context.Context, conn net.Conn, url string) error {
	_ = conn.SetDeadline(time.Now().Add(patience))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	if err := req.Write(conn); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err = io.Copy(io.Discard, resp.Body); err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	return err
}
