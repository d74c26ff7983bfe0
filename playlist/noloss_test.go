package playlist

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// corpus is a folder of real playlists beside the project; users don't have it.
const corpus = "../../shared/manifests"

// count of one tag: how often playlists have it, and what became of it.
type count struct{ in, kept, changed, dropped int }

// ledger follows the lines of one playlist into one turn of the loop.
type ledger struct {
	counts       map[string]*count
	turn         map[string]int // the lines of one turn of the loop, and how often each stands in it
	address      *url.URL
	multivariant bool
	kept         int  // segments that are served
	segment      int  // the line is of it
	replaced     bool // the EXT-X-KEY is followed by another before the next segment
}

func TestNoLoss_EveryTagIsInOneTurnOfTheLoop(t *testing.T) {
	counts := map[string]*count{}
	for _, s := range samples(t) {
		for n, text := range s.text {
			live := s.live(t, 0)
			if live.VOD.Tracks[n].Sliced {
				continue
			}
			long, err := NewLive(s.multivariant, s.media, plain{}, Options{Window: 3 * live.VOD.Length, Epoch: epoch})
			if err != nil {
				t.Fatal(err)
			}
			l := ledger{counts: counts, address: s.address(n), turn: turnOf(t, long, n), kept: live.VOD.Tracks[n].Kept}
			l.lines(t, s.name, text)
		}
		if s.multivariant != nil {
			body, err := os.ReadFile("testdata/" + s.name + "/master.m3u8")
			if err != nil {
				t.Fatal(err)
			}
			(&ledger{counts: counts, multivariant: true, turn: linesOf(string(s.live(t, 0).Multivariant))}).lines(t, s.name, string(body))
		}
	}
	table(t, counts)
}

func TestCorpus_EveryPlaylistLoopsWithoutLossOrIsRefusedWithACode(t *testing.T) {
	files, _ := filepath.Glob(corpus + "/*/*")
	if len(files) == 0 {
		t.Skipf("no playlists in %s: nothing to try", corpus)
	}
	counts, outcomes := map[string]*count{}, map[string]int{}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(filepath.Dir(file)) + "/" + filepath.Base(file)
		outcome := try(t, counts, name, body)
		if outcomes[outcome]++; outcome == string(CodeNoEndlist) { // once more, as when it will have ended
			outcomes["ended: "+try(t, counts, name, append(body, "\n#EXT-X-ENDLIST"...))]++
		}
	}
	t.Logf("%d playlists: %v", len(files), outcomes)
	table(t, counts)
}

// try follows one playlist and tells what became of it.
func try(t *testing.T, counts map[string]*count, name string, body []byte) string {
	t.Helper()
	if IsMultivariant(body) {
		m, err := DecodeMultivariant(body, origin)
		if err != nil {
			return string(codeOf(t, err))
		}
		(&ledger{counts: counts, multivariant: true, turn: linesOf(string(m.encode(plain{}, nobody)))}).lines(t, name, string(body))
		return "multivariant"
	}
	m, err := DecodeMedia(body, origin, nil)
	if err != nil {
		return string(codeOf(t, err))
	}
	live, err := NewLive(nil, []*Media{m}, plain{}, Options{Epoch: epoch})
	if err != nil {
		return string(codeOf(t, err))
	}
	checkLive(t, live, 0, origin, understood(string(body), origin), unchanged)
	live, err = NewLive(nil, []*Media{m}, plain{}, Options{Window: 3 * live.VOD.Length, Epoch: epoch})
	if err != nil {
		return "loops, too long to show a turn: " + string(codeOf(t, err))
	}
	l := ledger{counts: counts, address: origin, turn: turnOf(t, live, 0), kept: live.VOD.Tracks[0].Kept}
	l.lines(t, name, string(body))
	return "loops"
}

