package webvtt_test

import (
	"fmt"
	"time"

	"vod2live/playlist/webvtt"
)

// The files of the package comment: the second counts its times from six seconds into the VOD.
func ExampleSlice() {
	var period webvtt.Period
	for _, body := range []string{
		"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:01.000 --> 00:03.000\nOne\n\n00:05.000 --> 00:06.500\nTwo\n",
		"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:1440000,LOCAL:00:00:00.000\n\n00:00.500 --> 00:01.000\nThree\n",
	} {
		f, err := webvtt.Parse([]byte(body))
		if err != nil {
			fmt.Println(err)
			return
		}
		period.Sources = append(period.Sources, webvtt.Source{File: f})
	}
	fmt.Printf("%s", webvtt.Slice([]webvtt.Period{period}, 4*time.Second, 8*time.Second))
	// Output:
	// WEBVTT
	// X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000
	//
	// 00:05.000 --> 00:06.500
	// Two
	//
	// 00:00:06.500 --> 00:00:07.000
	// Three
}
