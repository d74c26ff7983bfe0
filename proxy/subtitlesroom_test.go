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

// TestSubtitles_FewFilesAreDecodedAtOnce: the others wait, as long as a viewer does.
func TestSubtitles_FewFilesAreDecodedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(subtitled()))
		firstSlice := r.slice("/live/sub.m3u8/1.m3u8", 0)
		if !r.station.slicer.files.parsing.TryAcquire(maxParses) {
			t.Fatal("a slot is taken")
		}
		start := time.Now()
		if a := r.get(firstSlice); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Errorf("%d %s", a.status, a.body)
		}
		if took := time.Since(start); took != r.config.Timeout+viewerSlack {
			t.Errorf("the viewer waited for %s", took)
		}
		done := make(chan answered)
		go func() { done <- r.get(firstSlice) }()
		synctest.Wait()
		r.station.slicer.files.parsing.Release(maxParses)
		if a := <-done; a.status != http.StatusOK {
			t.Errorf("%d %s once there is a slot", a.status, a.body)
		}
		if !r.station.slicer.files.parsing.TryAcquire(maxParses) || r.station.room.Used() != 0 {
			t.Errorf("a slot is still taken, or %d bytes of the room", r.station.room.Used())
		}
		r.station.slicer.files.parsing.Release(maxParses)
	})
}

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
		if a := <-done; a.status != http.StatusOK || r.station.mounts["live"].origin.Failing() {
			t.Errorf("%d %s, failing %t", a.status, a.body, r.station.mounts["live"].origin.Failing())
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
		if files.count("text/1.vtt") != 1 || r.station.room.Used() < int64(size) {
			t.Errorf("%d bytes are counted while a slice holds a file of %d and waits for another", r.station.room.Used(), size)
		}
		close(release)
		a := <-done
		if len(a.body) > webvtt.MaxSlice || a.status != http.StatusOK {
			t.Errorf("%d, %d bytes", a.status, len(a.body))
		}
		if used := r.station.room.Used(); used != 0 {
			t.Errorf("%d bytes of the room stay in use", used)
		}
	})
}
