package e2e

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// guideAddress is what viewers are told that the server is reached at. The host of channels' IDs is its.
const guideAddress = "https://tv.example.com"

// guideNow is what the schedule of the channel is written around.
var guideNow = time.Now().UTC().Truncate(time.Second)

// lasting is a small VOD of a length.
func lasting(length time.Duration) func(dir string) error {
	return func(dir string) error {
		return ffmpeg(dir, fields(fmt.Sprintf("-f lavfi -i testsrc2=size=160x90:rate=5 -f lavfi -i sine=sample_rate=48000 -t %g", length.Seconds()),
			"-c:v libx264 -preset ultrafast -threads 1 -pix_fmt yuv420p -g 20 -keyint_min 20 -sc_threshold 0 -b:v 30k -c:a aac -b:a 24k -ac 1 -fflags +bitexact -flags +bitexact",
			"-f hls -hls_time 4 -hls_playlist_type vod -hls_flags independent_segments -master_pl_name master.m3u8",
			"-hls_segment_filename %v/seg%03d.ts -var_stream_map v:0,a:0,name:90p %v/index.m3u8")...)
	}
}

// The channel plays two programmes, with fillers between them and breaks inside.
var (
	guideFilm   = newKind("guide-film", lasting(132*time.Second))
	guideSeries = newKind("guide-series", lasting(124*time.Second))
	guideIdent  = newKind("guide-ident", lasting(8*time.Second))
)

// guideTitles are titles that no writer of XML or M3U likes.
var guideTitles = map[string]string{
	guideFilm.name:   `Der "große" Film, <Teil 2> & Ende ]]> 🎬`,
	guideSeries.name: "Series; \u2028'S1' %20 {utc}",
}

const guideChannel = `Films, "late" & <more>`

// guideItem is an entry of the channel's lists.
func guideItem(k *kind, more string) string {
	return fmt.Sprintf("{ vod: vod/%s/%s, title: %q%s }", k.name, k.entry, guideTitles[k.name], more)
}

// guideYAML configures the channel: it loops, with a break in the film, and plays other lists half an hour ago and in
// an hour.
func guideYAML() string {
	film := guideItem(guideFilm, `, subtitle: "A < B", desc: "Long & \"quoted\"", category: Drama, episode: S01E02, date: 2026-11-28, icon: "https://img.test/a?b=1&c=2"`+
		fmt.Sprintf(", breaks: { at: [ 60s ], slate: vod/%s/%s, for: 20s, mark: [ cue ] }", guideIdent.name, guideIdent.entry))
	series, ident := guideItem(guideSeries, ""), guideItem(guideIdent, "")
	var eras strings.Builder
	for _, e := range []struct {
		at    time.Duration
		lists string
	}{
		{-3 * time.Hour, fmt.Sprintf("loop: [ %s, %s, %s ]", film, ident, series)},
		{-30 * time.Minute, fmt.Sprintf("play: [ %s ], loop: [ %s, %s ]", series, film, ident)},
		{77 * time.Minute, fmt.Sprintf("play: [ %s, %s, %s ]", film, film, series)}, // and then the filler
		{137 * time.Minute, fmt.Sprintf("loop: [ %s, %s ]", series, ident)},
	} {
		fmt.Fprintf(&eras, "      - { at: %s, wait: 5m, %s }\n", guideNow.Add(e.at).Format(time.RFC3339), e.lists)
	}
	return fmt.Sprintf("public_address: %s\nguide: { days: 2 }\norigins: { vod: { url: %q } }\nchannels:\n"+
		"  films:\n    title: %q\n    number: 7.1\n    group: 'Kino, \"Drama\"'\n    logo: \"https://img.test/l?a=1&b=2,3\"\n    dvr: 1h\n    target_duration: 4s\n    model: vod/%s/%s\n"+
		"    filler: vod/%s/%s\n    schedule:\n%s  secret: { loop: vod/%s/%s, guide: false }\n",
		guideAddress, shared.origin.url+"/vods", guideChannel, guideFilm.name, guideFilm.entry, guideIdent.name, guideIdent.entry, &eras, guideIdent.name, guideIdent.entry)
}

// guideProcess has the channel and its guide.
var guideProcess = sync.OnceValues(func() (*process, error) {
	for _, k := range []*kind{guideFilm, guideSeries, guideIdent} {
		if err := k.made(); err != nil {
			return nil, err
		}
	}
	file := filepath.Join(shared.dir, "guide.yaml")
	if err := replace(file, guideYAML()); err != nil {
		return nil, err
	}
	p, err := startProcess("-config", file)
	if err != nil {
		return nil, err
	}
	shared.more = append(shared.more, p)
	return p, await(func() error {
		text, err := fetchText(p.viewers + "/guide/epg.xml")
		if err == nil && !strings.Contains(text, guideNow.Add(20*time.Hour).Format(`stop="2006010215`)) {
			err = fmt.Errorf("the guide lacks what follows:\n%.3000s", text)
		}
		return err
	})
})

