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

// floorPercent is the GOGC of the floor: vod2live's own.
const floorPercent = "400"

// floor starts it.
func (b *bench) floor(file string) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return b.listening("floor", addr, []string{"GOGC=" + floorPercent}, self, floorCommand, addr, file)
}
