package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vod2live/proxy/schedule"
)

// library is an origin whose VODs are named after the durations of their segments:
// /a-6-6-3.5/master.m3u8.
type library struct {
	mu   sync.Mutex // guards all below
	gone string     // the VOD that is absent
}

func (l *library) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	folder, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	l.mu.Lock()
	gone := l.gone
	l.mu.Unlock()
	switch parts := strings.Split(folder, "-"); {
	case folder == gone:
		http.NotFound(w, r)
	case name == "master.m3u8":
		fmt.Fprint(w, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000,CODECS=\"avc1.64001f,mp4a.40.2\"\n0.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2000,CODECS=\"avc1.64001f,mp4a.40.2\"\n1.m3u8\n")
	default:
		fmt.Fprint(w, "#EXTM3U\n#EXT-X-TARGETDURATION:6\n")
		for n, seconds := range parts[1:] {
			fmt.Fprintf(w, "#EXTINF:%s,\n%s-%d.ts\n", seconds, strings.TrimSuffix(name, ".m3u8"), n)
		}
		fmt.Fprint(w, "#EXT-X-ENDLIST\n")
	}
}

func (l *library) without(folder string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gone = folder
}

// station is a folder with a configuration of the channel kids, and files beside it.
type station struct {
	t      *testing.T
	vods   *library
	folder string
	out    bytes.Buffer // of the last command
	err    bytes.Buffer
}

func newStation(t *testing.T) *station {
	s := &station{t: t, vods: &library{}, folder: t.TempDir()}
	origin := httptest.NewServer(s.vods)
	t.Cleanup(origin.Close)
	s.write("vod2live.yaml", "origins: { vod: { url: \""+origin.URL+"\", measure: off } }\n"+
		"channels:\n  kids: { target_duration: 6s, model: vod/a-6-6-6/master.m3u8, slate: vod/slate-6-6-6-6/master.m3u8, schedule: ./kids.json }\n")
	return s
}

func (s *station) path(name string) string { return filepath.Join(s.folder, name) }

func (s *station) write(name, text string) { write(s.t, s.path(name), text) }

// run runs schedule; files are named without the folder. What it prints is in out.
func (s *station) run(args ...string) (status int) {
	s.t.Helper()
	s.out.Reset()
	s.err.Reset()
	for n, arg := range args {
		if strings.HasSuffix(arg, ".json") {
			args[n] = s.path(arg)
		}
	}
	args = append([]string{"schedule"}, append(args, "-config", s.path("vod2live.yaml"))...)
	return run(s.t.Context(), args, environment(), terminal{&s.out, &s.err})
}

// wish is one era after the other; each: hours from now, and the VODs of its loop.
func (s *station) wish(eras ...string) {
	var all []string
	for _, e := range eras {
		hours, vods, _ := strings.Cut(e, " ")
		after, err := time.ParseDuration(hours)
		if err != nil {
			s.t.Fatal(err)
		}
		loop := "\"vod/" + strings.ReplaceAll(vods, " ", "/master.m3u8\",\"vod/") + "/master.m3u8\""
		all = append(all, fmt.Sprintf(`{"at":%q,"loop":[%s]}`, today.Add(after).Format(time.RFC3339), loop))
	}
	s.write("wish.json", `{"channel":"kids","eras":[`+strings.Join(all, ",")+`]}`)
}

// today is when the tests of a process begin, to the second.
var today = time.Now().UTC().Truncate(time.Second)

// lock writes what lock prints to a file.
func (s *station) lock(to string, args ...string) {
	s.t.Helper()
	if status := s.run(append([]string{"lock"}, args...)...); status != exitOK {
		s.t.Fatalf("lock ends with %d: %s", status, &s.err)
	}
	s.write(to, s.out.String())
}

