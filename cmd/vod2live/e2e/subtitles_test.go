package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cue is a text of subtitles, by the time of the VOD.
type cue struct {
	from, to time.Duration
	text     string
}

// captions are the subtitles of every VOD that has some: within a segment, across the cuts between segments, across
// the cut between the long files, and close to the end of the loop.
var captions = []cue{
	{500 * time.Millisecond, 1500 * time.Millisecond, "alpha"},
	{1600 * time.Millisecond, 2800 * time.Millisecond, "bravo, across a cut"},
	{3200 * time.Millisecond, 4400 * time.Millisecond, "charlie, across a cut"},
	{4700 * time.Millisecond, 5600 * time.Millisecond, "delta, across two files"},
	{6900 * time.Millisecond, 7900 * time.Millisecond, "echo, before the end"},
}

const (
	firstFrame   = 133_200 // the first picture of MPEG-TS that ffmpeg makes, in ticks of 1/90000 s
	ticks        = 90_000  // of a second
	subtitleList = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:%d\n#EXT-X-PLAYLIST-TYPE:VOD\n"
	subtitleTag  = "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subs\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT=YES," +
		"URI=\"subs/index.m3u8\"\n"
	styles = "STYLE\n::cue { color: yellow }\n\nREGION\nid:low\nwidth:80%\n\n"
)

// subtitlesInSegments has a file for each media segment, with all cues that it shows and one X-TIMESTAMP-MAP.
func subtitlesInSegments(dir string) error {
	list := fmt.Sprintf(subtitleList, 2)
	files := map[string]string{}
	for i := range 4 {
		from := time.Duration(i) * 2 * time.Second
		name := fmt.Sprintf("seg%03d.vtt", i)
		files[name] = webVTT(firstFrame, 0, overlapping(captions, from, from+2*time.Second))
		list += "#EXTINF:2.000000,\n" + name + "\n"
	}
	return addSubtitles(dir, list, files)
}

// subtitlesInOneFile has all in one file and no X-TIMESTAMP-MAP: the time of a cue is that of the media.
func subtitlesInOneFile(dir string) error {
	text := strings.Replace(webVTT(0, 0, captions), mapLine(0, 0), "", 1)
	text = strings.Replace(text, "WEBVTT\n\n", "WEBVTT\n\n"+styles, 1)
	return addSubtitles(dir, fmt.Sprintf(subtitleList, 8)+"#EXTINF:8.000000,\nall.vtt\n", map[string]string{"all.vtt": text})
}

// subtitlesInLongFiles has two files that begin where no media segment does, each with its own X-TIMESTAMP-MAP: times
// in the second count from its beginning, which LOCAL calls one hour.
func subtitlesInLongFiles(dir string) error {
	const cut = 5 * time.Second
	var late []cue
	for _, c := range overlapping(captions, cut, loopLength) {
		late = append(late, cue{max(c.from, cut) - cut + time.Hour, c.to - cut + time.Hour, c.text})
	}
	files := map[string]string{
		"one.vtt": webVTT(firstFrame, 0, overlapping(captions, 0, cut)),
		"two.vtt": webVTT(firstFrame+5*ticks, time.Hour, late),
	}
	return addSubtitles(dir, fmt.Sprintf(subtitleList, 5)+"#EXTINF:5.000000,\none.vtt\n#EXTINF:3.000000,\ntwo.vtt\n", files)
}

// addSubtitles writes a rendition of subtitles and names it in the multivariant playlist.
func addSubtitles(dir, list string, files map[string]string) error {
	folder := filepath.Join(dir, "subs")
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	files["index.m3u8"] = list + "#EXT-X-ENDLIST\n"
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return edit(filepath.Join(dir, "master.m3u8"),
		"#EXTM3U\n", "#EXTM3U\n"+subtitleTag,
		"#EXT-X-STREAM-INF:", "#EXT-X-STREAM-INF:SUBTITLES=\"subs\",")
}

// webVTT writes a file of cues.
func webVTT(mpegts int, local time.Duration, cues []cue) string {
	text := "WEBVTT\n" + mapLine(mpegts, local) + "\n"
	for _, c := range cues {
		text += vttTime(c.from) + " --> " + vttTime(c.to) + " line:70%\n" + c.text + "\n\n"
	}
	return text
}

func mapLine(mpegts int, local time.Duration) string {
	return fmt.Sprintf("X-TIMESTAMP-MAP=MPEGTS:%d,LOCAL:%s\n", mpegts, vttTime(local))
}

func vttTime(d time.Duration) string { return time.Time{}.Add(d).Format("15:04:05.000") }

// overlapping are the cues that are shown in an interval.
func overlapping(cues []cue, from, to time.Duration) (shown []cue) {
	for _, c := range cues {
		if c.from < to && c.to > from {
			shown = append(shown, c)
		}
	}
	return shown
}

// Every WebVTT segment of two loops, sliced or passed through, is a file of its own that shows just the cues that the
// VOD shows then.
func TestSubtitles_EverySegmentShowsTheCuesOfItsTime(t *testing.T) {
	t.Parallel()
	forEachKindThat(t, (*kind).hasSubtitles, func(t *testing.T, k *kind) {
		checked := 0
		for _, r := range recordingOf(t, k).renditions {
			for _, s := range r.segments() {
				if !strings.HasSuffix(s.uri, ".vtt") {
					continue
				}
				checked++
				if err := checkSubtitles(k, r.address, s); err != nil {
					t.Errorf("%s segment %d, %s: %v", r.address, s.number, s.uri, err)
				}
			}
		}
		if checked < 8 {
			t.Errorf("%d segments of subtitles were seen, want two loops of four", checked)
		}
	})
}

