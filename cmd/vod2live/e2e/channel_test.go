package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// mixed is a channel of four unlike VODs, whose loop has about channelLength.
type mixed struct {
	name   string
	items  []mixedItem
	target int
}

type mixedItem struct {
	*kind
	in time.Duration
}

const channelLength = 11200 * time.Millisecond

var (
	mixedTS  = mixed{"mixed-ts", []mixedItem{{tsModel, 0}, {tsWide, 0}, {tsSecret, 0}, {tsBare, 1280 * time.Millisecond}}, 2}
	mixedMP4 = mixed{"mixed-mp4", []mixedItem{{mp4Model, 0}, {mp4Wide, 0}, {mp4Secret, 0}, {mp4Clipped, 1280 * time.Millisecond}}, 2}
)

// yaml is the channel in a configuration file.
func (m mixed) yaml() string {
	var items []string
	for _, i := range m.items {
		item := "vod/" + i.name + "/" + i.entry
		if i.in > 0 {
			item = fmt.Sprintf("{ vod: %s, in: %s }", item, i.in)
		}
		items = append(items, item)
	}
	return fmt.Sprintf("  %s: { loop: [ %s ] }\n", m.name, strings.Join(items, ", "))
}

// channelProxies are two processes that play both channels, started at different times.
var channelProxies = sync.OnceValues(func() (all [2]*process, err error) {
	for _, m := range []mixed{mixedTS, mixedMP4} {
		for _, i := range m.items {
			if err := i.made(); err != nil {
				return all, err
			}
		}
	}
	file := filepath.Join(shared.dir, "channels.yaml")
	text := "origins:\n  vod: { url: " + shared.origin.url + "/vods }\nchannels:\n" + mixedTS.yaml() + mixedMP4.yaml()
	if err := replace(file, text); err != nil {
		return all, err
	}
	for i := range all {
		if all[i], err = startProcess(append(streamArgs(), "-config", file)...); err != nil {
			return all, err
		}
		keep(all[i])
	}
	return all, nil
})

func channelProxy(t *testing.T) *process {
	t.Helper()
	all, err := channelProxies()
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

func (m mixed) live(p *process) string { return p.viewers + "/" + m.name + "/master.m3u8" }

// TestChannel_PlayersCrossEveryJoint over two turns of the list, without a stand of a
// second.
func TestChannel_PlayersCrossEveryJoint(t *testing.T) {
	t.Parallel()
	for _, m := range []mixed{mixedTS, mixedMP4} {
		for _, player := range players {
			t.Run(m.name+" "+player, func(t *testing.T) {
				t.Parallel()
				source := m.live(channelProxy(t))
				again(t, func(t tester) {
					seen := shared.chromium.run(t, play{name: fileName(t), player: player, source: source, advance: 2 * channelLength})
					allowed := allowance{}
					if m.name == mixedMP4.name && player == "videojs" {
						allowed.leap = 3 * time.Second // it skips what it takes for a gap at some joints of demuxed items
					}
					checkPlay(t, seen, allowed)
				})
			})
		}
	}
}

// TestChannel_ProcessesSayTheSame at many instants, in all renditions.
func TestChannel_ProcessesSayTheSame(t *testing.T) {
	t.Parallel()
	channelProxy(t)
	all, err := channelProxies()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []mixed{mixedTS, mixedMP4} {
		addresses, err := renditions(m.live(all[0]))
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			for _, address := range addresses {
				same := func() bool {
					a, err := fetchText(address)
					if err != nil {
						t.Fatal(err)
					}
					b, err := fetchText(all[1].viewers + strings.TrimPrefix(address, all[0].viewers))
					if err != nil {
						t.Fatal(err)
					}
					return a == b
				}
				if first := same(); !first && !same() { // a change may have come between
					t.Fatalf("%s differs between two processes", address)
				}
			}
		}
	}
}

// TestChannel_FFmpegFindsEveryFrameOfEveryItem: as many pictures and frames of sound as
// the VODs have.
func TestChannel_FFmpegFindsEveryFrameOfEveryItem(t *testing.T) {
	t.Parallel()
	source := mixedTS.live(channelProxy(t)) + "/0.m3u8"
	const turns = 2
	media := turns*channelLength + 2*time.Second
	file := filepath.Join(t.TempDir(), "recorded.ts")
	out, err := exec.Command("ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-i", source, "-t", strconv.Itoa(int(media.Seconds())),
		"-map", "0", "-c", "copy", "-f", "mpegts", file).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, out)
	}
	for stream, rate := range map[string]float64{"v:0": 25, "a:0": 48_000.0 / 1024} {
		count, err := countPackets(file, stream)
		if err != nil {
			t.Fatal(err)
		}
		if least := int(media.Seconds()*rate) - int(rate); count < least {
			t.Errorf("%d packets of %s, want %d", count, stream, least)
		}
	}
}

func countPackets(file, stream string) (int, error) {
	out, err := exec.Command("ffprobe", "-v", "error", "-select_streams", stream, "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", file).Output()
	if err != nil {
		return 0, fmt.Errorf("ffprobe: %w", err)
	}
	text, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return strconv.Atoi(strings.Trim(text, ","))
}
