package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// origin serves as many VODs as are requested, each with its own playlists,
// and media segments of 1 MiB. It counts requests.
type origin struct {
	url    string
	server *http.Server
	pause  time.Duration // before each answer, so that concurrent requests share it

	mu   sync.Mutex // guards asked
	asks map[string]int
}

// newOrigin starts one; close ends it.
func newOrigin(pause time.Duration) (*origin, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o := &origin{url: "http://" + l.Addr().String(), pause: pause, asks: map[string]int{}}
	o.server = &http.Server{Handler: o, ReadHeaderTimeout: patience}
	go func() { _ = o.server.Serve(l) }() // ends with close
	return o, nil
}

func (o *origin) close() { _ = o.server.Close() }

// asked is the number of requests for a path.
func (o *origin) asked(path string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asks[path]
}

// ServeHTTP answers /VOD/master.m3u8, /VOD/RENDITION/index.m3u8 and /VOD/….ts.
func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.asks[r.URL.Path]++
	o.mu.Unlock()
	time.Sleep(o.pause)
	tag := fmt.Sprintf("%q", r.URL.Path)
	w.Header().Set("Etag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	elements := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch last := elements[len(elements)-1]; {
	case strings.HasSuffix(last, ".ts"):
		segment := make([]byte, 1<<20)
		w.Header().Set("Content-Length", fmt.Sprint(len(segment)))
		_, _ = w.Write(segment)
	case len(elements) == 2:
		_, _ = io.WriteString(w, multivariant())
	case len(elements) == 3:
		_, _ = w.Write(media(elements[0], elements[1]))
	default:
		http.NotFound(w, r)
	}
}
