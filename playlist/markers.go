package playlist

import (
	"slices"
	"strings"
)

// withoutMarkers are media playlists without the VOD's own markers of breaks: CUE and
// SCTE35 tags, and the SCTE-35 commands of ranges (4.4.5.1.1).
func withoutMarkers(media []*Media) []*Media {
	media = slices.Clone(media)
	for n, m := range media {
		if m != nil && m.hasMarkers() {
			media[n] = m.withoutMarkers()
		}
	}
	return media
}

func (m *Media) hasMarkers() bool {
	return slices.ContainsFunc(m.after, isMarker) || slices.ContainsFunc(m.Segments, func(s Segment) bool {
		return slices.ContainsFunc(s.before, isMarker) || slices.ContainsFunc(s.between, isMarker) || slices.ContainsFunc(s.ranges, dateRange.isMarker)
	})
}

func (m *Media) withoutMarkers() *Media {
	marked := map[string]bool{} // ranges by ID: some of their tags may have no command
	for i := range m.Segments {
		for _, r := range m.Segments[i].ranges {
			marked[r.id] = marked[r.id] || r.isMarker()
		}
	}
	bare := *m
	bare.Segments, bare.after = slices.Clone(m.Segments), without(m.after, isMarker)
	for i := range bare.Segments {
		s := &bare.Segments[i]
		s.before, s.between = without(s.before, isMarker), without(s.between, isMarker)
		s.ranges = without(s.ranges, func(r dateRange) bool { return marked[r.id] })
	}
	return &bare
}

// without returns a list without some elements; it does not change the list
// itself.
func without[T any](list []T, is func(T) bool) []T {
	if !slices.ContainsFunc(list, is) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), is)
}

func isMarker(line string) bool {
	return slices.ContainsFunc(cueTags, func(cue string) bool { return strings.HasPrefix(line, cue) })
}

// isMarker reports whether a tag of the range has an SCTE-35 command.
func (r dateRange) isMarker() bool {
	return slices.ContainsFunc(attributes(r.line), func(a attribute) bool { return strings.HasPrefix(a.name, "SCTE35-") })
}
