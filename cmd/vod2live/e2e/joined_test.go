package e2e

import (
	"os"
	"path/filepath"
	"time"
)

const (
	lastTS   = "#EXTINF:2.000000,\nseg003.ts"
	lastFMP4 = "#EXTINF:2.000000,\nseg003.m4s"
)

// joinedTS gives each bit rate a last segment out of the other one's beginning: another resolution, and timestamps
// that begin anew.
func joinedTS(dir string) error {
	for own, other := range map[string]string{"270p": "180p", "180p": "270p"} {
		err := edit(filepath.Join(dir, own, "index.m3u8"),
			lastTS, "#EXT-X-DISCONTINUITY\n#EXTINF:2.000000,\n../"+other+"/seg000.ts")
		if err != nil {
			return err
		}
	}
	return nil
}

// otherInit is the init section of the other bit rate, by the own one's name.
var otherInit = map[string]string{"270p": "../180p/init_2.mp4", "180p": "../270p/init_1.mp4"}

// joinedFMP4 is joinedTS in fragmented MP4, where EXT-X-MAP changes with the bit rate; the audio begins anew as well.
func joinedFMP4(dir string) error {
	for own, init := range otherInit {
		err := edit(filepath.Join(dir, own, "index.m3u8"), lastFMP4,
			"#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\""+init+"\"\n#EXTINF:2.000000,\n"+filepath.Dir(init)+"/seg000.m4s")
		if err != nil {
			return err
		}
	}
	return edit(filepath.Join(dir, "audio", "index.m3u8"),
		"#EXTINF:1.984000,\nseg003.m4s\n", "#EXT-X-DISCONTINUITY\n#EXTINF:1.984000,\nseg000.m4s\n")
}

// joinedVideo changes the video's EXT-X-MAP in the middle, and the audio has no discontinuity there: its timestamps
// and those of the video go on.
func joinedVideo(dir string) error {
	for own, init := range otherInit {
		err := edit(filepath.Join(dir, own, "index.m3u8"), lastFMP4,
			"#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\""+init+"\"\n#EXTINF:2.000000,\n"+filepath.Dir(init)+"/seg003.m4s")
		if err != nil {
			return err
		}
	}
	return nil
}

// audioLasting replaces the audio with some of another length than the video's.
func audioLasting(length time.Duration) func(dir string) error {
	return func(dir string) error {
		folder := filepath.Join(dir, "audio")
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
		return audioAlone(folder, length, 440, 64_000)
	}
}
