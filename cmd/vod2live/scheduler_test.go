package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"vod2live/proxy/schedule"
)

// exampleScheduler builds the example of deploy/tools/scheduler.
func exampleScheduler(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "scheduler")
	build := exec.Command("go", "build", "-o", binary, "./scheduler")
	build.Dir = "../../deploy/tools"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// studio is a folder of VODs at an origin, a channel that plays them, and the example
// scheduler.
type studio struct {
	*station
	binary string
	origin string // its address
	notes  string // of the scheduler's last run
}

const studioPlan = `{ "channel": "kids", "origin": "vod", "zone": "Europe/Berlin", "apart": "20h", "parts": [
	{ "at": "00:00", "from": "films/" }, { "at": "02:30", "from": "cartoons/" }, { "at": "03:00", "from": "films/" },
	{ "at": "06:00", "from": "cartoons/" }, { "at": "20:15", "from": "films/", "days": "Mon Tue Wed Thu Fri" }, { "at": "18:00", "from": "films/", "days": "Sat Sun" } ] }`

func newStudio(t *testing.T) *studio {
	s := &studio{station: &station{t: t, folder: t.TempDir()}, binary: exampleScheduler(t)}
	for n := range 40 {
		s.vod(fmt.Sprintf("films/film-%d", n), 120+n*7)
		s.vod(fmt.Sprintf("cartoons/my_cartoon-%d", n), 12+n*2)
	}
	s.vod("model", 2)
	s.vod("ident", 1)
	origin := httptest.NewServer(http.FileServer(http.Dir(s.path("vods"))))
	t.Cleanup(origin.Close)
	s.origin = origin.URL
	s.write("plan.file", studioPlan)
	s.write("vod2live.yaml", "origins: { vod: { url: \""+origin.URL+"\", measure: off } }\n"+
		"channels:\n  kids: { target_duration: 30s, model: vod/model/master.m3u8, filler: [ vod/ident/master.m3u8 ], schedule: ./kids.json }\n")
	return s
}

// vod writes a VOD of some segments of 30 s, and a shorter one.
func (s *studio) vod(name string, segments int) {
	s.t.Helper()
	folder := filepath.Join(s.folder, "vods", name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		s.t.Fatal(err)
	}
	media := "#EXTM3U\n#EXT-X-TARGETDURATION:30\n"
	for n := range segments {
		media += fmt.Sprintf("#EXTINF:30.000,\n%d.ts\n", n)
	}
	write(s.t, filepath.Join(folder, "0.m3u8"), media+"#EXTINF:2.480,\nlast.ts\n#EXT-X-ENDLIST\n")
	write(s.t, filepath.Join(folder, "master.m3u8"), "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000,CODECS=\"avc1.64001f,mp4a.40.2\"\n0.m3u8\n")
}

// schedule runs the example, and returns what it prints.
func (s *studio) schedule(args ...string) string {
	s.t.Helper()
	run := exec.Command(s.binary, args...)
	run.Dir = s.folder
	var notes bytes.Buffer
	run.Stderr = &notes
	out, err := run.Output()
	if s.notes = notes.String(); err != nil {
		s.t.Fatalf("scheduler %s: %v\n%s", args, err, s.notes)
	}
	return string(out)
}

// week writes a wish for a week from a day on.
func (s *studio) week(to string, now time.Time, args ...string) string {
	s.t.Helper()
	wish := s.schedule(append([]string{"week", "-plan", "plan.file", "-vods", "vods", "-now", now.Format(time.RFC3339)}, args...)...)
	s.write(to, wish)
	return wish
}

// shownPlay is a play as schedule show prints it.
type shownPlay struct {
	Start, End time.Time
	VOD, Title string
	Media      []int64 `json:"media_sequence"`
}

// plays are what a locked schedule plays between two instants.
func (s *studio) plays(file string, from, to time.Time) (all []shownPlay) {
	s.t.Helper()
	if status := s.run("show", file, "-json", "-from", from.Format(time.RFC3339Nano), "-to", to.Format(time.RFC3339Nano)); status != exitOK {
		s.t.Fatalf("show: %d %s", status, &s.err)
	}
	if err := json.Unmarshal(s.out.Bytes(), &all); err != nil || len(all) == 0 {
		s.t.Fatalf("%d plays: %v", len(all), err)
	}
	return all
}

