package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// strangelyNamed renames a VOD's multivariant playlist as packagers on the fly name theirs.
func strangelyNamed(dir string) error {
	return os.Rename(filepath.Join(dir, "master.m3u8"), filepath.Join(dir, "manifest(format=m3u8-aapl)"))
}

// A playlist whose name a pattern says, with a query that is part of the VOD's name.
func TestPlayer_AllPlayAVODThatAPatternNames(t *testing.T) {
	t.Parallel()
	newKind("named", from(fmp4, strangelyNamed)).ready(t)
	p := startConfigured(t, nil, fmt.Sprintf("origins:\n  vod: { url: %s/vods, playlists: [ \"manifest(*)\" ] }\n", shared.origin.url))
	for _, player := range players {
		t.Run(player, func(t *testing.T) {
			t.Parallel()
			again(t, func(t tester) {
				seen := shared.chromium.run(t, play{
					name: fileName(t), player: player, source: p.viewers + "/vod/named/manifest(format=m3u8-aapl)?id=7", loop: loopLength,
				})
				checkPlay(t, seen, allowance{})
			})
		})
	}
}
