package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/playlist/webvtt"
)

func TestSubtitles_FilesWaitForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(subtitled())
		r := newRig(t, files)
		firstSlice := r.slice("/live/sub.m3u8/1.m3u8", 0)
		end := r.occupy()
		done := make(chan answered)
		go func() { done <- r.get(firstSlice) }()
		time.Sleep(11 * time.Second)
		if files.count("text/en.vtt") != 1 {
			t.Error("the file was not asked for")
		}
		end()
		if a := <-done; a.status != http.StatusOK || r.station.Origins()[0].Failing() {
			t.Errorf("%d %s, failing %t", a.status, a.body, r.station.Origins()[0].Failing())
		}
	})
}

// TestSubtitles_WhatASliceHoldsIsCounted: while it waits for the next of its files.
func TestSubtitles_WhatASliceHoldsIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(subtitled())
		media, size := "#EXTM3U\n", 1<<20
		for i := range 3 {
			name := fmt.Sprintf("%d.vtt", i)
			media += "#EXTINF:6,\n" + name + "\n"
			files.put("text/"+name, "WEBVTT\n\n00:00.000 --> 00:16.000\n"+strings.Repeat("x", size)+"\n")
		}
		files.put("text/en.m3u8", media+"#EXT-X-ENDLIST\n")
		release := make(chan struct{})
		files.fail("text/1.vtt", func(w http.ResponseWriter, _ *http.Request) {
			<-release
			fmt.Fprint(w, "WEBVTT\n\n")
		})
		r := newRig(t, files)
		second := r.slice("/live/sub.m3u8/1.m3u8", 1)
		done := make(chan answered)
		go func() { done <- r.get(second) }()
		synctest.Wait()
		if files.count("text/1.vtt") != 1 || r.station.Room().Used() < int64(size) {
			t.Errorf("%d bytes are counted while a slice holds a file of %d and waits for another", r.station.Room().Used(), size)
		}
		close(release)
		a := <-done
		if len(a.body) > webvtt.MaxSlice || a.status != http.StatusOK {
			t.Errorf("%d, %d bytes", a.status, len(a.body))
		}
		if used := r.station.Room().Used(); used != 0 {
			t.Errorf("%d bytes of the room stay in use", used)
		}
	})
}
