package main

import (
	"net/http"
	"os"
	"strconv"
	"strings"
)

// floorCommand makes this program the server that it compares with.
const floorCommand = "floor"

// serveFloor answers all requests with the bytes of a file and headers made
// beforehand, some of them given as NAME:VALUE: what net/http costs by itself.
func serveFloor(addr, file string, more []string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	made := http.Header{"Content-Type": {"application/vnd.apple.mpegurl"}, "Content-Length": {strconv.Itoa(len(body))}, "Cache-Control": {"public, max-age=3"}}
	for _, line := range more {
		name, value, _ := strings.Cut(line, ":")
		made.Set(name, value)
	}
	type header struct {
		name  string
		value []string
	}
	var all []header // a map would take longer
	for name, value := range made {
		all = append(all, header{name, value})
	}
	return http.ListenAndServe(addr, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		for i := range all {
			h[all[i].name] = all[i].value
		}
		_, _ = w.Write(body)
	}))
}

// floorPercent is the GOGC of the floor: vod2live's own.
const floorPercent = "400"

// floor starts it.
func (b *bench) floor(file string, more ...string) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return b.listening("floor", addr, []string{"GOGC=" + floorPercent}, append([]string{self, floorCommand, addr, file}, more...)...)
}
