package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// incomplete is a channel with items that are missing when its process starts.
type incomplete struct {
	name    string
	model   *kind
	slate   *kind // stands in; nil: gaps do
	missing []*kind
	loop    []*kind // what it plays
}

// incompleteLength is that of the loop of incompletes.
const incompleteLength = 11200 * time.Millisecond

// incompletes lack two of three items. The slate is longer than each, and its segments have other lengths: the last one
// is cut by 0.64 s in the first of them, and leaves a hole of 0.32 s in the second.
var incompletes = []incomplete{newIncomplete("ts", tsModel), newIncomplete("fmp4", mp4Model, "en", "de")}

// newIncomplete is one whose VODs have audio in these languages.
func newIncomplete(name string, model *kind, languages ...string) incomplete {
	vod := func(part string, segment, length time.Duration, hue int) *kind {
		return newKind("missing-"+name+"-"+part, ladder{threeRates, segment, length, hue, languages}.make)
	}
	shorter, longer := vod("shorter", 1600*time.Millisecond, 3200*time.Millisecond, 120), vod("longer", 2080*time.Millisecond, 4160*time.Millisecond, 180)
	slate := vod("slate", 1920*time.Millisecond, 5760*time.Millisecond, 240)
	return incomplete{name, model, slate, []*kind{shorter, longer}, []*kind{model, shorter, longer}}
}

// gapped is one without a slate that lacks one short item: 19.2 s are there, 4.16 s are gaps.
func (c incomplete) gapped() incomplete {
	c.slate, c.missing = nil, c.missing[1:]
	c.loop = []*kind{c.model, c.model, c.model, c.model, c.model, c.missing[0]}
	return c
}

const gappedLength = 5*3840*time.Millisecond + 4160*time.Millisecond

// wish is a minute old.
func (c incomplete) wish() wish {
	era := wishEra{At: time.Now().UTC().Add(-time.Minute).Truncate(time.Second)}
	for _, k := range c.loop {
		era.Loop = append(era.Loop, wishItem{VOD: k.item()})
	}
	w := wish{Channel: c.name, Target: 2, Model: c.model.item(), Eras: []wishEra{era}}
	if c.slate != nil {
		w.Slate = c.slate.item()
	}
	return w
}

// start makes the VODs, locks the schedule, and starts two processes: one before the items go missing, and one after.
func (c incomplete) start(t *testing.T) (whole, lacking *process) {
	t.Helper()
	folder := t.TempDir()
	vods := filepath.Join(folder, "vods")
	if err := os.Mkdir(vods, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, k := range append([]*kind{c.model}, append(c.missing, c.slate)...) {
		if k == nil {
			continue
		}
		k.ready(t)
		if err := os.Symlink(k.dir(), filepath.Join(vods, k.name)); err != nil {
			t.Fatal(err)
		}
	}
	origin, err := startNginx(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(origin.stop)
	config := filepath.Join(folder, "vod2live.yaml")
	if err := replace(config, fmt.Sprintf("origins: { vod: { url: %s/vods } }\nchannels: { %s: { schedule: ./schedule.json } }\n", origin.url, c.name)); err != nil {
		t.Fatal(err)
	}
	object, err := lockWish(folder, nil, config, c.wish(), nil)
	if err == nil {
		err = replace(filepath.Join(folder, "schedule.json"), string(object))
	}
	if err != nil {
		t.Fatal(err)
	}
	whole = start(t, append(streamArgs(), "-config", config)...)
	if err := onAir(c.live(whole)); err != nil {
		t.Fatal(err)
	}
	for _, k := range c.missing {
		if err := os.Remove(filepath.Join(vods, k.name)); err != nil {
			t.Fatal(err)
		}
	}
	lacking = start(t, append(streamArgs(), "-config", config)...)
	if err := onAir(c.live(lacking)); err != nil {
		t.Fatal(err)
	}
	return whole, lacking
}

func (c incomplete) live(p *process) string { return p.viewers + "/" + c.name + "/master.m3u8" }

// checkNumbers wants the same numbers in both processes, and the same segments of the item that is there; of the others
// there are stand-ins. Of subtitles there are empty slices.
func (c incomplete) checkNumbers(t *testing.T, whole, lacking *process) {
	t.Helper()
	addresses, err := renditions(c.live(whole))
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses {
		want, err := fetchText(address)
		if err != nil {
			t.Fatal(err)
		}
		text, err := fetchText(lacking.viewers + strings.TrimPrefix(address, whole.viewers))
		if err != nil {
			t.Fatal(err)
		}
		known := map[int64]segment{}
		for _, s := range parseMedia(want).segments {
			known[s.number] = s
		}
		same, others := 0, 0
		for _, s := range parseMedia(text).segments {
			before, both := known[s.number]
			stoodIn := !strings.Contains(before.uri, "/"+c.model.name+"/")
			switch {
			case !both:
			case s.discontinuity != before.discontinuity, !stoodIn && s != before:
				t.Errorf("%s: number %d is %+v, and %+v where items are missing", address, s.number, before, s)
			case stoodIn && s.uri == before.uri && !strings.HasSuffix(s.uri, ".vtt"):
				t.Errorf("%s: %s is played, and is missing", address, s.uri)
			case stoodIn:
				others++
			default:
				same++
			}
		}
		if same+others < 6 || others == 0 {
			t.Errorf("%s: compared %d segments of the item that is there, and %d of others", address, same, others)
		}
	}
}

// TestMissing_PlayersCrossTheSlateThatStandsIn: from a start on, two of three items are missing. The slate has as many
// segments, of other lengths. The operator is told of both.
func TestMissing_PlayersCrossTheSlateThatStandsIn(t *testing.T) {
	t.Parallel()
	for _, c := range incompletes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			whole, lacking := c.start(t)
			c.checkNumbers(t, whole, lacking)
			told, err := lacking.problemsOf(c.name)
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range c.missing {
				if !strings.Contains(told["item-unavailable"], k.item()) {
					t.Errorf("an operator is told %v, and not of %s", told, k.item())
				}
			}
			for _, player := range []string{"hls", "shaka"} {
				t.Run(player, func(t *testing.T) {
					t.Parallel()
					again(t, func(t tester) {
						seen := shared.chromium.run(t, play{name: fileName(t), player: player, source: c.live(lacking), advance: incompleteLength + time.Second})
						checkPlay(t, seen, allowance{})
					})
				})
			}
		})
	}
}

