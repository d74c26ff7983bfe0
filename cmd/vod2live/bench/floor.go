package main

import (
	"net/http"
	"os"
	"strconv"
)

// floorCommand makes this program the server that it compares with.
const floorCommand = "floor"

// serveFloor answers all requests with the bytes of a file and headers made
// beforehand: what net/http costs by itself.
func serveFloor(addr, file string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	values := []string{"application/vnd.apple.mpegurl", strconv.Itoa(len(body)), "public, max-age=3"}
	return http.ListenAndServe(addr, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h["Content-Type"], h["Content-Length"], h["Cache-Control"] = values[0:1], values[1:2], values[2:3]
		_, _ = w.Write(body)
	}))
}

// floor starts it.
func (b *bench) floor(file, percent string) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return b.listening("floor-"+percent, addr, []string{"GOGC=" + percent}, self, floorCommand, addr, file)
}
