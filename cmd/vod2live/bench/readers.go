package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Readers of media segments, half of them slow.
const (
	readerCount = 256
	slowRate    = 256 << 10 // bytes a second
	slowPiece   = 16 << 10
)

// readers measures what slow and quick viewers take of memory.
func (b *bench) readers() ([]row, error) {
	origin, err := b.origin()
	if err != nil {
		return nil, err
	}
	ours, err := b.vod2live("vod2live", origin.url)
	if err != nil {
		return nil, err
	}
	url := ours.url + "/live/4MiB.ts"
	if _, err := b.wrk(load{url: url, connections: 16}); err != nil { // the server in use, for comparison
		return nil, err
	}
	before, err := ours.resident()
	if err != nil {
		return nil, err
	}
	most, failures := b.readAll(ours, url)
	r := row{
		what: "256 readers of 4 MiB, half of them at 256 KiB/s: resident memory per connection, at the most", unit: "KiB", bound: 64,
		measured: sample{float64(most-before) / readerCount / 1024},
		note:     fmt.Sprintf("no error; %d MiB before, %d MiB at the most", before>>20, most>>20),
	}
	if len(failures) > 0 {
		r.failed = fmt.Errorf("%d errors, such as: %w", len(failures), failures[0])
	}
	return []row{r}, nil
}

// readAll lets all readers read, and returns the server's largest memory.
func (b *bench) readAll(server *process, url string) (most int64, failures []error) {
	errs := make(chan error, readerCount)
	for i := range readerCount {
		rate := 0
		if i%2 == 0 {
			rate = slowRate
		}
		go func() { errs <- read(b.ctx, url, rate) }() // ends with the body, or with the run
	}
	for done := 0; done < readerCount; {
		select {
		case err := <-errs:
			if done++; err != nil {
				failures = append(failures, err)
			}
		case <-time.After(20 * time.Millisecond):
			if held, err := server.resident(); err == nil {
				most = max(most, held)
			}
		}
	}
	return most, failures
}

// read gets a media segment over its own connection, at a rate in bytes per
// second; 0: as fast as possible.
func read(ctx context.Context, url string, rate int) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	conn, err := net.DialTimeout("tcp", req.URL.Host, patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if rate > 0 {
		_ = conn.(*net.TCPConn).SetReadBuffer(slowPiece)
	}
	if err := req.Write(conn); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReaderSize(conn, slowPiece), req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, &paced{resp.Body, rate, time.Now()})
	if err == nil && (n != resp.ContentLength || resp.StatusCode != http.StatusOK) {
		err = fmt.Errorf("%s with %d bytes of %d", resp.Status, n, resp.ContentLength)
	}
	return err
}

// paced is read no faster than at a rate.
type paced struct {
	io.Reader
	rate int
	next time.Time
}

func (p *paced) Read(piece []byte) (int, error) {
	n, err := p.Reader.Read(piece)
	if p.rate > 0 {
		time.Sleep(time.Until(p.next))
		p.next = p.next.Add(time.Duration(n) * time.Second / time.Duration(p.rate))
	}
	return n, err
}
