package onair

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unique"

	"vod2live/loop"
	"vod2live/playlist"
	"vod2live/proxy/subtitles"
)

// Breaks of an item: where they are, what plays in them, and their marks in playlists.
// They are compared by value.
type Breaks struct {
	Every   time.Duration
	At      Offsets
	Between bool // one behind the item
	Keep    bool // the item's own markers stay
	playlist.Marks

	Slate Clip          // what is played; empty path: nothing
	For   time.Duration // for how long, at least
}

// Offsets are instants in an item.
type Offsets string

// NewOffsets are some instants.
func NewOffsets(all []time.Duration) Offsets {
	text := make([]string, len(all))
	for n, at := range all {
		text[n] = at.String()
	}
	return Offsets(strings.Join(text, " "))
}

func (o Offsets) all() []time.Duration {
	var all []time.Duration
	for text := range strings.FieldsSeq(string(o)) {
		at, _ := time.ParseDuration(text) // it was written by NewOffsets
		all = append(all, at)
	}
	return all
}

// Rule says where breaks are requested.
func (b Breaks) Rule() loop.Rule {
	return loop.Rule{Every: b.Every, At: b.At.all(), Between: b.Between}
}

// plays reports whether something is played in the breaks.
func (b Breaks) plays() bool { return b.Slate.Path != "" }

// breaksRef identifies the breaks of an item; the zero value: none.
type breaksRef = unique.Handle[Breaks]

// WithBreaks is the clip with breaks, if any are requested.
func (c Clip) WithBreaks(b Breaks) Clip {
	c.breaks, c.bare = breaksRef{}, false
	if b.Rule().Any() {
		c.bare = !b.Keep && (b.DateRange || b.Cue || b.Interstitial)
		b.Slate.bare = c.bare && b.plays() // its own markers would be inside the break
		c.breaks = unique.Make(b)
	}
	return c
}

// Breaks of the clip; not ok: it has none.
func (c Clip) Breaks() (b Breaks, ok bool) {
	if c.breaks == (breaksRef{}) {
		return b, false
	}
	return c.breaks.Value(), true
}

// program is how the clip is laid out in a channel.
func (c Clip) program() playlist.Clip {
	laid := playlist.Clip{In: c.In, Bare: c.bare}
	if b, has := c.Breaks(); has {
		laid.Breaks, laid.Part, laid.Out = b.Rule(), b.plays(), c.Out
	}
	return laid
}

// render makes the text of an item and of its other parts.
func (r *rendered) render(program *playlist.Program, a *addresses) (err error) {
	for n, piece := range program.Pieces() {
		one := r
		if n > 0 {
			one = &rendered{key: r.key}
			r.rest = append(r.rest, one)
		}
		media := piece.Media()
		if one.program, err = piece.Render(a, one.moving.continuity()); err == nil && a.refused != nil {
			err = a.refused
		}
		if err != nil {
			return err
		}
		one.cues = subtitles.Tracks(one.program.VOD, one.program.Text, media)
	}
	return nil
}

// place makes the items of a play and of its further parts, with IDs from one on. The
// last ends where the item does.
func (one *play) place(id int) []*play {
	if one.standIn != nil {
		one.item = loop.NewItem(one.program.VOD, id)
		return []*play{one}
	}
	all := []*play{one}
	for _, piece := range one.rest {
		all = append(all, &play{rendered: piece, wish: one.wish, later: true})
	}
	one.parts = all[1:]
	for n, part := range all {
		out := time.Duration(0)
		if n == len(all)-1 {
			out = one.wish.Out
		}
		part.item, part.notices = part.program.Item(id+n, out)
	}
	return all
}

// mostFilled is how often a slate may be played in one break.
const mostFilled = 100

// checkSlates refuses a slate that is too short for the breaks of some items. All have
// been prepared. The error is a failure.ItemError.
func checkSlates(newest map[Clip]*play, wanted []Clip) error {
	for _, i := range wanted {
		b, has := i.Breaks()
		if !has || !b.plays() || newest[i].standIn != nil {
			continue
		}
		if err := b.checkSlate(newest[b.Slate]); err != nil {
			return err
		}
	}
	return nil
}

