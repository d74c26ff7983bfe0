package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones, where the system has none
	"unicode"
)

// plan says what is on at which time of the day.
type plan struct {
	Channel string
	Origin  string // whose URL is the address of the folder
	Zone    string // of all times, such as Europe/Berlin
	Apart   string // no VOD begins twice within that: 20h
	Parts   []part

	zone  *time.Location
	apart time.Duration
}

// part of the day: from a time on, whole VODs of a folder, then the channel's filler until the next part.
type part struct {
	At   string // 20:15, as clocks on the wall show it
	Days string // "Sat Sun"; empty: every day
	From string // the folder within the folder of all VODs; empty: all of it
}

func weekCommand(flags *flag.FlagSet, args []string, notes io.Writer) (*wish, error) {
	var c common
	planFile := flags.String("plan", "plan.json", "the plan `FILE`")
	folder := flags.String("vods", ".", "the `FOLDER` of all VODs, or at least of their playlists")
	name := flags.String("playlist", "master.m3u8", "the `NAME` of a VOD's multivariant playlist")
	days := flags.Int("days", 7, "how many `DAYS` to plan, from today on")
	if err := c.parse(flags, args); err != nil {
		return nil, err
	}
	p, err := readPlan(*planFile)
	if err != nil {
		return nil, err
	}
	now, err := c.instant()
	if err != nil {
		return nil, err
	}
	w, err := readWish(c.after, p.Channel)
	if err != nil {
		return nil, err
	}
	all, err := p.findVODs(*folder, *name, notes)
	if err != nil {
		return nil, err
	}
	f := newFilling(p, w, all, notes)
	f.fill(p.starts(now, *days+1), w.begins(now), dayOf(now.In(p.zone), *days))
	return w, nil
}

func readPlan(file string) (*plan, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p := &plan{}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return p, nil
}

func (p *plan) check() (err error) {
	if p.Channel == "" || p.Origin == "" || p.Zone == "" || len(p.Parts) == 0 {
		return errors.New("channel, origin, zone and parts are needed")
	}
	if p.zone, err = time.LoadLocation(p.Zone); err != nil {
		return err
	}
	if p.apart, err = time.ParseDuration(cmp.Or(p.Apart, "0s")); err != nil {
		return fmt.Errorf("apart: %w", err)
	}
	for _, one := range p.Parts {
		if _, err := time.Parse("15:04", one.At); err != nil {
			return fmt.Errorf("at: %q is not a time such as 20:15", one.At)
		}
	}
	return nil
}

// start is when a part of a day begins.
type start struct {
	part
	at time.Time
}

// starts are those of some days, in their order, and the first one after these.
func (p *plan) starts(now time.Time, days int) (all []start) {
	for n := range days + 1 {
		day := dayOf(now.In(p.zone), n)
		for _, one := range p.Parts {
			if one.Days == "" || strings.Contains(one.Days, day.Format("Mon")) {
				all = append(all, start{one, clock(day, one.At)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b start) int { return a.at.Compare(b.at) })
	return all
}

// dayOf is noon, n days after an instant's day. Only noon is there once on each day, wherever one is.
func dayOf(t time.Time, n int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+n, 12, 0, 0, 0, t.Location())
}

// clock is the first instant of a day at which clocks on the wall show a time, or a later one: in spring there is no
// 02:30, and in autumn there are two. It walks through the day, which is slow, and right in every zone.
func clock(noon time.Time, at string) time.Time {
	want := noon.Format(time.DateOnly) + " " + at
	t := noon.Add(-14 * time.Hour)
	for t.Format("2006-01-02 15:04") < want {
		t = t.Add(time.Minute)
	}
	return t
}

// vod is one of the folder.
type vod struct {
	item
	path   string // from the folder
	length time.Duration
}

// findVODs finds all VODs of a folder. One whose playlists can't be read is left out.
func (p *plan) findVODs(folder, playlist string, notes io.Writer) (all []vod, err error) {
	r := newReader(folder)
	err = fs.WalkDir(os.DirFS(folder), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Base(file) != playlist {
			return err
		}
		u := &url.URL{Scheme: "file", Path: "/" + file}
		length, err := r.length(u)
		if err != nil {
			fmt.Fprintf(notes, "scheduler: left out: %v\n", err)
			return nil
		}
		all = append(all, vod{item{VOD: p.Origin + u.EscapedPath(), Title: title(file)}, file, length})
		return nil
	})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("no %s in %s", playlist, folder)
	}
	return all, err
}

// title is made of the name of the VOD's folder: films/the-big_film/master.m3u8 is "The big film".
func title(file string) string {
	words := []rune(strings.NewReplacer("-", " ", "_", " ").Replace(path.Base(path.Dir(file))))
	words[0] = unicode.ToUpper(words[0])
	return string(words)
}

// filling is a wish that is being filled.
type filling struct {
	plan  *plan
	wish  *wish
	vods  []vod
	last  map[string]time.Time // when each VOD begins last
	notes io.Writer
}

// newFilling knows what is planned already: VODs stay apart from that, too.
func newFilling(p *plan, w *wish, vods []vod, notes io.Writer) *filling {
	f := &filling{p, w, vods, map[string]time.Time{}, notes}
	lengths := map[string]time.Duration{}
	for _, v := range vods {
		lengths[v.VOD] = v.length
	}
	for _, e := range w.planned {
		t := e.At
		for _, i := range e.Play {
			f.last[i.VOD] = t
			t = t.Add(lengths[i.VOD])
		}
	}
	return f
}

// fill plans the parts that begin from an instant on, before the noon of a day.
func (f *filling) fill(starts []start, from, day time.Time) {
	end := clock(day, "00:00")
	for n, s := range starts[:len(starts)-1] {
		length := starts[n+1].at.Sub(s.at)
		if s.at.Before(from) || !s.at.Before(end) || length == 0 { // two parts at once: when clocks skip an hour
			continue
		}
		f.wish.add(f.part(s, length))
	}
}

// part chooses whole VODs until none fits into what is left.
func (f *filling) part(s start, left time.Duration) era {
	e := era{At: s.at, Play: []item{}}
	t, all := s.at, f.shuffled(s)
	for {
		n := slices.IndexFunc(all, func(v vod) bool {
			begun, known := f.last[v.VOD]
			return v.length <= left && (!known || t.Sub(begun) >= f.plan.apart)
		})
		if n < 0 {
			break
		}
		e.Play = append(e.Play, all[n].item)
		f.last[all[n].VOD] = t
		t, left = t.Add(all[n].length), left-all[n].length
	}
	switch {
	case len(all) == 0:
		fmt.Fprintf(f.notes, "scheduler: %s: filler only: no playlist of a VOD below %q\n", s.at.Format("Mon 2006-01-02 15:04"), s.From)
	case left > time.Hour:
		fmt.Fprintf(f.notes, "scheduler: %s: %.1f h of filler: no other VOD fits that was not on within %s\n", s.at.Format("Mon 2006-01-02 15:04"), left.Hours(), f.plan.Apart)
	}
	return e
}

// shuffled are the VODs of a part, in an order that depends on its instant and their paths alone: each run has the same.
func (f *filling) shuffled(s start) (all []vod) {
	for _, v := range f.vods {
		if strings.HasPrefix(v.path, s.From) && !f.wish.withdrawn(v.VOD) {
			all = append(all, v)
		}
	}
	key := func(v vod) string {
		sum := sha256.Sum256([]byte(s.at.UTC().Format(time.RFC3339) + " " + v.path))
		return string(sum[:])
	}
	slices.SortFunc(all, func(a, b vod) int { return strings.Compare(key(a), key(b)) })
	return all
}