// turnOf is the text of one turn of the loop with the playlist's header, out
// of a window that is three loops long.
func turnOf(t *testing.T, live *Live, n int) map[string]int {
	t.Helper()
	w, err := live.Timeline.Window(n, epoch.Add(5*live.VOD.Length+live.VOD.Length/2))
	if err != nil {
		t.Fatal(err)
	}
	size := int64(live.VOD.Tracks[n].Len())
	from := (w.First/size + 1) * size
	turn := map[string]int{}
	g, header := w.First, true
	for line := range strings.Lines(string(live.AppendMedia(nil, n, w))) {
		line = strings.TrimSuffix(line, "\n")
		name, _, _ := strings.Cut(line, ":")
		if g >= from && g < from+size || header && g == w.First || g == from+size && name != "#EXT-X-DISCONTINUITY" {
			turn[line]++
		}
		if name == "#EXT-X-DISCONTINUITY-SEQUENCE" {
			header = false
		}
		switch {
		case g == from+size && name == "#EXT-X-DISCONTINUITY":
			return turn // what stands above it is of this turn
		case !strings.HasPrefix(line, "#"):
			g++
		}
	}
	t.Fatalf("no whole turn in segments %d to %d", w.First, w.End)
	return nil
}

func linesOf(text string) map[string]int {
	lines := map[string]int{}
	for line := range strings.Lines(text) {
		lines[strings.TrimSuffix(line, "\n")]++
	}
	return lines
}

// lines follows every line of a playlist.
func (l *ledger) lines(t *testing.T, name, text string) {
	t.Helper()
	var lines []string
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff")); line != "" {
			lines = append(lines, line)
		}
	}
	for i, line := range lines {
		l.replaced = false
		if next := i + 1; next < len(lines) {
			l.replaced = strings.HasPrefix(lines[next], "#EXT-X-KEY")
		}
		if !l.line(line) {
			t.Errorf("%s: %q is lost", name, line)
		}
		if !strings.HasPrefix(line, "#") {
			l.segment++
		}
	}
}

// line books one line; false: it is lost.
func (l *ledger) line(line string) bool {
	tag, _, _ := strings.Cut(line, ":")
	switch {
	case !strings.HasPrefix(line, "#"):
		tag = addressTag
	case !strings.HasPrefix(line, "#EXT"):
		tag = "(comment)"
	}
	c := l.counts[tag]
	if c == nil {
		c = &count{}
		l.counts[tag] = c
	}
	c.in++
	r, has := rules[tag]
	switch {
	case l.turn[line] > 0:
		if c.kept++; !has {
			l.turn[line]-- // once for once
		}
	case has && r.changed != nil && r.changed(l, line):
		c.changed++
	case has && r.dropped != nil && r.dropped(l, line), !has && !l.multivariant && l.segment > l.kept:
		c.dropped++
	case l.cleaned(line):
		c.changed++
	default:
		return false
	}
	return true
}

// cleaned finds a line that differs in control characters, or in bytes that are no text.
func (l *ledger) cleaned(line string) bool {
	clean := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r <= ' ' || r >= 0x7f {
				return -1
			}
			return r
		}, s)
	}
	return clean(line) != line && l.find(func(out string) bool { return clean(out) == clean(line) })
}

func table(t *testing.T, counts map[string]*count) {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-34s %6s %6s %8s %8s\n", "tag", "in", "kept", "changed", "dropped")
	tags := make([]string, 0, len(counts))
	for tag := range counts {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	for _, tag := range tags {
		c := counts[tag]
		fmt.Fprintf(&b, "%-34s %6d %6d %8d %8d  %s\n", tag, c.in, c.kept, c.changed, c.dropped, rules[tag].reason)
	}
	t.Log(b.String())
}

// A rule for a tag that is dropped as a whole is one that the decoder knows.
func TestNoLoss_TheRulesAreTheDecoders(t *testing.T) {
	for tag, r := range rules {
		_, media := mediaTags[tag]
		if r.changed == nil && !media && tag != tagDefine && tag != tagImageStreamInf {
			t.Errorf("%s is dropped by a rule that no code has", tag)
		}
	}
}
