package schedule

import "time"

// itemReading is an item that is being read.
type itemReading struct {
	Item
	object *Object
}

var itemKeys = table[itemReading]{
	"vod":       func(r *reader, i *itemReading) { r.vod(&i.Item) },
	"in":        func(r *reader, i *itemReading) { r.duration(&i.In) },
	"out":       func(r *reader, i *itemReading) { r.duration(&i.Out) },
	"title":     func(r *reader, i *itemReading) { r.line(&i.Title) },
	"subtitle":  func(r *reader, i *itemReading) { r.line(&i.Subtitle) },
	"desc":      func(r *reader, i *itemReading) { r.line(&i.Desc) },
	"category":  func(r *reader, i *itemReading) { r.line(&i.Category) },
	"episode":   func(r *reader, i *itemReading) { r.line(&i.Episode) },
	"date":      func(r *reader, i *itemReading) { r.line(&i.Date) },
	"icon":      func(r *reader, i *itemReading) { r.line(&i.Icon) },
	"breaks":    func(r *reader, i *itemReading) { readBreaks(r, &i.Breaks) },
	"sum":       readSum,
	"stretches": readStretches,
}

// readItems reads a list of addresses and items.
func readItems(r *reader, o *Object, to *[]Item) {
	readEach(r, o, to, func(i *itemReading) {
		if !r.isObject() {
			r.vod(&i.Item)
		} else if start := readObject(r, i, itemKeys); start >= 0 {
			r.checkItem(&i.Item, start)
		}
	})
}

// readVODs reads a list of addresses.
func readVODs(r *reader, o *Object, to *[]Item) {
	readEach(r, o, to, func(i *itemReading) { r.vod(&i.Item) })
}

func readEach(r *reader, o *Object, to *[]Item, read func(*itemReading)) {
	r.list(func() {
		if o.items++; o.items > maxItems {
			r.stop("more than %d items", maxItems)
			return
		}
		one := itemReading{object: o}
		read(&one)
		*to = append(*to, one.Item)
	})
}

// checkItem checks what concerns several keys of an item.
func (r *reader) checkItem(i *Item, start int) {
	switch {
	case i.Origin == "":
		r.mistake(start, "an item needs a vod, such as \"vod\": \"vod/film/master.m3u8\"")
	case i.Out > 0 && i.Out <= i.In:
		r.mistake(start, "out (%s) is not after in (%s)", i.Out, i.In)
	case (i.Sum == "") != (len(i.Stretches) == 0):
		r.mistake(start, "an item has a sum and stretches, or neither")
	}
}

// sumLength is the length of a sum, in hexadecimal digits.
const sumLength = 16

func readSum(r *reader, i *itemReading) {
	at := r.readText(&i.Sum)
	if at < 0 {
		return
	}
	if len(i.Sum) != sumLength || !isHex(i.Sum) {
		r.mistake(at, "sum: %d hexadecimal digits are needed", sumLength)
	}
}

func isHex(text string) bool {
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// stretchReading is a stretch that is being read.
type stretchReading struct {
	Stretch
	object *Object
}

var stretchKeys = table[stretchReading]{
	"length":   func(r *reader, s *stretchReading) { readLength(r, s.object, &s.Length) },
	"segments": func(r *reader, s *stretchReading) { readCounts(r, s.object, &s.Segments) },
}

func readStretches(r *reader, i *itemReading) {
	r.list(func() {
		one := stretchReading{object: i.object}
		start := readObject(r, &one, stretchKeys)
		if start >= 0 && (one.Length == 0 || len(one.Segments) == 0) {
			r.mistake(start, "a stretch needs a length, and segments, one number for each rendition")
		}
		i.Stretches = append(i.Stretches, one.Stretch)
	})
}

// readLength reads decimal seconds, as text.
func readLength(r *reader, o *Object, to *time.Duration) {
	var text string
	at := r.readText(&text)
	if at < 0 {
		return
	}
	d, ok := seconds(text)
	switch {
	case !ok || d == 0:
		r.mistake(at, "length %.30q: seconds above 0 are needed, such as 2710.04", text)
	case d > maxLength-o.length:
		r.stop("the items last more than 10 years together")
	default:
		*to = d
		o.length += d
	}
}
