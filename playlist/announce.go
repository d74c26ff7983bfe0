package playlist

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"vod2live/loop"
	"vod2live/playlist/scte35"
)

// announced are the marks of a VOD and the title of its plays, see [Live.Announce].
func (o *Options) announced() (marks []Marks, titles []string) {
	if o.Breaks != nil {
		marks = []Marks{o.Breaks.Of(o.Name)}
	}
	if o.Programme != "" {
		titles = []string{o.Programme}
	}
	return marks, titles
}

// announcements are the breaks and programmes to mark in the playlists of a stream.
// The zero value marks none.
type announcements struct {
	marks  []Marks  // by the ID of a break
	titles []string // of programmes, by the ID of the item, of later ones the last; nil: they are not announced
}

// Announce returns the stream with marks, by the ID of a break, and with an
// EXT-X-DATERANGE for each programme, titled by the ID of its item, unless titles is nil.
func (l *Live) Announce(marks []Marks, titles []string) *Live {
	said := *l
	said.says = announcements{marks, titles}
	return &said
}

// Interrupted reports whether the stream has breaks.
func (l *Live) Interrupted() bool { return len(l.says.marks) > 0 }

// Marks are what playlists have of a break of the stream.
func (l *Live) Marks(b loop.Aired) Marks { return l.says.marks[b.ID] }

func (a *announcements) title(id int) string { return a.titles[min(id, len(a.titles)-1)] }

func (a *announcements) none() bool { return len(a.marks) == 0 && a.titles == nil }

// appendSum appends what a window announces, for its fingerprint. IDs are not in it:
// they differ among processes.
func (l *Live) appendSum(dst []byte, w loop.Window) []byte {
	if l.says.none() {
		return dst
	}
	dst = slices.Clip(dst)
	for b := range l.Timeline.Breaks(w.Since, w.Ahead) {
		dst = fmt.Append(dst, b.Start.UnixNano(), b.Length, l.says.marks[b.ID])
		if !b.End.After(w.Edge) {
			dst = fmt.Append(dst, b.End.UnixNano())
		}
	}
	if l.says.titles == nil {
		return dst
	}
	for _, p := range l.Timeline.Programmes(w.Since, w.Edge) {
		dst = fmt.Append(dst, p.Start.UnixNano(), l.says.title(p.ID))
	}
	return dst
}

// announced writes the ranges of programmes and breaks: of those that have not ended
// where the windows of all renditions begin, and of breaks ahead.
func (w *mediaWriter) announced(shown loop.Window) {
	a := &w.live.says
	if a.none() {
		return
	}
	if a.titles != nil {
		for _, p := range w.live.Timeline.Programmes(shown.Since, shown.Edge) {
			w.programme(p, a.title(p.ID))
		}
	}
	for b := range w.live.Timeline.Breaks(shown.Since, shown.Ahead) {
		if m := &a.marks[b.ID]; m.DateRange || m.Interstitial {
			w.out(b, m)
			if m.DateRange && b.Length > 0 && !b.End.After(shown.Edge) {
				w.in(b)
			}
		}
	}
}

// programmeClass is the CLASS of a programme's range.
const programmeClass = "vod2live.programme"

// programme writes the range of a programme, which lasts until the next one begins: when
// that will be may change.
func (w *mediaWriter) programme(p loop.Programme, title string) {
	w.rangeHead('p', p.Start)
	w.dst = append(w.dst, `,CLASS="`+programmeClass+`",END-ON-NEXT=YES,X-TITLE=`+quotedText(title)+"\n"...)
}

// quotedText is text as a quoted-string, in which a quote becomes an apostrophe.
func quotedText(text string) string { return `"` + strings.ReplaceAll(text, `"`, "'") + `"` }

// rangeHead writes a range's ID and START-DATE.
func (w *mediaWriter) rangeHead(kind byte, start time.Time) {
	w.dst = append(append(w.dst, tagDateRange+`:ID="`...), kind)
	w.dst = appendInt(w.dst, start.UnixMilli())
	w.dst = append(w.dst, `",START-DATE="`...)
	w.dst = append(w.dates.append(w.dst, start), '"')
}

// BreakID is the ID of a break's range, the same in all renditions and processes.
func BreakID(b loop.Aired) string { return "b" + string(appendInt(nil, b.Start.UnixMilli())) }

// out writes the range that announces a break. Viewers can't skip an interstitial, but may
// jump over it: with a restriction on jumps, Shaka Player would play the past
// interstitials of a live stream when it starts. The ads end with the slate at the latest,
// and the stream continues where they end, so that viewers keep their distance from the
// live edge. An X-RESUME-OFFSET of the slate's length would bring viewers nearer to the
// edge with each shorter ad, until hls.js 1.7 stalls there for good.
func (w *mediaWriter) out(b loop.Aired, m *Marks) {
	w.rangeHead('b', b.Start)
	if m.Interstitial {
		w.dst = append(w.dst, `,CLASS="com.apple.hls.interstitial"`...)
	}
	if b.Length > 0 {
		w.dst = appendSeconds(append(w.dst, ",PLANNED-DURATION="...), b.Length)
	}
	if m.DateRange && b.Length > 0 {
		w.command("SCTE35-OUT", scte35.Out(event(b), b.Length))
	}
	if m.Interstitial {
		list := strings.ReplaceAll(m.Assets, placeBreak, BreakID(b))
		w.dst = append(w.dst, `,X-ASSET-LIST=`+quoted(list)+`,X-RESTRICT="SKIP"`...)
		if b.Length > 0 {
			w.dst = appendSeconds(append(w.dst, ",X-PLAYOUT-LIMIT="...), b.Length)
		}
	}
	w.dst = append(w.dst, '\n')
}

// in writes the range of a past break, with the attributes that were not
// written before.
func (w *mediaWriter) in(b loop.Aired) {
	w.rangeHead('b', b.Start)
	w.dst = appendSeconds(append(w.dst, ",DURATION="...), b.End.Sub(b.Start))
	w.command("SCTE35-IN", scte35.In(event(b)))
	w.dst = append(w.dst, '\n')
}

// event is the splice_event_id of a break: the low 31 bits of its start in seconds.
func event(b loop.Aired) uint32 { return uint32(b.Start.Unix()) & (1<<31 - 1) }

func (w *mediaWriter) command(name string, section []byte) {
	w.dst = append(append(append(w.dst, ','), name...), "=0x"...)
	w.dst = append(w.dst, strings.ToUpper(hex.EncodeToString(section))...)
}