func (s *studio) berlin(text string) time.Time {
	s.t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		s.t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		s.t.Fatal(err)
	}
	return at
}

// TestScheduler_AWeekHasNoGapAndKeepsVODsApart, over both changes of the clocks: each part
// begins when clocks on the wall say so.
func TestScheduler_AWeekHasNoGapAndKeepsVODsApart(t *testing.T) {
	s := newStudio(t)
	for _, c := range []struct {
		monday, sunday string
		length         time.Duration
		parts          []string // of the Sunday
	}{
		{"2031-03-24 00:00", "2031-03-30 00:00", 7*24*time.Hour - time.Hour, []string{"00:00 +0100", "03:00 +0200", "06:00 +0200", "18:00 +0200"}},
		{"2031-10-20 00:00", "2031-10-26 00:00", 7*24*time.Hour + time.Hour, []string{"00:00 +0200", "02:30 +0200", "03:00 +0100", "06:00 +0100", "18:00 +0100"}},
	} {
		monday, sunday := s.berlin(c.monday), s.berlin(c.sunday)
		wish := s.week("wish.json", monday.Add(9*time.Hour))
		if again := s.week("again.json", monday.Add(15*time.Hour)); again != wish {
			t.Errorf("%s: another wish for the same week", c.monday)
		}
		s.lock("kids.json", "wish.json")
		o, err := schedule.Read("kids.json", []byte(s.read("kids.json")))
		if err != nil {
			t.Fatal(err)
		}
		var parts []string
		for _, e := range o.Eras {
			if at := e.At.In(sunday.Location()); !at.Before(sunday) {
				parts = append(parts, at.Format("15:04 -0700"))
			}
		}
		if fmt.Sprint(parts) != fmt.Sprint(c.parts) {
			t.Errorf("%s has the parts %s, want %s", c.sunday, parts, c.parts)
		}
		all := s.plays("kids.json", monday, monday.Add(c.length))
		s.apart(all)
		end := all[0].Start
		if !end.Equal(monday) {
			t.Errorf("the week begins at %s, want %s", end, monday)
		}
		filler := time.Duration(0)
		for _, p := range all {
			if !p.Start.Equal(end) {
				t.Fatalf("a gap from %s to %s", end, p.Start)
			}
			if end = p.End; p.VOD == "vod/ident/master.m3u8" {
				filler += end.Sub(p.Start)
			}
		}
		if last := monday.Add(c.length); end.Before(last) || filler > 24*time.Hour {
			t.Errorf("the week ends at %s, want %s; %s of filler", end, last, filler)
		}
	}
}

// apart reports VODs that begin twice within 20 h, but for the half minute that
// parts may begin early.
func (s *studio) apart(all []shownPlay) {
	s.t.Helper()
	last, titles := map[string]time.Time{}, map[string]bool{}
	for _, p := range all {
		if p.VOD == "vod/ident/master.m3u8" {
			continue
		}
		at := p.Start
		if before, known := last[p.VOD]; known && at.Sub(before) < 20*time.Hour-2*time.Minute {
			s.t.Errorf("%s begins at %s and %s", p.VOD, before, at)
		}
		last[p.VOD], titles[p.Title] = at, true
	}
	if len(last) < 60 || !titles["Film 8"] || !titles["My cartoon 12"] || titles[""] {
		s.t.Errorf("%d VODs are played, with the titles %v", len(last), titles)
	}
}