// guided is the process, and its XMLTV.
func guided(t *testing.T) (p *process, times string) {
	t.Helper()
	p, err := guideProcess()
	if err != nil {
		t.Fatal(err)
	}
	if times, err = fetchText(p.viewers + "/guide/epg.xml"); err != nil {
		t.Fatal(err)
	}
	return p, times
}

// programme is one of an XMLTV document.
type programme struct {
	Start   string `xml:"start,attr"`
	Stop    string `xml:"stop,attr"`
	Channel string `xml:"channel,attr"`
	Title   string `xml:"title"`

	start, stop time.Time
}

// programmesOf reads an XMLTV document.
func programmesOf(t *testing.T, text string) []programme {
	t.Helper()
	var tv struct {
		Programmes []programme `xml:"programme"`
	}
	if err := xml.Unmarshal([]byte(text), &tv); err != nil {
		t.Fatal(err)
	}
	for n := range tv.Programmes {
		p := &tv.Programmes[n]
		var err, err2 error
		p.start, err = time.Parse("20060102150405 -0700", p.Start)
		p.stop, err2 = time.Parse("20060102150405 -0700", p.Stop)
		if err != nil || err2 != nil || p.Channel != "films.tv.example.com" {
			t.Fatalf("%+v: %v, %v", p, err, err2)
		}
	}
	return tv.Programmes
}

// TestGuide_XMLTVValidates by the tool that XMLTV's own grabbers are held to, and that tool sees a mistake.
func TestGuide_XMLTVValidates(t *testing.T) {
	t.Parallel()
	_, text := guided(t)
	if said, err := validate(t, text); err != nil || !strings.Contains(said, "Validated ok") {
		t.Errorf("%v: %s\n%.3000s", err, said, text)
	}
	programmes := programmesOf(t, text)
	t.Logf("%d programmes", len(programmes))
	for name, wrong := range map[string]string{
		"no title":     regexp.MustCompile(`<title>[^<]*</title>`).ReplaceAllString(text, ""),
		"no channel":   strings.Replace(text, `<channel id="films.`, `<channel id="other.`, 1),
		"a raw sign":   strings.Replace(text, "&amp;", "&", 1),
		"wrong order":  regexp.MustCompile(`(<title>[^<]*</title>)(\s*<sub-title>[^<]*</sub-title>)`).ReplaceAllString(text, "$2$1"),
		"a wrong time": strings.Replace(text, programmes[0].Start, "noon", 1),
	} {
		if said, err := validate(t, wrong); err == nil && strings.Contains(said, "Validated ok") {
			t.Errorf("%s is valid, too", name)
		}
	}
}

// validate has tv_validate_file say what it has against a document.
func validate(t *testing.T, text string) (said string, err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "epg.xml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("tv_validate_file", "--dtd-file", "/usr/share/xmltv/xmltv.dtd", file).CombinedOutput()
	return string(out), err
}

// m3u is what iptv-playlist-parser reads of a list.
type m3u struct {
	Header struct {
		Attrs map[string]string `json:"attrs"`
	} `json:"header"`
	Items []m3uItem `json:"items"`
}

type m3uItem struct {
	Name string `json:"name"`
	URL  string `json:"url"`
	TVG  struct {
		ID, Name, Logo string
	} `json:"tvg"`
	Group   struct{ Title string }              `json:"group"`
	Catchup struct{ Type, Days, Source string } `json:"catchup"`
}

// readM3U has iptv-playlist-parser read the list of a process.
func readM3U(t *testing.T, p *process) (list m3u) {
	t.Helper()
	text, err := fetchText(p.viewers + "/guide/channels.m3u")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "m3u.mjs")
	cmd.Stdin = strings.NewReader(text)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node m3u.mjs (run `npm ci` in this folder?): %v\n%s", err, &stderr)
	}
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return list
}

// TestGuide_ListIsReadAsMeant by a parser of another make.
func TestGuide_ListIsReadAsMeant(t *testing.T) {
	t.Parallel()
	p, _ := guided(t)
	list := readM3U(t, p)
	if len(list.Items) != 1 || list.Header.Attrs["url-tvg"] != guideAddress+"/guide/epg.xml" {
		t.Fatalf("%+v", list)
	}
	var want m3uItem
	want.Name, want.URL = `Films  'late' & <more>`, guideAddress+"/films/master.m3u8"
	want.TVG.ID, want.TVG.Name, want.TVG.Logo = "films.tv.example.com", want.Name, "https://img.test/l?a=1&b=2%2C3"
	want.Group.Title = `Kino  'Drama'`
	want.Catchup.Type, want.Catchup.Days, want.Catchup.Source = "append", "1", "?start={utc}&end={utcend}"
	if list.Items[0] != want {
		t.Errorf("%+v\nwant\n%+v", list.Items[0], want)
	}
}