// noticesOf are about an item, or one of its parts.
func (c *cast) noticesOf(one *play) []playlist.Notice {
	all := slices.Concat(one.program.Notices, one.notices)
	if one.later {
		return all
	}
	return append(all, slateNotices(c.newest, one.wish)...)
}

// slateNotices are about the end of the slate in the breaks of an item.
func slateNotices(newest map[Clip]*play, i Clip) []playlist.Notice {
	one, slate := newest[i], (*play)(nil)
	if b, has := i.Breaks(); has && b.plays() && one != nil && len(one.program.Placed(0)) > 0 {
		slate = newest[b.Slate]
	}
	if slate == nil {
		return nil
	}
	filled := slate.item.Fill(i.breaks.Value().For, 0)
	return slate.program.Overhangs(filled[len(filled)-1], " of the slate in its breaks")
}

func (b Breaks) checkSlate(slate *play) error {
	length := slate.item.Length()
	if length*mostFilled >= b.For {
		return nil
	}
	refusal := &loop.Refusal{Code: playlist.CodeSlateTooShort, Rendition: -1, Detail: fmt.Sprintf("it lasts %s, at least %s are needed for breaks of %s", length, (b.For+mostFilled-1)/mostFilled, b.For)}
	return b.Slate.title().failed(refusal)
}

// plays are those of an item that has its place: its parts, and the slates in its
// breaks, whose marks have an ID.
func (c *cast) plays(one *play, id int) (all []*loop.Item) {
	b, has := one.wish.Breaks()
	if !has || one.standIn != nil {
		return []*loop.Item{one.item}
	}
	if !b.plays() {
		return []*loop.Item{one.item.With(one.program.Marks(one.item.Length(), id), false)}
	}
	slate := c.newest[b.Slate].item
	for n, part := range append([]*play{one}, one.parts...) {
		if n > 0 {
			filled := slate.Fill(b.For, id)
			filled[0] = filled[0].With(filled[0].Breaks, true)
			all = append(all, filled...)
		}
		all = append(all, part.item.With(nil, n > 0))
	}
	if one.program.BreakAtEnd() {
		all = append(all, slate.Fill(b.For, id)...)
	}
	return all
}

// breaksRefs are the breaks of a channel's items, by the ID that they have in its
// playlists.
type breaksRefs []breaksRef

// id is that of breaks; 0 of none.
func (all *breaksRefs) id(b breaksRef) int {
	if b == (breaksRef{}) {
		return 0
	}
	if id := slices.Index(*all, b); id >= 0 {
		return id
	}
	*all = append(*all, b)
	return len(*all) - 1
}

// marks are what playlists of a channel have of its breaks.
func (all breaksRefs) marks(channel string) (marks []playlist.Marks) {
	for _, b := range all {
		marks = append(marks, b.Value().Of(channel))
	}
	return marks
}

// length is that of an item as it plays now, with its breaks.
func (c *cast) length(i Item) (sum time.Duration) {
	for _, it := range c.plays(c.newest[i.Clip], 0) {
		sum += it.Length()
	}
	return sum
}

// stretches are those of an item: of its parts, and of the slates in its breaks.
func (c counts) stretches(one *play) []loop.Stretch { return stretchesOf(c.plays(one, 0)) }

func stretchesOf(items []*loop.Item) (all []loop.Stretch) {
	for _, it := range items {
		all = append(all, it.Stretches()...)
	}
	return all
}

// titles are those of programmes, by the ID of an item; nil: they are not announced.
func (c *Channel) titles(eras []placed, all []*play) []string {
	if !c.Programmes {
		return nil
	}
	titles := make([]string, len(all))
	for id, one := range all {
		titles[id] = cmp.Or(titleOf(eras, one.wish), one.wish.Path)
	}
	return titles
}

// titleOf is the newest title of an item in guides.
func titleOf(eras []placed, wish Clip) string {
	for _, e := range slices.Backward(eras) {
		for _, i := range slices.Concat(e.of.Play, e.of.Loop) {
			if i.Clip == wish {
				return i.Title
			}
		}
	}
	return ""
}

// fills reports whether a clip plays in breaks.
func fills(newest map[Clip]*play, slate Clip) bool {
	for wish := range newest {
		if b, has := wish.Breaks(); has && b.Slate == slate {
			return true
		}
	}
	return false
}
