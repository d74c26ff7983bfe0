package proxy

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// rich is a VOD with all that a head in its middle must repeat: keys that change, init
// sections, a discontinuity, ranges; audio cut elsewhere, subtitles to be sliced.
func rich() map[string]string {
	video, audio := "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n", "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n"
	for i := range 12 {
		if i == 7 {
			video, audio = video+"#EXT-X-DISCONTINUITY\n", audio+"#EXT-X-DISCONTINUITY\n"
		}
		if i == 0 || i == 7 {
			video, audio = video+fmt.Sprintf("#EXT-X-MAP:URI=\"v%d.mp4\"\n", i), audio+fmt.Sprintf("#EXT-X-MAP:URI=\"a%d.mp4\"\n", i)
		}
		if i%5 == 2 {
			iv := []string{",IV=0x2", ""}[i/7] // an init section comes under the first key
			video += fmt.Sprintf("#EXT-X-KEY:METHOD=AES-128,URI=\"k%d\"%s\n", i, iv)
		}
		if i == 10 {
			audio += "#EXT-X-KEY:METHOD=AES-128,URI=\"ka\",IV=0x1\n"
		}
		at := epoch.Add(time.Duration(3500*i) * time.Millisecond).Format("2006-01-02T15:04:05.000Z")
		video += "#EXT-X-PROGRAM-DATE-TIME:" + at + "\n"
		if i%4 == 1 {
			video += fmt.Sprintf("#EXT-X-DATERANGE:ID=\"r%d\",START-DATE=\"%s\",DURATION=%d\n", i, at, 2+3*i)
		}
		video += fmt.Sprintf("#EXTINF:3.5,\nv%d.m4s\n", i)
		if i%2 == 1 && i != 7 {
			audio += fmt.Sprintf("#EXTINF:%s,\na%d.m4s\n", []string{"3.7", "3.3"}[i/2%2], i)
		} else {
			audio += fmt.Sprintf("#EXTINF:1.75,\na%d.m4s\n#EXTINF:1.75,\nb%d.m4s\n", i, i)
		}
	}
	frames := "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-I-FRAMES-ONLY\n#EXT-X-MAP:URI=\"v0.mp4\"\n"
	for i := range 12 {
		if i == 7 {
			frames += "#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"v7.mp4\"\n"
		}
		offset := []string{"@100", "", ""}[i%3] // without, it goes on where the one before ends
		frames += fmt.Sprintf("#EXTINF:3.5,\n#EXT-X-BYTERANGE:%d%s\nf%d.m4s\n", 500+i, offset, i/3)
	}
	return map[string]string{
		"i.m3u8": frames + "#EXT-X-ENDLIST\n",
		"master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000,RESOLUTION=16x16,CODECS=\"avc1.4d401f,mp4a.40.2\",AUDIO=\"a\",SUBTITLES=\"s\"\nv.m3u8\n" +
			"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x\",DEFAULT=YES,URI=\"a.m3u8\"\n" +
			"#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"en\",URI=\"s.m3u8\"\n" +
			"#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=100,RESOLUTION=16x16,CODECS=\"avc1.4d401f\",URI=\"i.m3u8\"\n",
		"v.m3u8": video + "#EXT-X-ENDLIST\n",
		"a.m3u8": audio + "#EXT-X-ENDLIST\n",
		"s.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:42\n#EXTINF:42,\ns.vtt\n#EXT-X-ENDLIST\n",
		"s.vtt":  "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:01.000 --> 00:03.000\nOne\n",
	}
}

// uneven is a VOD whose renditions are cut at about the same instants, some segments in
// two; discontinuities that the second lacks.
func uneven(random *rand.Rand) map[string]string {
	media := [3]string{}
	for n := range media {
		media[n] = "#EXTM3U\n#EXT-X-TARGETDURATION:8\n"
	}
	var shift [3]int // milliseconds
	count := 4 + random.IntN(8)
	for i := range count {
		length, tag := 400+random.IntN(6000), i > 0 && random.IntN(4) == 0
		for n := range media {
			next := 0
			if n > 0 && i < count-1 { // all end at once: the first is the reference
				next = random.IntN(600) - 300
				next = max(next, shift[n]-length+100)
			}
			own := length + next - shift[n]
			shift[n] = next
			if tag && n != 1 {
				media[n] += "#EXT-X-DISCONTINUITY\n"
			}
			if n > 0 && own > 300 && random.IntN(3) == 0 {
				media[n] += fmt.Sprintf("#EXTINF:%.3f,\nx%d.ts\n", float64(own/3)/1000, i)
				own -= own / 3
			}
			media[n] += fmt.Sprintf("#EXTINF:%.3f,\ns%d.ts\n", float64(own)/1000, i)
		}
	}
	files := map[string]string{"master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000,RESOLUTION=16x16,AUDIO=\"a\"\n0.m3u8\n" +
		"#EXT-X-STREAM-INF:BANDWIDTH=900,RESOLUTION=8x8,AUDIO=\"a\"\n1.m3u8\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x\",URI=\"2.m3u8\"\n"}
	for n := range media {
		files[fmt.Sprintf("%d.m3u8", n)] = media[n] + "#EXT-X-ENDLIST\n"
	}
	return files
}
