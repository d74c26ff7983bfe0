package playlist

import (
	"slices"
	"time"
)

// from is the playlist from a segment on. Ranges of the segments before it move to its
// first segment if they have not ended when that begins.
func (m *Media) from(first int) *Media {
	if first == 0 {
		return m
	}
	dates := m.dates()
	clip := *m
	clip.Segments = slices.Clone(m.Segments[first:])
	clip.written = nil
	head := &clip.Segments[0]
	if dates == nil {
		return &clip // each range begins with its own segment
	}
	head.Date = dates[first]
	var lasting []dateRange
	for i := range first {
		for _, r := range m.Segments[i].ranges {
			if !r.ends().Before(head.Date) {
				lasting = append(lasting, r)
			}
		}
	}
	head.ranges = append(lasting, head.ranges...)
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
	clip := *m.from(i)
	clip.lead = starts[i] - at
	clip.whole, clip.in = m, at
	return &clip
}

// ends is when a range ends, by its own dates. One that ends with the next of its class
// does not end before.
func (r *dateRange) ends() time.Time {
	switch {
	case r.onNext:
		return farAhead
	case !r.end.IsZero():
		return r.end
	}
	return r.start.Add(r.duration)
}

// farAhead is after every date of a playlist.
var farAhead = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
