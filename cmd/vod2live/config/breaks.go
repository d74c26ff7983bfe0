package config

import (
	"time"

	"go.yaml.in/yaml/v3"

	"vod2live/proxy/schedule"
)

// DateRanges is the value of programmes for an EXT-X-DATERANGE of each item.
const DateRanges = "daterange"

// Assets is the address of a list of assets, with placeholders. By mistake it may hold a
// password.
func Assets(to *string) Value {
	return Value{Secret: true, schema: schema{"type": "string"}, clear: zero(to), set: func(text string) error {
		if err := schedule.CheckAssets(text); err != nil {
			return &invalid{text: err.Error()}
		}
		*to = text
		return nil
	}}
}

func (r *reader) breaksSchema() schema {
	return orFalse(r.breaksKeys(&schedule.Breaks{}).schema())
}

func orFalse(s schema) schema {
	s["type"] = []string{"object", "boolean"}
	return s
}

func (r *reader) breaksKeys(b *schedule.Breaks) keys {
	var offset time.Duration
	var mark string
	at, marks := Duration(&offset, time.Second, 0), OneOf(&mark, schedule.MarkDateRange, schedule.MarkCue, schedule.MarkInterstitial)
	return keys{
		"every":   r.value("A break each time after so much of the item, but not in the last quarter of that before its end.", Duration(&b.Every, schedule.MinEvery, 0)),
		"at":      {"Where breaks are, from the item's beginning.", listOf(at.schema), func(n *yaml.Node) { r.offsets(n, b) }},
		"between": r.value("Whether a break follows the item.", Switch(&b.Between)),
		"slate":   {"ORIGIN/PATH of the VOD that is played in the breaks.", schema{"type": "string"}, func(n *yaml.Node) { b.Slate = &schedule.Item{}; r.vod(n, b.Slate) }},
		"for":     r.value("How long it is played, at least: to the next boundary of the slate.", Duration(&b.For, time.Second, schedule.MaxFor)),
		"mark": {"What playlists have of the breaks: any of daterange (EXT-X-DATERANGE with SCTE-35), cue (EXT-X-CUE-OUT and -IN) and interstitial.", listOf(marks.schema), func(n *yaml.Node) {
			b.Mark = []string{}
			r.list(n, func(n *yaml.Node) {
				if r.set(n, marks); mark != "" {
					b.Mark = append(b.Mark, mark)
				}
				mark = ""
			})
		}},
		"assets":         r.value("Address of an interstitial's list of assets; {id} and {channel} are replaced.", Assets(&b.Assets)),
		"source_markers": r.value("Whether the VOD's own CUE and SCTE35 tags stay where breaks are marked: keep or drop.", OneOf(&b.SourceMarkers, schedule.KeepMarkers, schedule.DropMarkers)).withDefault(schedule.DropMarkers),
	}
}

// marksKeys are those of breaks in which nothing is played.
func (r *reader) marksKeys(b *schedule.Breaks) keys {
	known := r.breaksKeys(b)
	delete(known, "slate")
	delete(known, "for")
	return known
}

// breaks reads breaks, or false for none.
func (r *reader) breaks(n *yaml.Node, to **schedule.Breaks) { r.breaksOf(n, to, r.breaksKeys) }

func (r *reader) breaksOf(n *yaml.Node, to **schedule.Breaks, known func(*schedule.Breaks) keys) {
	b := &schedule.Breaks{}
	switch n = resolve(n); {
	case n.Kind == yaml.ScalarNode && n.Value == "false":
		b.Off = true
	case n.Kind != yaml.MappingNode || len(n.Content) == 0:
		r.mistake(n, "breaks are a mapping, such as { every: 12m, … }, or false for none")
		return
	default:
		r.mapping(n, known(b))
	}
	*to = b
}

func (r *reader) offsets(n *yaml.Node, b *schedule.Breaks) {
	r.list(n, func(n *yaml.Node) {
		var at time.Duration
		r.set(n, Duration(&at, time.Second, 0))
		b.At = append(b.At, at)
	})
	if len(b.At) > schedule.MaxAt {
		r.mistake(n, "at: more than %d instants", schedule.MaxAt)
	}
}

// liveBreaks reads those of all streams, in which nothing is played.
func (r *reader) liveBreaks(n *yaml.Node) {
	before := len(r.wrong)
	r.breaksOf(n, &r.file.Breaks, r.marksKeys)
	if text := r.file.Breaks.Fault(); text != "" && len(r.wrong) == before {
		r.mistake(n, "%s", text)
	}
}