// TestScheduler_ANightChangesNothingThatIsPlanned: a nightly run appends a day to the plan.
// The result is that of one run for all days, and new VODs change only the days appended.
func TestScheduler_ANightChangesNothingThatIsPlanned(t *testing.T) {
	s := newStudio(t)
	today := s.berlin(time.Now().Format(time.DateOnly) + " 12:00")
	atOnce := s.week("wish.json", today, "-days", "8")
	s.week("wish.json", today)
	s.lock("kids.json", "wish.json")
	wish := s.week("wish.json", today.Add(24*time.Hour), "-after", "kids.json")
	if one, two := s.planned(atOnce), s.planned(wish); one != two {
		t.Errorf("at once:\n%s\nin two nights:\n%s", one, two)
	}
	s.vod("films/new", 1000)
	s.week("wish.json", today.Add(24*time.Hour), "-after", "kids.json")
	s.lock("next.json", "wish.json", "-after", "kids.json")
	before, after := s.eras("kids.json"), s.eras("next.json")
	same := 0
	for at, e := range before {
		if now, kept := after[at]; kept && now != e {
			t.Errorf("%s was\n%s\nand is\n%s", at, e, now)
		} else if kept {
			same++
		}
	}
	if same < 25 || len(after) < same+4 {
		t.Errorf("%d of %d eras are kept, %d are there", same, len(before), len(after))
	}
}

// planned is what a wish plays from when on.
func (s *studio) planned(wish string) string {
	s.t.Helper()
	var w struct {
		Eras []struct {
			At   time.Time
			Play []struct{ VOD, Title string }
		}
	}
	if err := json.Unmarshal([]byte(wish), &w); err != nil {
		s.t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range w.Eras {
		fmt.Fprintln(&b, e.At.UTC(), e.Play)
	}
	return b.String()
}

// eras are those of an object, each as one line, by their instants.
func (s *studio) eras(file string) map[string]string {
	s.t.Helper()
	all := map[string]string{}
	for line := range strings.Lines(s.read(file)) {
		if at, is := strings.CutPrefix(line, `    {"at": "`); is {
			at, _, _ = strings.Cut(at, `"`)
			all[at] = strings.Trim(line, " ],}\n")
		}
	}
	return all
}

// TestScheduler_AWebhookIsAskedUntilEnoughIsPlanned, and the next run goes on when the last
// of its VODs ends.
func TestScheduler_AWebhookIsAskedUntilEnoughIsPlanned(t *testing.T) {
	s := newStudio(t)
	address := s.origin + "/films/film-%d/master.m3u8"
	var asked atomic.Int64
	webhook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		if r.FormValue("channelId") != "kids" || r.FormValue("key") != "secret" {
			t.Errorf("the webhook is asked %s", r.URL)
		}
		fmt.Fprintf(w, `{"id":"%d","title":"Answer %d","hlsUrl":%q,"desiredOffsetMs":60000}`, n, n, fmt.Sprintf(address, (n-1)%15*3)) // film-42 is missing
	}))
	t.Cleanup(webhook.Close)
	now := time.Now().Truncate(time.Second)
	next := func(now time.Time, args ...string) {
		s.write("wish.json", s.schedule(append([]string{"next", "-channel", "kids", "-webhook", webhook.URL + "?key=secret", "-origin", "vod=" + s.origin, "-now", now.Format(time.RFC3339)}, args...)...))
	}
	next(now)
	s.lock("kids.json", "wish.json")
	end := s.fillerBegins("kids.json", now, now.Add(48*time.Hour))
	first := asked.Load()
	if end.Before(now.Add(24*time.Hour)) || first < 10 || first > 25 {
		t.Errorf("%d answers last to %s, from %s", first, end, now)
	}
	next(now.Add(12*time.Hour), "-after", "kids.json", "-ahead", "60h")
	if !strings.Contains(s.notes, "film-42/master.m3u8: 404") || strings.Contains(s.notes, "secret") {
		t.Errorf("of the missing VOD it says %q", s.notes)
	}
	s.lock("next.json", "wish.json", "-after", "kids.json")
	all := s.plays("next.json", end, end.Add(time.Second))
	if want := fmt.Sprintf("Answer %d", first+1); !all[0].Start.Equal(end) || all[0].Title != want {
		t.Errorf("%+v follows at %s, want %s", all[0], end, want)
	}
}

// fillerBegins is when the filler begins.
func (s *studio) fillerBegins(file string, from, to time.Time) time.Time {
	s.t.Helper()
	for _, p := range s.plays(file, from, to) {
		if p.VOD == "vod/ident/master.m3u8" {
			return p.Start
		}
	}
	s.t.Fatal("no filler")
	return to
}

