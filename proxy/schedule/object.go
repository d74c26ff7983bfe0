package schedule

import (
	"bytes"
	"io"
	"slices"
	"time"
)

// Bounds of an object.
const (
	MaxObject     = 2 << 20
	maxEras       = 10_000
	maxItems      = 100_000
	maxRenditions = 256
	maxNumber     = 1 << 62
	maxLength     = 10 * 365 * 24 * time.Hour // of all items together
)

// Layout is the version of the layout rules that objects are written for.
const Layout = 1

// Object is a schedule as one JSON text: a wish, or what was made of it with starts,
// numbers, sums and stretches written down.
type Object struct {
	Channel
	Name            string    // of the channel; empty: not said
	Written, Frozen time.Time // zero: a wish
	Multivariant    string    // the model's multivariant playlist; nothing needs it yet
	Slate           *Item     // stands in for items
	Withdrawn       []Item    // VODs that are stood in for from now on

	items  int           // so far
	length time.Duration // of all stretches so far
	parts  int           // renditions of the lists of numbers; 0: none yet
}

// topKeys are the keys of an object.
var topKeys = table[Object]{
	"vod2live":        readLayout,
	"channel":         func(r *reader, o *Object) { r.line(&o.Name) },
	"title":           func(r *reader, o *Object) { r.line(&o.Title) },
	"logo":            func(r *reader, o *Object) { r.line(&o.Logo) },
	"number":          func(r *reader, o *Object) { r.line(&o.Number) },
	"group":           func(r *reader, o *Object) { r.line(&o.Group) },
	"target_duration": func(r *reader, o *Object) { readTarget(r, &o.Target) },
	"model":           func(r *reader, o *Object) { o.Model = &Item{}; r.vod(o.Model) },
	"slate":           func(r *reader, o *Object) { o.Slate = &Item{}; r.vod(o.Slate) },
	"multivariant":    func(r *reader, o *Object) { r.readText(&o.Multivariant) },
	"written":         func(r *reader, o *Object) { r.instant(&o.Written) },
	"frozen":          func(r *reader, o *Object) { r.instant(&o.Frozen) },
	"filler":          func(r *reader, o *Object) { readItems(r, o, &o.Filler) },
	"breaks":          func(r *reader, o *Object) { readBreaks(r, &o.Breaks) },
	"withdrawn":       func(r *reader, o *Object) { readVODs(r, o, &o.Withdrawn) },
	"eras":            readEras,
}

// ReadText reads the text of an object, and a byte more of one that is too large: [Read]
// refuses that. It is never nil without an error.
func ReadText(from io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(from, MaxObject+1))
	return bytes.Clone(text), err // without spare capacity
}

// Read reads an object. name is what mistakes call it; the error joins a Mistake for
// each, of at most 100. Whether the origins exist is not known here.
func Read(name string, text []byte) (*Object, error) {
	return ReadWish(name, text, func(*Object) {})
}

// ReadWish reads an object, which a function completes before it is checked as a whole.
func ReadWish(name string, text []byte, complete func(*Object)) (*Object, error) {
	r := &reader{name: name, text: text}
	o := &Object{}
	if !r.open() {
		return nil, r.mistakes()
	}
	start := readObject(r, o, topKeys)
	if len(r.wrong) == 0 {
		complete(o)
		r.checkObject(o, start)
	}
	if len(r.wrong) > 0 {
		return nil, r.mistakes()
	}
	o.Fill()
	return o, nil
}

func readLayout(r *reader, _ *Object) {
	var n int64
	if r.integer(&n) && n != Layout {
		r.mistake(r.at, "vod2live %d: this release lays out by the rules of version %d (layout-version)", n, Layout)
	}
}

func readTarget(r *reader, to *time.Duration) {
	var d time.Duration
	switch at := r.duration(&d); {
	case at < 0:
	case d < time.Second || d > MaxTarget || d%time.Second != 0:
		r.mistake(at, "target_duration: whole seconds are needed, from 1 to %d", MaxTarget/time.Second)
	default:
		*to = d
	}
}

func readEras(r *reader, o *Object) {
	r.list(func() {
		if len(o.Eras) == maxEras {
			r.stop("more than %d eras", maxEras)
			return
		}
		one := eraReading{object: o}
		start := readObject(r, &one, eraKeys)
		if start >= 0 {
			r.checkEra(&one, start)
		}
		o.Eras = append(o.Eras, one.Era)
		r.eras = append(r.eras, start)
	})
}