// TestSchedule_FromAWishToAServer: check, lock, check, show, serve, and an edit that the
// server adopts.
func TestSchedule_FromAWishToAServer(t *testing.T) {
	s := newStation(t)
	s.wish("-1h a-6-6-6 b-6-3", "3h b-6-3")
	if status := s.run("check", "wish.json"); status != exitOK || !strings.Contains(s.out.String(), "can be on air") {
		t.Fatalf("check of the wish: %d\n%s%s", status, &s.out, &s.err)
	}
	s.lock("kids.json", "wish.json")
	if s.err.Len() > 0 {
		t.Errorf("lock says %s", &s.err)
	}
	if status := s.run("check", "kids.json"); status != exitOK {
		t.Fatalf("check of the locked schedule: %d\n%s%s", status, &s.out, &s.err)
	}
	if status := s.run("show", "kids.json", "-json"); status != exitOK {
		t.Fatalf("show: %d %s", status, &s.err)
	}
	var shown []map[string]any
	if err := json.Unmarshal(s.out.Bytes(), &shown); err != nil || len(shown) < 1000 || shown[0]["vod"] == shown[1]["vod"] {
		t.Errorf("show tells %d plays: %v", len(shown), err)
	}
	p := start(t, "-config", s.path("vod2live.yaml"))
	s.await(p.operator+"/metrics", `vod2live_schedule_looks_total{outcome="adopted"} 1`)
	s.await(p.operator+"/metrics", "vod2live_ready 1")
	status, body := get(t, p.viewers+"/kids/master.m3u8/0.m3u8")
	if status != http.StatusOK || !strings.Contains(body, "../../vod/b-6-3/0-1.ts") {
		t.Errorf("the server answers %d\n%s", status, body)
	}
	s.wish("-1h a-6-6-6 b-6-3", "4h c-6-6")
	s.lock("next.json", "wish.json", "-after", "kids.json")
	s.write("kids.json", s.read("next.json"))
	s.await(p.operator+"/metrics", `vod2live_schedule_looks_total{outcome="adopted"} 2`)
}

// await asks for an address until the answer has a text.
func (s *station) await(address, text string) {
	s.t.Helper()
	for {
		_, body := get(s.t, address)
		if strings.Contains(body, text) {
			return
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-s.t.Context().Done():
			s.t.Fatalf("%s has no %s: %s", address, text, body)
		}
	}
}

// TestSchedule_LockRefusesWhatIsFrozen: and it continues the numbers of the current schedule.
func TestSchedule_LockRefusesWhatIsFrozen(t *testing.T) {
	s := newStation(t)
	s.wish("-2h a-6-6-6", "-1h b-6-3", "3h a-6-6-6")
	s.lock("kids.json", "wish.json")
	for wish, want := range map[string]string{
		"-2h a-6-6-6|-1h a-6-6-6|3h a-6-6-6": "frozen",
		"-2h a-6-6-6|3h a-6-6-6":             "frozen",
		"-2h a-6-6-6|-1h b-6-3|1m a-6-6-6":   "frozen",
	} {
		s.wish(strings.Split(wish, "|")...)
		if status := s.run("lock", "wish.json", "-after", "kids.json"); status != exitUsage || !strings.Contains(s.err.String(), want) || s.out.Len() > 0 {
			t.Errorf("%s: %d %s", wish, status, &s.err)
		}
	}
	s.write("target.json", `{"channel":"kids","target_duration":8,"eras":[{"at":"2099-01-01T00:00:00Z","loop":["vod/a-6-6-6/master.m3u8"]}]}`)
	if status := s.run("lock", "target.json", "-after", "kids.json"); status != exitUsage || !strings.Contains(s.err.String(), "target_duration of the wish is 8s, and 6s in the current schedule") {
		t.Errorf("another target duration: %d %s", status, &s.err)
	}
	s.wish("2h b-6-3") // what is frozen need not be wished for again
	s.lock("next.json", "wish.json", "-after", "kids.json")
	o, err := schedule.Read("next", s.out.Bytes())
	if err != nil || len(o.Eras) != 2 || o.Eras[0].Loop[0].Path != "b-6-3/master.m3u8" || !o.Eras[1].At.Equal(today.Add(2*time.Hour)) {
		t.Errorf("%v: %+v", err, o)
	}
}

// TestSchedule_LockOfMissingVODs: refused by name, left out where that is wanted; one that
// is on air and gone need not be there.
func TestSchedule_LockOfMissingVODs(t *testing.T) {
	s := newStation(t)
	s.wish("-1h a-6-6-6 b-6-3")
	s.lock("kids.json", "wish.json")
	s.vods.without("c-6")
	s.wish("2h c-6 b-6-3")
	if status := s.run("lock", "wish.json", "-after", "kids.json"); status != exitUsage || !strings.Contains(s.err.String(), "vod/c-6/master.m3u8") {
		t.Errorf("%d %s", status, &s.err)
	}
	if status := s.run("lock", "wish.json", "-after", "kids.json", "-skip-missing"); status != exitFailure || !strings.Contains(s.err.String(), "left out: vod/c-6/master.m3u8") || strings.Contains(s.out.String(), "c-6") {
		t.Errorf("%d %s", status, &s.err)
	}
	s.vods.without("b-6-3")
	s.wish("2h a-6-6-6")
	s.lock("next.json", "wish.json", "-after", "kids.json")
	if status := s.run("check", "next.json"); status != exitUsage || !strings.Contains(s.out.String(), "not-found") {
		t.Errorf("check: %d\n%s", status, &s.out)
	}
}

