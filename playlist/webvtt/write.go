package webvtt

import "strings"

// newTiming is more than the length of two timestamps and what else a cue may get.
const newTiming = 48

// write writes the slice that shows these cues of some files, on the time line of the first, into one buffer.
func write(first *File, files []*File, shown []shownCue) []byte {
	used := usedFiles(files, shown)
	out := make([]byte, 0, sizeOf(first, used, shown))
	out = appendHeader(out, first, used)
	body := len(out)
	out = appendDefinitions(out, used)
	for i := range shown {
		out = shown[i].append(out)
	}
	if len(out) > body {
		return out[:len(out)-1] // a blank line separates blocks: there is none after the last
	}
	return out
}

// fitting are the cues, from the first on, that a slice has room for with all that they bring along.
func fitting(first *File, files []*File, shown []shownCue) []shownCue {
	size, used := first.headerSize(), make([]bool, len(files))
	for i := range shown {
		c := &shown[i]
		if size += c.size(); !used[c.file] {
			used[c.file] = true
			size += files[c.file].definitionsSize()
		}
		if size > MaxSlice {
			return shown[:i]
		}
	}
	return shown
}

// usedFiles gives the files that have a cue in the slice, in their order.
func usedFiles(files []*File, shown []shownCue) []*File {
	isUsed := make([]bool, len(files))
	for i := range shown {
		isUsed[shown[i].file] = true
	}
	var used []*File
	for i, f := range files {
		if isUsed[i] {
			used = append(used, f)
		}
	}
	return used
}

// sizeOf is a bound for the length of the slice.
func sizeOf(first *File, used []*File, shown []shownCue) int {
	n := first.headerSize()
	for _, f := range used {
		n += f.definitionsSize()
	}
	for i := range shown {
		n += shown[i].size()
	}
	return n
}

func (f *File) headerSize() int { return len(f.title) + len(f.header) + 3 }

// definitionsSize is what a file with a cue in the slice adds to it at the most.
func (f *File) definitionsSize() int {
	n := len(f.header) + 1
	for _, block := range f.definitions {
		n += len(block) + 2
	}
	return n
}

// size is the maximum size of a cue. A rewritten timestamp in a payload may grow by half.
func (c *shownCue) size() int {
	n := len(c.notes) + len(c.id) + len(c.timing) + len(c.payload) + newTiming
	if c.shift != 0 {
		n += len(c.payload)
	}
	return n
}

// appendHeader writes the header of the first file, then what those of the files used have beyond it.
func appendHeader(out []byte, first *File, used []*File) []byte {
	out = append(append(out, first.title...), '\n')
	if first.header != "" {
		out = append(append(out, first.header...), '\n')
	}
	seen := map[string]bool{"": true} // a blank line would end the header
	for line := range strings.SplitSeq(first.header, "\n") {
		seen[line] = true
	}
	for _, f := range used {
		for line := range strings.SplitSeq(f.header, "\n") {
			if !seen[line] && !isTimestampMap(line) {
				out = append(append(out, line...), '\n')
			}
			seen[line] = true
		}
	}
	return append(out, '\n')
}

// appendDefinitions writes the STYLE and REGION blocks of the files used, each once.
func appendDefinitions(out []byte, used []*File) []byte {
	seen := make(map[string]bool)
	for _, f := range used {
		for _, block := range f.definitions {
			if !seen[block] {
				out = append(append(out, block...), "\n\n"...)
			}
			seen[block] = true
		}
	}
	return out
}

// append writes the cue and a blank line after it.
func (c *shownCue) append(out []byte) []byte {
	if c.notes != "" {
		out = append(append(out, c.notes...), "\n\n"...)
	}
	if c.id != "" {
		out = append(append(out, c.id...), '\n')
	}
	out = append(c.appendTiming(out), '\n')
	if payload := c.movedPayload(); payload != "" {
		out = append(append(out, payload...), '\n')
	}
	return append(out, '\n')
}

// appendTiming writes the timing line: verbatim if the cue's file is on the time line of the
// slice and the cue's end is not moved.
func (c *shownCue) appendTiming(out []byte) []byte {
	if c.shift == 0 && c.ends == c.end {
		return append(out, c.timing...)
	}
	out = appendTimestamp(out, c.start+c.shift)
	out = append(out, " --> "...)
	out = appendTimestamp(out, c.ends+c.shift)
	return append(out, c.timing[c.settings:]...)
}

// movedPayload is the payload: verbatim if the cue's file is on the time line of the slice.
func (c *shownCue) movedPayload() string {
	if c.shift == 0 {
		return c.payload
	}
	return shifted(c.payload, c.shift)
}
