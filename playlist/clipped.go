package playlist

import (
	"slices"
	"time"
)

// from is the playlist, which has no ranges, from a segment on, for a clip or a part of an
// item that begins at an instant.
func (m *Media) from(first int, at time.Duration) *Media {
	if first == 0 {
		return m
	}
	clip := *m
	clip.Segments = slices.Clone(m.Segments[first:])
	clip.written = nil
	clip.lead, clip.skipped = m.starts()[first]-at, first
	if dates := m.dates(); dates != nil {
		clip.Segments[0].Date = dates[first]
	}
	return &clip
}

// since is the playlist of a rendition that is sliced, from the first segment on that
// begins at an instant or later, else from the last one on.
func (m *Media) since(at time.Duration) *Media {
	starts := m.starts()
	i, _ := slices.BinarySearch(starts, at)
	if i = min(i, len(starts)-1); i < 0 {
		return m
	}
	clip := *m.from(i, at)
	clip.lead = starts[i] - at
	clip.whole, clip.in = m, at
	return &clip
}