// TestPlayer_GapsOfAMissingItem: what players do at a gap of 4 s that they come to. If one of them
// plays over it, say so in deploy/SCHEDULES.md.
func TestPlayer_GapsOfAMissingItem(t *testing.T) {
	if !playAll {
		t.Skip("only with E2E_PLAYERS=all")
	}
	t.Parallel()
	for _, c := range incompletes {
		c := c.gapped()
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, lacking := c.start(t)
			for _, player := range players {
				t.Run(player, func(t *testing.T) {
					t.Parallel()
					seen := shared.chromium.run(t, play{
						name: fileName(t), player: player, source: c.live(lacking), advance: gappedLength + 2*time.Second,
						turned: func(*play) error { return awaitMedia(c.live(lacking)) },
					})
					checkGap(t, player, seen)
				})
			}
		})
	}
}

// checkGap wants that Shaka Player gives up or skips the gap, and that others skip it, or stand for longer than it takes.
func checkGap(t tester, player string, seen figures) {
	t.Helper()
	t.Logf("advanced %.1f s; longest stand %.2f s, leap %.2f s; survived %v; gave up: %q %s",
		seen.Advanced, seen.LongestStand, seen.LongestLeap, seen.NonFatal, seen.Fatal, seen.Late)
	gaveUp := len(seen.Fatal) > 0
	if gaveUp && player != "shaka" {
		t.Errorf("%s gave up: %q", player, seen.Fatal)
	}
	if least := 3.0; !gaveUp && seen.LongestLeap < least && seen.LongestStand < least {
		t.Errorf("%s stood for %.2f s and leapt %.2f s at most: it played over the gap", player, seen.LongestStand, seen.LongestLeap)
	}
}

// awaitMedia waits until a channel with gaps has played media for 10 to 14 s.
func awaitMedia(entry string) error {
	all, err := renditions(entry)
	if err != nil {
		return err
	}
	return await(func() error {
		text, err := fetchText(all[len(all)-1])
		if err != nil {
			return err
		}
		media := 0
		for _, s := range parseMedia(text).segments {
			if media++; s.gap {
				media = 0
			}
		}
		if media < 5 || media > 7 {
			return fmt.Errorf("%d segments are no gaps, want five to seven:\n%s", media, text)
		}
		return nil
	})
}