// TestSchedule_AnObjectIsEditedAsAWish: what show prints is locked as it is, or with an era
// of another VOD; the object itself can be locked again, too.
func TestSchedule_AnObjectIsEditedAsAWish(t *testing.T) {
	s := newStation(t)
	s.wish("-2h a-6-6-6", "3h b-6-3 a-6-6-6", "5h a-6-6-6")
	s.lock("kids.json", "wish.json")
	if status := s.run("show", "kids.json", "-wish"); status != exitOK || strings.Contains(s.out.String(), "stretches") || strings.Contains(s.out.String(), "frozen") {
		t.Fatalf("show -wish: %d %s%s", status, &s.out, &s.err)
	}
	wish := s.out.String()
	eras := func(file string) string { _, all, _ := strings.Cut(s.read(file), `"eras"`); return all }
	for name, text := range map[string]string{"bare.json": wish, "whole.json": s.read("kids.json")} {
		s.write(name, text)
		if s.lock("next.json", name, "-after", "kids.json"); eras("next.json") != eras("kids.json") {
			t.Errorf("%s: %s\nwant %s", name, eras("next.json"), eras("kids.json"))
		}
	}
	s.write("edit.json", strings.Replace(wish, "b-6-3", "c-6-6-6-6", 1))
	s.lock("next.json", "edit.json", "-after", "kids.json")
	o, err := schedule.Read("next", []byte(s.read("next.json")))
	if err != nil || len(o.Eras) != 3 || o.Eras[1].Loop[0].Path != "c-6-6-6-6/master.m3u8" || o.Eras[2].Numbers == nil {
		t.Errorf("%v: %+v", err, o)
	}
}

// TestSchedule_AWithdrawnVODThatIsNotPlayedIsNoted: its address is wrong, or it is not
// needed any more.
func TestSchedule_AWithdrawnVODThatIsNotPlayedIsNoted(t *testing.T) {
	s := newStation(t)
	s.wish("-1h a-6-6-6 b-6-3")
	s.write("wish.json", strings.Replace(s.read("wish.json"), "{", `{"withdrawn":["vod/b-6-3/master.m3u8","vod/c-6/master.m3u8"],`, 1))
	s.lock("kids.json", "wish.json")
	if got := s.err.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "vod/c-6/master.m3u8 is not in the schedule") {
		t.Errorf("lock says %q", got)
	}
}

// TestSchedule_LockWantsASlateThatFits, or to be told that gaps will do.
func TestSchedule_LockWantsASlateThatFits(t *testing.T) {
	s := newStation(t)
	s.wish("-1h a-6-6-6 d-4-4-4")
	if status := s.run("lock", "wish.json"); status != exitUsage || !strings.Contains(s.err.String(), "vod/d-4-4-4/master.m3u8: the slate does not fit") || s.out.Len() > 0 {
		t.Errorf("%d %s", status, &s.err)
	}
	s.lock("kids.json", "wish.json", "-gaps")
	if status := s.run("check", "kids.json"); status != exitFailure || !strings.Contains(s.out.String(), "item-gaps") {
		t.Errorf("check: %d\n%s", status, &s.out)
	}
}

