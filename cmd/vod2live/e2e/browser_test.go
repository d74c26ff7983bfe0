package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// atOnce is how many players play at the same time: each decodes small video, a tenth of a core.
const atOnce = 5

// playTimeout bounds a play beyond the media that it plays.
const playTimeout = 30 * time.Second

// browser is one headless Chromium, started by the first play. The zero value is ready for use.
type browser struct {
	starting sync.Once
	startErr error
	cmd      *exec.Cmd
	pages    *httptest.Server // page/ and the players in node_modules/
	slots    chan struct{}    // one per play at once

	mu      sync.Mutex // guards all below
	jobs    io.WriteCloser
	waiting map[int]chan playAnswer // by id
	lastID  int
}

// play is what is asked of a player.
type play struct {
	name   string // of the screenshot
	player string // hls, shaka, videojs
	source string // address of the live stream

	advance time.Duration // ends when the playhead has gone so far
	loop    time.Duration // and, if not 0, when it has crossed loop points of a VOD of this length
	points  int           // so many; 0: two
	since   time.Time     // when the first loop began; zero: at the epoch
	text    bool          // and a cue is on screen
	breaks  int           // ends, if not 0, when the stream has come back from so many interstitials
	sync    bool          // measures how far picture and sound are apart

	change   time.Duration // forces another bit rate that often; 0 leaves it to the player
	language time.Duration // the same of the audio track
	phase    time.Duration // how far into a loop of loopLength the player starts; 0 starts at once
	sends    []string      // what hls.js sends with each request: cmcd, authorization, credentials
	behind   time.Duration // how far behind the live edge hls.js plays; 0 leaves it to the player

	part  func(now time.Time) string // query of the source when the player starts, unless nil
	rate  float64                    // how much faster than the clock, unless 0, until the playhead is edge behind it
	edge  time.Duration              // how far behind the clock the playhead comes, if not 0
	ends  bool                       // plays to the end of the media
	seeks []time.Duration            // before the clock; the playhead goes there one after the other

	turned    func(*play) error // called when it is the play's turn, for settings that are not known before; nil: there are none
	meanwhile func() error      // runs while the player does, unless nil; its error is one of the test
}

// length is about how much media is played: across the loop points, wherever it begins, and a second more.
func (p play) length() time.Duration {
	return max(p.advance, time.Duration(p.crossing())*p.loop+time.Second)
}

// crossing is how many loop points are crossed.
func (p play) crossing() int { return max(2, p.points) }

// first is when the first loop began.
func (p play) first() time.Time {
	if p.since.IsZero() {
		return epoch
	}
	return p.since
}

// playAnswer is a line that browser.mjs writes.
type playAnswer struct {
	ID      int
	Error   string
	Figures figures
	Seen    consoleSeen // of a job for console.mjs
}

// figures are what page/record.js counts.
type figures struct {
	Advanced     float64 // seconds
	LongestStand float64 // seconds
	LongestLeap  float64 // seconds
	SeamStand    float64 // seconds, within half a second of a loop point
	SeamLeap     float64
	Holes        int // ranges that were buffered behind the one that played, at most
	Samples      int
	Waiting      int
	Points       int       // loop points that the playhead crossed
	Behind       []float64 // seconds between the date at the playhead and the clock: at first, at last
	Began        float64   // the date at the playhead when playback had begun, in milliseconds since 1970
	Ended        bool
	Duration     float64 // seconds, of media that has ended
	Seeks        []struct{ Behind, Late, Took float64 }
	Shown        []struct {
		Date float64 // milliseconds since 1970
		Cues []string
	}
	Ranges map[string][]struct {
		Start    float64 // milliseconds since 1970
		Duration float64 // seconds
		Class    string
	}
	Breaks []struct {
		What string // started, asset, failed, resumed
		ID   string
		At   float64 // milliseconds since 1970
	}
	Offsets    []float64 // milliseconds from each flash to its beep
	Width      int
	Height     int
	Fatal      []string
	NonFatal   map[string]int
	Complaints []string // the same since playback began, with the seconds into the loop
	Fragments  []fragment
	Levels     []string
	Dropped    int `json:"droppedFrames"`
	Frames     int `json:"totalFrames"`
	Late       string
	Log        []string // what the page wrote as errors to its console
}

// fragment is a segment that came on screen, as hls.js sees it.
type fragment struct {
	Discontinuity int64   // frag.cc
	Date          float64 // milliseconds since 1970
}

