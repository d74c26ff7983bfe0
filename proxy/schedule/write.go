package schedule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Encode writes an object as [Read] reads it: each era is a line, so that versions can
// be compared as text.
func (o *Object) Encode() []byte {
	var b bytes.Buffer
	b.WriteString("{")
	top := &writer{to: &b, between: ",\n  "}
	top.number("vod2live", Layout)
	top.text("channel", o.Name)
	top.text("title", o.Title)
	top.text("logo", o.Logo)
	top.text("number", o.Number)
	top.text("group", o.Group)
	top.number("target_duration", int64(o.Target/time.Second))
	top.vod("model", o.Model)
	top.vod("slate", o.Slate)
	top.instant("written", o.Written)
	top.instant("frozen", o.Frozen)
	top.text("multivariant", o.Multivariant)
	if len(o.Withdrawn) > 0 {
		top.value("withdrawn", addresses(o.Withdrawn))
	}
	channel := o.commonBreaks()
	if channel != nil {
		top.value("breaks", channel.encode())
	}
	if len(o.Filler) > 0 {
		top.value("filler", raw(o.Filler, (*Item).encode))
	}
	top.key("eras")
	b.WriteString("[\n    ")
	for n := range o.Eras {
		if n > 0 {
			b.WriteString(",\n    ")
		}
		b.Write(o.Eras[n].encodeUnder(channel))
	}
	b.WriteString(" ] }\n")
	return b.Bytes()
}

func addresses(items []Item) (all []string) {
	for n := range items {
		all = append(all, items[n].VOD())
	}
	return all
}

// VOD is the address of an item's VOD, as [Item.SetVOD] reads it.
func (i *Item) VOD() string {
	if i.Query != "" {
		return i.Name() + "?" + i.Query
	}
	return i.Name()
}

// Name is what messages call an item: its query may be secret.
func (i *Item) Name() string { return i.Origin + "/" + i.Path }

// encode writes an era with all that it says.
func (e *Era) encode() json.RawMessage { return e.encodeUnder(nil) }

// encodeUnder writes an era of a channel, whose breaks its items need not say again.
func (e *Era) encodeUnder(channel *Breaks) json.RawMessage {
	item := func(i *Item) json.RawMessage { return i.encodeUnder(channel) }
	var b bytes.Buffer
	w := open(&b)
	w.instant("at", e.At)
	w.instant("starts", e.Starts)
	if e.Numbers != nil {
		w.value("numbers", e.Numbers.encode())
	}
	w.duration("wait", e.Wait)
	if len(e.Play) > 0 {
		w.value("play", raw(e.Play, item))
	}
	if len(e.Loop) > 0 {
		w.value("loop", raw(e.Loop, item))
	}
	if e.End {
		w.value("end", true)
	}
	return w.close()
}

func (n *Numbers) encode() json.RawMessage {
	var b bytes.Buffer
	w := open(&b)
	w.value("media", counts(n.Media))
	w.value("discontinuity", n.Discontinuity)
	return w.close()
}

// counts are numbers by rendition, null where one is left out.
func counts(numbers []int64) []*int64 {
	all := make([]*int64, len(numbers))
	for r, n := range numbers {
		if n != Absent {
			all[r] = &n
		}
	}
	return all
}

func (i *Item) encode() json.RawMessage { return i.encodeUnder(nil) }

func (i *Item) encodeUnder(channel *Breaks) json.RawMessage {
	var b bytes.Buffer
	w := open(&b)
	w.text("vod", i.VOD())
	w.duration("in", i.In)
	w.duration("out", i.Out)
	w.text("title", i.Title)
	w.text("subtitle", i.Subtitle)
	w.text("desc", i.Desc)
	w.text("category", i.Category)
	w.text("episode", i.Episode)
	w.text("date", i.Date)
	w.text("icon", i.Icon)
	if !i.Breaks.Equal(channel) {
		w.value("breaks", i.Breaks.encode())
	}
	w.text("sum", i.Sum)
	if len(i.Stretches) > 0 {
		w.value("stretches", raw(i.Stretches, encodeStretch))
	}
	return w.close()
}

func encodeStretch(s *Stretch) json.RawMessage {
	var b bytes.Buffer
	w := open(&b)
	w.text("length", decimal(s.Length))
	w.value("segments", counts(s.Segments))
	return w.close()
}

// decimal is a duration in seconds, to the nanosecond.
func decimal(d time.Duration) string {
	return fmt.Sprintf("%d.%09d", d/time.Second, d%time.Second)
}

func raw[T any](items []T, encode func(*T) json.RawMessage) []json.RawMessage {
	all := make([]json.RawMessage, 0, len(items))
	for n := range items {
		all = append(all, encode(&items[n]))
	}
	return slices.Clip(all)
}

// writer writes the keys of an object in their order; those without a value are left
// out.
type writer struct {
	to      *bytes.Buffer
	between string
	some    bool
}

func open(to *bytes.Buffer) *writer {
	to.WriteByte('{')
	return &writer{to: to, between: ", "}
}

func (w *writer) close() json.RawMessage {
	w.to.WriteByte('}')
	return w.to.Bytes()
}

func (w *writer) key(name string) {
	if w.some {
		w.to.WriteString(w.between)
	} else {
		w.to.WriteString(strings.TrimLeft(w.between, ",\n "))
	}
	w.some = true
	w.to.WriteString(strconv.Quote(name) + ": ")
}

// value of a key: of types that always encode.
func (w *writer) value(name string, v any) {
	w.key(name)
	e := json.NewEncoder(w.to)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	w.to.Truncate(w.to.Len() - 1) // the encoder ends a line
}

func (w *writer) text(name, text string) {
	if text != "" {
		w.value(name, text)
	}
}

func (w *writer) number(name string, n int64) {
	if n > 0 {
		w.value(name, n)
	}
}

func (w *writer) vod(name string, i *Item) {
	if i != nil {
		w.text(name, i.VOD())
	}
}

func (w *writer) instant(name string, at time.Time) {
	if !at.IsZero() {
		w.text(name, at.UTC().Format(time.RFC3339Nano))
	}
}

func (w *writer) duration(name string, d time.Duration) {
	if d > 0 {
		w.text(name, d.String())
	}
}
