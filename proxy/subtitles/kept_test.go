package subtitles

import (
	"bytes"
	"testing"
	"time"

	"vod2live/proxy/answer"
)

func TestSubtitles_SlicesAreBoundedAndKeptByStream(t *testing.T) {
	c := newKeptSlices(maxCutBytes)
	body := bytes.Repeat([]byte("x"), 1<<20)
	for i := range 100 {
		c.keep(sliceKey{stream: "a.m3u8", slice: i}, answer.New(body, "tag", time.Time{}, time.Time{}))
	}
	if c.bytes > maxCutBytes || c.bytes < maxCutBytes/2 || c.cuts.Len()*cutSize(&answer.Answer{Body: body}) != c.bytes {
		t.Errorf("%d slices in %d bytes are kept, at most %d may be", c.cuts.Len(), c.bytes, maxCutBytes)
	}
	if _, known := c.get(sliceKey{stream: "b.m3u8", slice: 99}); known {
		t.Error("the slice of one stream is that of another")
	}
	if _, known := c.get(sliceKey{stream: "a.m3u8", slice: 99}); !known {
		t.Error("the newest slice is not kept")
	}
}

func TestSubtitles_WhatAnotherRequestHasCutMeanwhileIsKept(t *testing.T) {
	c, k := newKeptSlices(maxCutBytes), sliceKey{stream: "a.m3u8"}
	first := c.keep(k, answer.New([]byte("WEBVTT\n"), "first", time.Time{}, time.Time{}))
	if got := c.keep(k, answer.New([]byte("WEBVTT\n"), "again", time.Time{}, time.Time{})); got != first {
		t.Error("a slice that another request has cut meanwhile gives way: it is packed twice")
	}
}