// TestSchedule_MistakesAreReported: of the command, and of what it reads.
func TestSchedule_MistakesAreReported(t *testing.T) {
	s := newStation(t)
	s.wish("-1h a-6-6-6")
	s.write("bad.json", `{"eras":[{"at":"today"}]}`)
	loop := `"eras":[{"at":"2026-12-01T06:00:00Z","loop":["vod/a-6-6-6/master.m3u8"]},{"at":"2026-12-02T06:00:00Z","loop":["films/a/master.m3u8"]}]}`
	s.write("other.json", `{"channel":"news",`+loop)
	s.lock("locked.json", "wish.json")
	s.write("nameless.json", `{`+loop)
	s.write("origin.json", `{"channel":"kids",`+loop)
	for args, want := range map[string]string{
		"":                                "check, lock, show or schema is missing",
		"lok wish.json":                   `unknown command schedule "lok"`,
		"check":                           "needs one schedule",
		"check bad.json":                  `bad.json:1:16: at: "today" is not an instant`,
		"check none.json":                 "no such file",
		"show wish.json":                  "not locked",
		"schema x":                        "schema takes nothing",
		"check wish.json -channel none":   `the schedule is for the channel "kids", not for "none"`,
		"check nameless.json":             `names no channel`,
		"lock nameless.json -channel no":  `channel "no" not found in the configuration; the channels are: kids`,
		"lock other.json":                 `channel "news" not found in the configuration; the channels are: kids`,
		"check origin.json":               `films/a/master.m3u8 is a VOD of the origin "films"; the object may name VODs of: vod`,
		"lock origin.json":                `films/a/master.m3u8 is a VOD of the origin "films"; the object may name VODs of: vod`,
		"check cdn/kids/wish.yaml":        `no such file, and no origin "cdn"`,
		"lock wish.json -after wish.json": "the current schedule is not locked",
		"show wish.json -from tomorrow":   "tomorrow",
		"show wish.json -wish":            "not locked",
		"show locked.json -from 2099-01-02T00:00:00Z -to 2099-01-01T00:00:00Z": "-to 2099-01-01T00:00:00Z is not after -from 2099-01-02T00:00:00Z",
	} {
		if status := s.run(strings.Fields(args)...); status != exitUsage || !strings.Contains(s.err.String(), want) {
			t.Errorf("schedule %s: %d %s, want %s", args, status, &s.err, want)
		}
	}
	if status := s.run("show", "locked.json", "-from", "2020-01-01T00:00:00Z"); status != exitOK || s.out.Len() > 0 || !strings.Contains(s.err.String(), "nothing plays from 2020-01-01") {
		t.Errorf("show of the time before: %d %s%s", status, &s.out, &s.err)
	}
	s.out.Reset()
	s.err.Reset()
	if status := run(t.Context(), []string{"schedule", "lock", s.path("origin.json"), "-origin", "http://127.0.0.1:1"}, environment(), terminal{&s.out, &s.err}); status != exitUsage || !strings.Contains(s.err.String(), "no -config is given") {
		t.Errorf("lock without a configuration: %d %s", status, &s.err)
	}
	if status := s.run("schema"); status != exitOK || s.out.String() != schedule.Schema {
		t.Errorf("schema: %d", status)
	}
}

// TestSchedule_ThreeServersAnswerAlike many times, each started on its own, one from
// an object whose past was dropped.
func TestSchedule_ThreeServersAnswerAlike(t *testing.T) {
	s := newStation(t)
	s.write("wish.json", fmt.Sprintf(`{"channel":"kids","target_duration":2,"model":"vod/a-1-1-1/master.m3u8","slate":"vod/slate-1-1-1-1-1-1/master.m3u8",
		"eras":[{"at":%q,"loop":["vod/a-1-1-1/master.m3u8","vod/b-2-1/master.m3u8"]},{"at":%q,"loop":["vod/c-1-2/master.m3u8","vod/a-1-1-1/master.m3u8"]}]}`,
		today.Add(-48*time.Hour).Format(time.RFC3339), today.Add(-24*time.Hour).Format(time.RFC3339)))
	s.lock("kids.json", "wish.json", "-gaps")
	var all []*program
	for n := range 3 {
		if n == 2 {
			o, err := schedule.Read("kids", []byte(s.read("kids.json")))
			if err != nil || len(o.Eras) != 2 {
				t.Fatalf("%v, %d eras", err, len(o.Eras))
			}
			o.Eras = o.Eras[1:]
			s.write("kids.json", string(o.Encode()))
		}
		p := start(t, "-config", s.path("vod2live.yaml"))
		s.await(p.operator+"/metrics", "vod2live_ready 1")
		all = append(all, p)
	}
	for range 20 {
		alike := false
		for try := 0; try < 3 && !alike; try++ { // a change may come between
			alike = s.alike(all)
		}
		if !alike {
			t.Fatal("three servers differ")
		}
	}
}

// alike says whether some servers answer alike.
func (s *station) alike(all []*program) bool {
	s.t.Helper()
	_, first := get(s.t, all[0].viewers+"/kids/master.m3u8/0.m3u8")
	for _, p := range all[1:] {
		if status, body := get(s.t, p.viewers+"/kids/master.m3u8/0.m3u8"); status != http.StatusOK || body != first {
			return false
		}
	}
	return true
}

func (s *station) read(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}
