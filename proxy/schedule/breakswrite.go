package schedule

import (
	"bytes"
	"encoding/json"
)

// none reports whether an item with these breaks has none.
func (b *Breaks) none() bool { return b == nil || b.Off }

// Equal reports whether two say the same.
func (b *Breaks) Equal(other *Breaks) bool {
	if b.none() || other.none() {
		return b.none() == other.none()
	}
	return bytes.Equal(b.encode(), other.encode())
}

// encode writes breaks as [readBreaks] reads them: false where there are none.
func (b *Breaks) encode() json.RawMessage {
	if b.none() {
		return json.RawMessage("false")
	}
	var to bytes.Buffer
	w := open(&to)
	w.duration("every", b.Every)
	if len(b.At) > 0 {
		at := make([]string, len(b.At))
		for n := range b.At {
			at[n] = b.At[n].String()
		}
		w.value("at", at)
	}
	if b.Between {
		w.value("between", true)
	}
	w.vod("slate", b.Slate)
	w.duration("for", b.For)
	if b.Mark != nil {
		w.value("mark", b.Mark)
	}
	w.text("assets", b.Assets)
	w.text("source_markers", b.SourceMarkers)
	return w.close()
}

// commonBreaks are those of the channel, which items need not say again; nil: some item
// lacks a key that the channel has, and would get it, so that each says its own.
func (o *Object) commonBreaks() *Breaks {
	for i := range o.each() {
		if b := i.Breaks; !b.none() && !b.under(o.Breaks).Equal(b) {
			return nil
		}
	}
	return o.Breaks
}
