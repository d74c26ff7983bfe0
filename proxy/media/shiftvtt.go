package media

import (
	"bytes"
	"fmt"
	"strconv"
)

// MaxWebVTT is the largest size of a WebVTT file that is shifted.
const MaxWebVTT = 1 << 20

var (
	byteOrderMark = []byte("\ufeff")
	vttSignature  = []byte("WEBVTT")
	vttMap        = []byte("X-TIMESTAMP-MAP=")
	vttMPEGTS     = []byte("MPEGTS:")
	vttArrow      = []byte("-->")
)

// ShiftWebVTT adds ticks of 90 kHz to the X-TIMESTAMP-MAP of a WebVTT file; one without gets its own, as RFC 8216 3.5
// has it: time zero is at MPEG-2 time zero. Identifiers of cues are left out: hls.js shows each identifier once, and
// the file is the same in the next loop. All else stays to the byte.
func ShiftWebVTT(body []byte, ticks int64) ([]byte, error) {
	if len(body) > MaxWebVTT {
		return nil, fmt.Errorf("shift WebVTT: %w: %d bytes", ErrTooLarge, len(body))
	}
	out := make([]byte, 0, len(body)+64)
	first, rest := cutLine(body)
	if !bytes.HasPrefix(bytes.TrimPrefix(first, byteOrderMark), vttSignature) {
		return nil, fmt.Errorf("shift WebVTT: %w: no WEBVTT signature", ErrMalformed)
	}
	head, rest := cutHeader(rest)
	if first = append(out, first...); len(lineEnd(first)) == 0 {
		first = append(first, '\n')
	}
	out, err := shiftHeader(first, head, ticks)
	if err != nil {
		return nil, err
	}
	return dropIdentifiers(out, rest), nil
}

// cutLine cuts off a line with its end.
func cutLine(b []byte) (line, rest []byte) {
	i := bytes.IndexAny(b, "\r\n")
	switch {
	case i < 0:
		return b, nil
	case b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n':
		i++
	}
	return b[:i+1], b[i+1:]
}

func lineEnd(line []byte) []byte { return line[len(bytes.TrimRight(line, "\r\n")):] }

func isBlank(line []byte) bool { return len(bytes.TrimRight(line, "\r\n")) == 0 }

// cutHeader cuts off the lines of the header before the blank one.
func cutHeader(b []byte) (head, rest []byte) {
	for rest = b; len(rest) > 0; {
		line, after := cutLine(rest)
		if isBlank(line) || bytes.Contains(line, vttArrow) {
			break
		}
		rest = after
	}
	return b[:len(b)-len(rest)], rest
}

// shiftHeader appends the header after its first line, its map shifted or inserted.
func shiftHeader(out, head []byte, ticks int64) ([]byte, error) {
	has, start := false, len(out)
	for line, rest := cutLine(head); len(line) > 0; line, rest = cutLine(rest) {
		if !bytes.HasPrefix(line, vttMap) {
			out = append(out, line...)
			continue
		}
		shifted, ok := shiftMap(out, line, ticks)
		if !ok {
			return nil, fmt.Errorf("shift WebVTT: %w: %.80q", ErrMalformed, line)
		}
		out, has = shifted, true
	}
	if has {
		return out, nil
	}
	inserted := fmt.Appendf(nil, "%s%s%d,LOCAL:00:00:00.000%s", vttMap, vttMPEGTS, ticks&(Wrap-1), lineEnd(out[:start]))
	return append(out[:start], append(inserted, out[start:]...)...), nil
}

// shiftMap appends a line with its MPEG-2 time shifted.
func shiftMap(out, line []byte, ticks int64) ([]byte, bool) {
	before, after, ok := bytes.Cut(line, vttMPEGTS)
	if !ok {
		return nil, false
	}
	digits := after[:len(after)-len(bytes.TrimLeft(after, "0123456789"))]
	time, err := strconv.ParseUint(string(digits), 10, 63)
	if err != nil {
		return nil, false
	}
	out = append(append(out, before...), vttMPEGTS...)
	out = strconv.AppendInt(out, (int64(time%Wrap)+ticks)&(Wrap-1), 10)
	return append(out, after[len(digits):]...), true
}

// dropIdentifiers appends the blocks of a file: a line above a cue's timings, the first of its block, is left out.
func dropIdentifiers(out, b []byte) []byte {
	first := true
	for len(b) > 0 {
		line, rest := cutLine(b)
		next, _ := cutLine(rest)
		if identifier := first && !bytes.Contains(line, vttArrow) && bytes.Contains(next, vttArrow); !identifier || isBlank(line) {
			out = append(out, line...)
		}
		first, b = isBlank(line), rest
	}
	return out
}