func (k *kind) hasSubtitles() bool { return len(k.cues) > 0 }

// checkSubtitles fetches a segment of subtitles and compares its cues with those of the VOD.
func checkSubtitles(k *kind, playlist string, s segment) error {
	address, err := resolve(playlist, s.uri)
	if err != nil {
		return err
	}
	got, err := fetch(address, "")
	if err != nil {
		return err
	}
	if kind := got.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/vtt") {
		return fmt.Errorf("Content-Type is %q", kind)
	}
	shown, err := parseVTT(string(got.body))
	if err != nil {
		return fmt.Errorf("%w in\n%s", err, got.body)
	}
	from := s.begin().Sub(epoch).Round(100*time.Millisecond) % loopLength // EXTINF in microseconds add up to a bit less
	want := map[string]cue{}
	for _, c := range overlapping(k.cues, from, from+s.length()) {
		want[c.text] = c
	}
	seen := map[string]bool{}
	for _, c := range shown {
		w, ok := want[c.text]
		if !ok || c.from < w.from || c.to != w.to {
			return fmt.Errorf("the cue %v, want those of %v, in\n%s", c, want, got.body)
		}
		seen[c.text] = true
	}
	if len(seen) != len(want) {
		return fmt.Errorf("the cues %v, want %v, in\n%s", shown, want, got.body)
	}
	return nil
}

// parseVTT reads a WebVTT file strictly, and its cues by the time of the VOD.
func parseVTT(text string) ([]cue, error) {
	blocks := strings.Split(strings.TrimSuffix(text, "\n"), "\n\n")
	header := strings.Split(blocks[0], "\n")
	if header[0] != "WEBVTT" {
		return nil, fmt.Errorf("the first line is %q", header[0])
	}
	var zero time.Duration // what to add to a cue's time
	for _, line := range header[1:] {
		var mpegts int
		var local string
		if _, err := fmt.Sscanf(line, "X-TIMESTAMP-MAP=MPEGTS:%d,LOCAL:%s", &mpegts, &local); err != nil {
			return nil, fmt.Errorf("the header has %q", line)
		}
		at, err := parseVTTTime(local)
		if err != nil {
			return nil, err
		}
		zero = time.Duration(mpegts-firstFrame)*time.Second/ticks - at
	}
	var cues []cue
	for _, block := range blocks[1:] {
		if block == "" || strings.HasPrefix(block, "STYLE\n") || strings.HasPrefix(block, "REGION\n") {
			continue
		}
		c, err := parseCue(block)
		if err != nil {
			return nil, err
		}
		cues = append(cues, cue{c.from + zero, c.to + zero, c.text})
	}
	return cues, nil
}

// parseCue reads a block of a timing line and a text.
func parseCue(block string) (cue, error) {
	timing, text, ok := strings.Cut(block, "\n")
	words := strings.Fields(timing)
	if !ok || len(words) != 4 || words[1] != "-->" || words[3] != "line:70%" {
		return cue{}, fmt.Errorf("the cue %q", block)
	}
	from, err := parseVTTTime(words[0])
	if err != nil {
		return cue{}, err
	}
	to, err := parseVTTTime(words[2])
	return cue{from, to, strings.TrimSuffix(text, "\n")}, err
}

func parseVTTTime(s string) (time.Duration, error) {
	at, err := time.Parse("15:04:05.000", s)
	return at.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)), err
}

// cueTolerance is how far from its time a cue may come or go on screen: browsers look for it some times a second.
const cueTolerance = 300 * time.Millisecond

// cueSamples of a cue: how many were within its time and well away from it, and how many of those showed it wrongly. A
// machine that is busy with other things may let a page look late, so some may be wrong.
type cueSamples struct {
	within, away int
	missing      []string
	early        []string
}

func (s cueSamples) wrong() bool { return 5*len(s.missing) > s.within || 20*len(s.early) > s.away }

// checkCues compares what was on screen, sample by sample, with what the VOD shows at that point of the loop.
func checkCues(t tester, seen figures, cues []cue) {
	t.Helper()
	loops := map[int64]bool{} // in which cues were on screen
	texts := map[string]bool{}
	samples := make([]cueSamples, len(cues))
	for _, sample := range seen.Shown {
		at := time.UnixMilli(int64(sample.Date)).Sub(epoch) % loopLength
		on := map[string]bool{}
		for _, text := range sample.Cues {
			on[text], texts[text] = true, true
			loops[loopNumber(sample.Date-500, loopLength)] = true
		}
		for i, c := range cues {
			samples[i].add(c, at, on[c.text])
			delete(on, c.text)
		}
		if len(on) > 0 {
			t.Errorf("at %s the cues %q are on screen", clock(sample.Date), sample.Cues)
		}
	}
	for i, s := range samples {
		if s.wrong() {
			t.Errorf("%q, from %v to %v: of %d samples it is missing at %v; of %d at other times it is on screen at %v",
				cues[i].text, cues[i].from, cues[i].to, s.within, s.missing, s.away, s.early)
		}
	}
	if len(loops) < 2 || len(texts) < len(cues) {
		t.Errorf("%d loops showed cues, %v in all, want two loops and each of %v", len(loops), texts, cues)
	}
}

// add counts a sample at an instant of the loop.
func (s *cueSamples) add(c cue, at time.Duration, on bool) {
	switch {
	case at >= c.from+cueTolerance && at < c.to-cueTolerance:
		s.within++
		if !on {
			s.missing = append(s.missing, at.String())
		}
	case at < c.from-cueTolerance || at > c.to+cueTolerance:
		s.away++
		if on {
			s.early = append(s.early, at.String())
		}
	}
}
