package schedule

import "time"

var breaksKeys = table[Breaks]{
	"every":          func(r *reader, b *Breaks) { r.between(&b.Every, MinEvery, 0) },
	"at":             readOffsets,
	"between":        func(r *reader, b *Breaks) { r.truth(&b.Between) },
	"slate":          func(r *reader, b *Breaks) { b.Slate = &Item{}; r.vod(b.Slate) },
	"for":            func(r *reader, b *Breaks) { r.between(&b.For, time.Second, MaxFor) },
	"mark":           readMark,
	"assets":         readAssets,
	"source_markers": func(r *reader, b *Breaks) { r.oneOf(&b.SourceMarkers, KeepMarkers, DropMarkers) },
}

// readBreaks reads breaks, or false for none.
func readBreaks(r *reader, to **Breaks) {
	b := &Breaks{}
	if r.isObject() {
		readObject(r, b, breaksKeys)
		*to = b
		return
	}
	var on bool
	const wanted = `an object such as {"every": "12m"}, or false,`
	if at := scalar(r, &on, wanted); at >= 0 && on {
		r.mistake(at, "breaks: %s is needed here", wanted)
	}
	b.Off = true
	*to = b
}

func readOffsets(r *reader, b *Breaks) {
	start := r.list(func() {
		var at time.Duration
		r.between(&at, time.Second, 0)
		b.At = append(b.At, at)
	})
	if len(b.At) > MaxAt {
		r.mistake(start, "at: more than %d instants", MaxAt)
	}
}

func readMark(r *reader, b *Breaks) {
	b.Mark = []string{}
	r.list(func() {
		var mark string
		r.oneOf(&mark, MarkDateRange, MarkCue, MarkInterstitial)
		b.Mark = append(b.Mark, mark)
	})
}

func readAssets(r *reader, b *Breaks) {
	at := r.readText(&b.Assets)
	if at < 0 {
		return
	}
	if err := CheckAssets(b.Assets); err != nil {
		r.mistake(at, "assets: %v", err)
	}
}