// run plays and returns the figures; a screenshot of the end stays in the folder of artifacts.
func (b *browser) run(t tester, p play) figures {
	t.Helper()
	end, err := b.turn()
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	if p.turned != nil {
		if err := p.turned(&p); err != nil {
			t.Fatal(err)
		}
	}
	if p.phase > 0 {
		<-time.After(untilPhase(time.Now(), p.phase))
	}
	if p.part != nil {
		p.source += "?" + p.part(time.Now())
	}
	query := url.Values{
		"player":   {p.player},
		"src":      {p.source},
		"advance":  {seconds(p.advance)},
		"switch":   {seconds(p.change)},
		"language": {seconds(p.language)},
		"behind":   {seconds(p.behind)},
		"sends":    p.sends,
	}
	if p.loop > 0 {
		query.Set("loop", seconds(p.loop))
		query.Set("points", strconv.Itoa(p.crossing()))
		query.Set("epoch", strconv.FormatInt(p.first().UnixMilli(), 10))
	}
	if p.breaks > 0 {
		query.Set("breaks", strconv.Itoa(p.breaks))
	}
	if p.text {
		query.Set("text", "")
	}
	if p.sync {
		query.Set("sync", "")
	}
	p.addTo(query)
	acted := make(chan error, 1)
	if p.meanwhile == nil {
		p.meanwhile = func() error { return nil }
	}
	go func() { acted <- p.meanwhile() }()
	screenshot := filepath.Join(artifacts(t), p.name+".png")
	answer, err := b.ask(map[string]any{
		"address":    b.pages.URL + "/page/play.html?" + query.Encode(),
		"seconds":    (p.length() + playTimeout).Seconds(),
		"screenshot": screenshot,
	}, p.length()+2*playTimeout)
	if err := <-acted; err != nil {
		t.Errorf("meanwhile: %v", err)
	}
	if err != nil {
		t.Error(err)
		return answer.Figures
	}
	t.Logf("screenshot: %s", screenshot)
	return answer.Figures
}

// addTo adds the options of plays of the past.
func (p play) addTo(query url.Values) {
	query.Set("rate", strconv.FormatFloat(p.rate, 'f', -1, 64))
	query.Set("edge", seconds(p.edge))
	if p.ends {
		query.Set("ends", "")
	}
	for _, s := range p.seeks {
		query.Add("seek", seconds(s))
	}
}

// site starts the browser, if need be, and returns the origin of its pages.
func (b *browser) site() (string, error) {
	b.starting.Do(func() { b.startErr = b.start() })
	if b.startErr != nil {
		return "", b.startErr
	}
	return b.pages.URL, nil
}

// turn starts the browser, if need be, and waits for a turn, which ends with the function that it returns.
func (b *browser) turn() (end func(), err error) {
	if _, err := b.site(); err != nil {
		return nil, err
	}
	b.slots <- struct{}{}
	return func() { <-b.slots }, nil
}

// start starts Chromium and the server of its pages.
func (b *browser) start() error {
	for _, part := range []string{"hls.js", "shaka-player", "video.js", "playwright-core", "axe-core"} {
		if _, err := os.Stat(filepath.Join("node_modules", part)); err != nil {
			return fmt.Errorf("run `npm ci` in this folder: %w", err)
		}
	}
	b.cmd = exec.Command("node", "browser.mjs")
	b.cmd.Stderr = os.Stderr
	jobs, err := b.cmd.StdinPipe()
	if err != nil {
		return err
	}
	answers, err := b.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := b.cmd.Start(); err != nil {
		return fmt.Errorf("start node: %w", err)
	}
	b.pages = httptest.NewServer(http.FileServer(http.Dir(".")))
	b.slots = make(chan struct{}, atOnce)
	b.jobs, b.waiting = jobs, map[int]chan playAnswer{}
	go b.follow(answers) // ends with the process
	return nil
}

// follow hands each answer to the play that waits for it.
func (b *browser) follow(answers io.Reader) {
	lines := bufio.NewScanner(answers)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var answer playAnswer
		if err := json.Unmarshal(lines.Bytes(), &answer); err != nil {
			answer.Error = fmt.Sprintf("browser.mjs wrote %s: %v", lines.Text(), err)
		}
		b.mu.Lock()
		waiting := b.waiting[answer.ID]
		delete(b.waiting, answer.ID)
		b.mu.Unlock()
		if waiting != nil {
			waiting <- answer
		}
	}
}

// ask sends a job to browser.mjs and waits for its answer.
func (b *browser) ask(job map[string]any, timeout time.Duration) (playAnswer, error) {
	answered := make(chan playAnswer, 1)
	b.mu.Lock()
	b.lastID++
	job["id"] = b.lastID
	b.waiting[b.lastID] = answered
	err := json.NewEncoder(b.jobs).Encode(job)
	b.mu.Unlock()
	if err != nil {
		return playAnswer{}, fmt.Errorf("node browser.mjs is gone: %w", err)
	}
	select {
	case answer := <-answered:
		if answer.Error != "" {
			return answer, errors.New(answer.Error)
		}
		return answer, nil
	case <-time.After(timeout):
		return playAnswer{}, fmt.Errorf("node browser.mjs did not answer within %v", timeout)
	}
}

// close ends Chromium, if it was started, and waits for it.
func (b *browser) close() {
	if b.pages == nil {
		return
	}
	b.jobs.Close()
	_ = b.cmd.Wait()
	b.pages.Close()
}

// artifacts is the folder of what is kept after the tests: $E2E_ARTIFACTS or one among the temporary files.
func artifacts(t tester) string {
	t.Helper()
	dir := os.Getenv("E2E_ARTIFACTS")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), "vod2live-e2e-artifacts")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// untilPhase is the time until a loop of the tests' VODs is so far.
func untilPhase(now time.Time, phase time.Duration) time.Duration {
	return loopLength - (now.Sub(epoch)-phase)%loopLength
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }

// fileName turns the name of a test into that of a file.
func fileName(t tester) string {
	return strings.NewReplacer("/", "-", " ", "-").Replace(strings.TrimPrefix(t.Name(), "TestPlayer_"))
}