// aired is a playlist of the past: the interval of the list's catch-up address.
func (i *m3uItem) aired(t *testing.T, p *process, from, to time.Time) (playlist string, media mediaPlaylist) {
	t.Helper()
	address := strings.Replace(i.URL, guideAddress, p.viewers, 1) +
		strings.NewReplacer("{utc}", strconv.FormatInt(from.Unix(), 10), "{utcend}", strconv.FormatInt(to.Unix(), 10)).Replace(i.Catchup.Source)
	all, err := renditions(address)
	if err != nil {
		t.Fatal(err)
	}
	text, err := fetchText(all[0])
	if err != nil {
		t.Fatal(err)
	}
	if media = parseMedia(text); !media.ended || len(media.segments) == 0 {
		t.Fatalf("%s:\n%s", all[0], text)
	}
	return all[0], media
}

// folder is that of the segment's VOD.
func (s segment) folder() string { return filepath.Base(filepath.Dir(filepath.Dir(s.uri))) }

// TestGuide_IsWhatThePlaylistsDate in each second of nearly an hour, over an era's joint and breaks in films.
func TestGuide_IsWhatThePlaylistsDate(t *testing.T) {
	t.Parallel()
	p, text := guided(t)
	programmes, list := programmesOf(t, text), readM3U(t, p)
	_, media := list.Items[0].aired(t, p, guideNow.Add(-55*time.Minute), guideNow.Add(-time.Minute))
	seconds, before := map[string]int{}, ""
	for _, s := range media.segments {
		for at := s.begin().Add(time.Second - 1).Truncate(time.Second); at.Before(s.begin().Add(s.length())); at = at.Add(time.Second) {
			on := programmeAt(programmes, at)
			want := guideTitles[s.folder()]
			if s.folder() == guideIdent.name {
				want = before // it belongs to the programme before, or is within it
			}
			if on == nil || want != "" && on.Title != cleaned(want) {
				t.Fatalf("at %s %s is on air after %q, the guide says %+v", at, s.folder(), before, on)
			}
			seconds[s.folder()]++
		}
		if title := guideTitles[s.folder()]; title != "" {
			before = title
		}
	}
	t.Log(seconds)
	if seconds[guideFilm.name] < 600 || seconds[guideSeries.name] < 600 || seconds[guideIdent.name] < 100 {
		t.Errorf("too little was compared: %v", seconds)
	}
}

// cleaned is a title as XML can say it on one line.
func cleaned(title string) string {
	return strings.NewReplacer("\u2028", "", "\n", " ", "\t", " ").Replace(title)
}

func programmeAt(all []programme, at time.Time) *programme {
	for n := range all {
		if p := &all[n]; !at.Before(p.start) && at.Before(p.stop) {
			return p
		}
	}
	return nil
}

// TestGuide_CatchUpPlaysTheProgramme: the address of the list begins with the programme's first segment, has all of it,
// and each of its segments is there; ffmpeg plays one to the end.
func TestGuide_CatchUpPlaysTheProgramme(t *testing.T) {
	t.Parallel()
	p, text := guided(t)
	list, played := readM3U(t, p), map[string]int{}
	for _, on := range programmesOf(t, text) {
		if on.start.Before(guideNow.Add(-50*time.Minute)) || on.stop.After(guideNow.Add(-time.Minute)) {
			continue
		}
		address, media := list.Items[0].aired(t, p, on.start, on.stop)
		first, last := media.segments[0], media.segments[len(media.segments)-1]
		if cleaned(guideTitles[first.folder()]) != on.Title || first.begin().After(on.start) || on.start.Sub(first.begin()) >= time.Second || last.begin().Add(last.length()).Before(on.stop.Add(-time.Second)) {
			t.Errorf("%+v: plays %s from %s to %s", on, first.folder(), first.begin(), last.begin().Add(last.length()))
		}
		if played[on.Title]++; played[on.Title] > 1 {
			continue
		}
		for _, s := range media.segments {
			checkSegment(t, address, s)
		}
		if frames, err := framesOf(address); err != nil || frames < int(5*media.length().Seconds())-5 {
			t.Errorf("%s: ffmpeg sees %d pictures in %s, %v", address, frames, media.length(), err)
		}
	}
	if t.Log(played); len(played) != 2 {
		t.Errorf("were played: %v", played)
	}
}

// checkSegment fetches a segment.
func checkSegment(t *testing.T, playlist string, s segment) {
	t.Helper()
	address, err := resolve(playlist, s.uri)
	if err != nil {
		t.Fatal(err)
	}
	got, err := fetch(address, "")
	if err != nil || got.status != 200 || len(got.body) == 0 || len(got.body)%188 != 0 {
		t.Errorf("%s: status %d, %d bytes, %v", address, got.status, len(got.body), err)
	}
}

// framesOf is how many pictures ffmpeg sees in a part of the past. It complains of timestamps where a break begins.
func framesOf(address string) (int, error) {
	var stderr bytes.Buffer
	cmd := exec.Command("ffprobe", "-v", "fatal", "-select_streams", "v:0", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", address)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("ffprobe: %w\n%s", err, &stderr)
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return strconv.Atoi(strings.Trim(first, ","))
}
