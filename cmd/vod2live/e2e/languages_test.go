package e2e

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// manyRenditions is a VOD with two groups of audio in two languages each, one of them a little shorter than the
// video, an audio-only variant stream, closed captions, and I-frames in byte ranges.
const manyRenditions = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="high",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio/index.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="high",NAME="Deutsch",LANGUAGE="de",AUTOSELECT=YES,CHANNELS="2",URI="de/index.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="low",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="low-en/index.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="low",NAME="Deutsch",LANGUAGE="de",AUTOSELECT=YES,CHANNELS="2",URI="low-de/index.m3u8"
#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="English",LANGUAGE="en",INSTREAM-ID="CC1"
#EXT-X-STREAM-INF:BANDWIDTH=510400,RESOLUTION=480x270,CODECS="avc1.4d4015,mp4a.40.2",AUDIO="high",CLOSED-CAPTIONS="cc"
270p/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=203400,RESOLUTION=320x180,CODECS="avc1.4d400c,mp4a.40.2",AUDIO="low",CLOSED-CAPTIONS="cc"
180p/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=35200,CODECS="mp4a.40.2",AUDIO="low"
low-en/index.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=30000,RESOLUTION=320x180,CODECS="avc1.4d400c",URI="iframes/index.m3u8"
`

func languages(dir string) error {
	const shorter = loopLength - 300*time.Millisecond
	err := os.WriteFile(filepath.Join(dir, "master.m3u8"), []byte(manyRenditions), 0o644)
	for name, make := range map[string]func(folder string) error{
		"de":      func(folder string) error { return audioAlone(folder, shorter, 660, 64_000) },
		"low-en":  func(folder string) error { return audioAlone(folder, loopLength, 440, 32_000) },
		"low-de":  func(folder string) error { return audioAlone(folder, shorter, 660, 32_000) },
		"iframes": iframes,
	} {
		if err == nil {
			err = make(filepath.Join(dir, name))
		}
	}
	return err
}

func TestPlayer_HLSJSChangesLanguageAcrossLoopPoints(t *testing.T) {
	t.Parallel()
	source := kindNamed(t, "languages").live(shared.proxy)
	again(t, func(t tester) {
		seen := shared.chromium.run(t, play{
			name:     fileName(t),
			player:   "hls",
			source:   source,
			loop:     loopLength,
			language: 3 * time.Second,
		})
		checkPlay(t, seen, allowance{})
		checkFragments(t, seen, loopLength)
		if len(seen.Levels) < 4 {
			t.Errorf("bit rates and languages: %v, want several changes", seen.Levels)
		}
	})
}