// eraReading is an era that is being read.
type eraReading struct {
	Era
	object *Object
}

var eraKeys = table[eraReading]{
	"at":      func(r *reader, e *eraReading) { r.instant(&e.At) },
	"wait":    func(r *reader, e *eraReading) { readWait(r, &e.Wait) },
	"play":    func(r *reader, e *eraReading) { readItems(r, e.object, &e.Play) },
	"loop":    func(r *reader, e *eraReading) { readItems(r, e.object, &e.Loop) },
	"end":     func(r *reader, e *eraReading) { r.truth(&e.End) },
	"starts":  func(r *reader, e *eraReading) { r.instant(&e.Starts) },
	"numbers": readNumbers,
}

func readWait(r *reader, to *time.Duration) {
	if at := r.duration(to); at >= 0 && *to > MaxWait {
		r.mistake(at, "wait: too long: at most %s", MaxWait)
	}
}

// numbersReading are numbers that are being read.
type numbersReading struct {
	Numbers
	object *Object
}

var numbersKeys = table[numbersReading]{
	"media":         func(r *reader, n *numbersReading) { readCounts(r, n.object, &n.Media) },
	"discontinuity": func(r *reader, n *numbersReading) { r.integer(&n.Discontinuity) },
}

func readNumbers(r *reader, e *eraReading) {
	n := numbersReading{Numbers{Discontinuity: Absent}, e.object}
	start := readObject(r, &n, numbersKeys)
	if start >= 0 && (len(n.Media) == 0 || n.Discontinuity < 0) {
		r.mistake(start, "numbers need media, one number for each rendition, and discontinuity")
	}
	e.Numbers = &n.Numbers
}

// readCounts reads one number for each rendition: all lists of an object have as many.
func readCounts(r *reader, o *Object, to *[]int64) {
	key := r.key
	start := r.list(func() {
		if len(*to) == maxRenditions {
			r.stop("%s: more than %d renditions", key, maxRenditions)
			return
		}
		n := int64(Absent)
		r.orNull(&n)
		*to = append(*to, n)
	})
	switch {
	case start < 0:
	case len(*to) == 0:
		r.mistake(start, "%s: one number for each rendition is needed", key)
	case o.parts == 0:
		o.parts = len(*to)
	case len(*to) != o.parts:
		r.mistake(start, "%s: %d numbers, where %d renditions are numbered", key, len(*to), o.parts)
	}
}

// Alike is a copy whose eras and items can be changed.
func (o *Object) Alike() *Object {
	again := *o
	again.Eras = slices.Clone(o.Eras)
	for n := range again.Eras {
		e := &again.Eras[n]
		e.Play, e.Loop = slices.Clone(e.Play), slices.Clone(e.Loop)
	}
	return &again
}

// Wish is what an object wishes for: a copy without what lock has written down, whose
// eras and items can be changed.
func (o *Object) Wish() *Object {
	wish := o.Alike()
	wish.Written, wish.Frozen = time.Time{}, time.Time{}
	for n := range wish.Eras {
		wish.Eras[n] = wish.Eras[n].wish()
	}
	return wish
}

// Unplayed are the withdrawn VODs that no era plays.
func (o *Object) Unplayed() (all []Item) {
	for _, w := range o.Withdrawn {
		plays := func(i Item) bool { return i.Origin == w.Origin && i.Path == w.Path }
		if !slices.ContainsFunc(o.Eras, func(e Era) bool { return slices.ContainsFunc(e.Play, plays) || slices.ContainsFunc(e.Loop, plays) }) {
			all = append(all, w)
		}
	}
	return all
}

// Wished reports whether an era is what another one wishes for: what is written down of
// it does not count.
func (e *Era) Wished(wish *Era) bool {
	a, b := e.wish(), wish.wish()
	return a.Equal(&b)
}

func (e *Era) wish() Era {
	bare := *e
	bare.Starts, bare.Numbers, bare.Play, bare.Loop = time.Time{}, nil, wishes(e.Play), wishes(e.Loop)
	return bare
}

func wishes(items []Item) []Item {
	all := slices.Clone(items)
	for n := range all {
		all[n].Sum, all[n].Stretches = "", nil
	}
	return all
}