// bucketTool stands in for aws: a bucket is a folder. Whoever is in rival.json writes first.
const bucketTool = `#!/bin/sh
etag() { if [ -e "$1" ]; then md5sum <"$1" | cut -c1-32; fi; }
verb=$2 object=$BUCKETS/$4/object.json
case $verb in
get-object)
	if [ ! -e "$object" ]; then echo "An error occurred (NoSuchKey) when calling the GetObject operation" >&2; exit 254; fi
	cp "$object" "$7" && etag "$7" ;;
put-object)
	if [ -e rival.json ]; then mv rival.json "$object"; fi
	if [ "${11}" = --if-match ]; then want=${12}; else want=; fi
	if [ "$(etag "$object")" != "$want" ]; then echo "An error occurred (PreconditionFailed) when calling the PutObject operation" >&2; exit 254; fi
	cp "$8" "$object" ;;
esac
`

// TestScheduler_TheNightlyJobGoesOnAfterWhoeverWroteFirst: it writes the first object, and
// goes on after another one, of which nothing is lost.
func TestScheduler_TheNightlyJobGoesOnAfterWhoeverWroteFirst(t *testing.T) {
	s := newStudio(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tools := t.TempDir()
	for name, to := range map[string]string{"vod2live": self, "scheduler": s.binary, "sleep": "/bin/true"} {
		if err := os.Symlink(to, filepath.Join(tools, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(tools, "aws"), []byte(bucketTool), 0o700); err != nil {
		t.Fatal(err)
	}
	job, err := filepath.Abs("../../deploy/tools/scheduler/nightly")
	if err == nil {
		err = os.Mkdir(s.path("bucket"), 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	nightly := func(days string) {
		t.Helper()
		run := exec.Command(job, "scheduler", "week", "-plan", "plan.file", "-vods", "vods", "-days", days)
		run.Dir = s.folder
		run.Env = append(os.Environ(), "PATH="+tools+":"+os.Getenv("PATH"), asProgram+"=1", "BUCKETS="+s.folder,
			"BUCKET=bucket", "KEY=kids/schedule.json", "VOD2LIVE_CONFIG="+s.path("vod2live.yaml"))
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	nightly("1")
	first := s.eras("bucket/object.json")
	at := s.berlin(time.Now().AddDate(0, 0, 2).Format(time.DateOnly) + " 12:00").UTC().Format(time.RFC3339)
	s.write("wish.json", fmt.Sprintf(`{"channel":"kids","eras":[{"at":%q,"play":["vod/films/film-3/master.m3u8"]}]}`, at))
	s.lock("rival.json", "wish.json", "-after", "bucket/object.json")
	rival := s.eras("rival.json")
	nightly("5")
	last := s.eras("bucket/object.json")
	if len(first) < 4 || len(last) < len(rival)+4 {
		t.Errorf("first %d eras, then %d of a rival, and %d at the end", len(first), len(rival), len(last))
	}
	if rival[at] == "" || last[at] != rival[at] {
		t.Errorf("the rival has %q at %s, and at last there is %q", rival[at], at, last[at])
	}
}

// TestScheduler_TheExamplesOfItsPageAreValid: people copy them.
func TestScheduler_TheExamplesOfItsPageAreValid(t *testing.T) {
	text, err := os.ReadFile("../../deploy/SCHEDULES.md")
	if err != nil {
		t.Fatal(err)
	}
	example := func(language string) string {
		_, after, _ := strings.Cut(string(text), "```"+language+"\n")
		example, _, closed := strings.Cut(after, "```")
		if !closed {
			t.Fatalf("no example of %s", language)
		}
		return example
	}
	s := &station{t: t, folder: t.TempDir()}
	s.write("vod2live.yaml", example("yaml"))
	if status := run(t.Context(), []string{"-validate", "-config", s.path("vod2live.yaml")}, environment(), terminal{&s.out, &s.err}); status != exitOK {
		t.Errorf("the configuration: %d %s%s", status, &s.out, &s.err)
	}
	plan, err := os.ReadFile("../../deploy/tools/scheduler/plan.json")
	if err != nil {
		t.Fatal(err)
	}
	blank := strings.NewReplacer(" ", "", "\n", "")
	if got := example("json"); blank.Replace(got) != blank.Replace(string(plan)) {
		t.Errorf("the plan is\n%s\nand that of the scheduler\n%s", got, plan)
	}
}
