package playlist

import (
	"strings"

	"vod2live/loop"
)

// group of EXT-X-MEDIA renditions (4.4.6.1.1).
type group struct{ kind, id string }

func groupOf(line string) (g group) {
	g.kind, _ = attributeOf(line, "TYPE")
	g.id, _ = attributeOf(line, "GROUP-ID")
	return g
}

// without returns the lines of the playlist except those of renditions that are left
// out. A variant stream must not name a group without renditions (4.4.6.2): such
// attributes are left out, too.
func (m *Multivariant) without(leftOut func(rendition int) *loop.Refusal) (lines []string) {
	gone := map[group]bool{} // whether all renditions of the group are left out
	for _, line := range m.lines {
		name, _ := splitTag(line)
		if name != tagMedia && name != tagIFrameStreamInf {
			lines = append(lines, line)
			continue
		}
		out := m.names(line, leftOut)
		if !out {
			lines = append(lines, line)
		}
		if g := groupOf(line); name == tagMedia {
			left, known := gone[g]
			gone[g] = out && (left || !known)
		}
	}
	for i, line := range lines {
		if name, _ := splitTag(line); name == tagStreamInf || name == tagIFrameStreamInf {
			lines[i] = withoutGroups(line, gone)
		}
	}
	return lines
}

// names reports whether a line names a rendition that is left out.
func (m *Multivariant) names(line string, leftOut func(rendition int) *loop.Refusal) bool {
	uri, has := attributeOf(line, "URI")
	if !has || uri == "" {
		return false
	}
	address, err := Resolve(m.address, uri)
	if err != nil {
		return false
	}
	n, known := m.numbers[address.String()]
	return known && leftOut(n) != nil
}

// withoutGroups leaves out the attributes of a line that name one of some groups.
func withoutGroups(line string, gone map[group]bool) string {
	for _, kind := range []string{"AUDIO", "VIDEO", "SUBTITLES"} {
		for _, a := range attributes(line) {
			if a.name == kind && gone[group{kind, a.value}] {
				line = withoutAttribute(line, a)
				break
			}
		}
	}
	return line
}

// withoutAttribute leaves out one attribute and one of the commas around it.
func withoutAttribute(line string, a attribute) string {
	from := a.from - len("=") - len(a.name)
	if rest, more := strings.CutPrefix(line[a.to:], ","); more {
		return line[:from] + rest
	}
	return strings.TrimSuffix(line[:from], ",")
}
