package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
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
	if _, err := b.wrk(load{url: url, connections: 16}); err != nil { // a server in use is what is compared with
		return nil, err
	}
	before, err := ours.resident()
	if err != nil {
		return nil, err
	}
	held, failures := b.readAll(ours, url)
	r := row{what: "256 readers of 4 MiB, half of them at 256 KiB/s: resident memory per connection at the most", unit: "KiB", bound: 64, note: "no error"}
	if len(failures) > 0 {
		r.failed = fmt.Errorf("%d errors, such as: %w", len(failures), failures[0])
		return []row{r}, nil
	}
	r.measured = sample{float64(slices.Max(held)-before) / readerCount / 1024}
	return []row{r}, nil
}

// readAll lets all readers read, the quick ones again and again until the slow
// ones have done, and tells what the server held meanwhile.
func (b *bench) readAll(server *process, url string) (held []int64, failures []error) {
	slow, quick := sync.WaitGroup{}, sync.WaitGroup{}
	ctx, stop := context.WithCancel(b.ctx)
	var mu sync.Mutex // guards failures
	note := func(err error) {
		if err != nil && ctx.Err() == nil {
			mu.Lock()
			defer mu.Unlock()
			failures = append(failures, err)
		}
	}
	for i := range readerCount {
		if i%2 == 0 {
			slow.Go(func() { note(read(ctx, url, slowRate)) })
			continue
		}
		quick.Go(func() {
			for ctx.Err() == nil {
				note(read(ctx, url, 0))
			}
		})
	}
	done := make(chan struct{})
	go func() { // ends with the slow readers
		slow.Wait()
		close(done)
	}()
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		case <-time.After(100 * time.Millisecond):
			bytes, err := server.resident()
			note(err)
			held = append(held, bytes)
		}
	}
	stop()
	quick.Wait()
	return held, failures
}

// read gets a media segment over a connection of its own, at a rate in bytes per
// second; 0: as fast as can be.
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
