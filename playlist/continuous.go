package playlist

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"vod2live/loop"
)

// Continuity says that the timestamps of a VOD are continuous over its loops. There is
// no EXT-X-DISCONTINUITY between loops, and each segment of a loop has its own address,
// at which its timestamps are shifted.
type Continuity struct {
	Loops int64  // that share one discontinuity: more than 1
	Mark  string // what the shift depends on beside the place in the loops
}

// Moved is a segment with shifted timestamps.
type Moved struct {
	Name      string        // the last element of its address
	URI       string        // of the segment as it is, as seen from the live playlist
	ByteRange string        // n@o; empty: the whole resource
	Place     time.Duration // of its loop since the last discontinuity
	Loop      int64         // its number since then
	Version   int           // of the VOD, as Live.Era counts
}

// continuityOf is that of a VOD, as its first playlist has it; nil: each loop is tagged.
func continuityOf(media []*Media) *Continuity {
	if media[0] == nil {
		return nil
	}
	return media[0].Continuity
}

// loops is how many plays of the version share one discontinuity.
func (l *version) loops() int64 {
	if l.continuity == nil {
		return 0
	}
	return l.continuity.Loops
}

// Moved returns the segment of a rendition with this number; false: there is none
// with shifted timestamps.
func (l *Live) Moved(rendition int, number int64) (Moved, bool) {
	if number < l.Timeline.First(rendition) {
		return Moved{}, false
	}
	run := l.Timeline.Run(rendition, number)
	v := l.of(run.Item)
	if run.Reset <= 1 || v.continuity == nil || run.From >= run.Item.Kept(rendition) {
		return Moved{}, false
	}
	room := scratches.Get().(*scratch)
	defer scratches.Put(room)
	u := v.media[rendition].segments.from(run.From, room)
	_ = u.pattern()
	uri, byteRange, moves := addressOf(u.restIn(run.From, room))
	return v.moved(&v.media[rendition], run, number, string(uri), string(byteRange)), moves
}

// moved is the segment of a run with a number.
func (l *version) moved(t *text, run loop.Run, number int64, uri, byteRange string) Moved {
	m := Moved{URI: uri, ByteRange: byteRange, Loop: run.Turn % run.Reset, Version: run.Item.ID}
	m.Place = time.Duration(m.Loop) * l.VOD.Length
	plain, _, _ := strings.Cut(strings.TrimSuffix(uri, QueryPlace), "?")
	sum := sha256.Sum256([]byte(plain + "\n" + byteRange + "\n" + strconv.FormatInt(int64(m.Place), 10) + "\n" + l.continuity.Mark))
	m.Name = strconv.FormatInt(number, 10) + "-" + hex.EncodeToString(sum[:4]) + movedAs(plain, t.opening.mapped)
	return m
}

// extensions are those of media that a moved segment keeps, in lower case.
var extensions = []string{".ts", ".m2ts", ".m4s", ".mp4", ".m4v", ".m4a", ".cmfv", ".cmfa", ".cmft", ".aac", ".mp3", ".ac3", ".ec3", ".vtt", ".webvtt"}

// movedAs is the extension of a moved segment.
func movedAs(uri string, mapped bool) string {
	of := extension(uri)
	switch {
	case slices.Contains(extensions, of):
		return of
	case mapped:
		return ".m4s"
	}
	return ".ts"
}

// addressOf finds the address in the lines of a segment, and its byte range; false: it is
// not one that can be moved.
func addressOf(lines []byte) (uri, byteRange []byte, moves bool) {
	for line := range bytes.Lines(lines) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		if value, is := bytes.CutPrefix(line, []byte(tagByteRange+":")); is {
			byteRange = value
		}
		if bytes.Equal(line, []byte(tagGap)) {
			return nil, nil, false
		}
		if len(line) > 0 && line[0] != '#' {
			uri = line
		}
	}
	return uri, byteRange, len(uri) > 0
}

// move writes the lines of the segment with a number, with the address of its loop.
func (w *mediaWriter) move(lines []byte, run loop.Run, number int64) {
	uri, byteRange, moves := addressOf(lines)
	if !moves {
		w.dst = append(w.dst, lines...)
		return
	}
	t := w.text(run.Item)
	m := w.live.of(run.Item).moved(t, run, number, string(uri), string(byteRange))
	for line := range bytes.Lines(lines) {
		switch {
		case bytes.HasPrefix(line, []byte(tagByteRange+":")):
		case line[0] == '#':
			w.dst = append(w.dst, line...)
		default:
			w.dst = append(append(append(w.dst, t.beneath[0]...), m.Name...), t.beneath[1]...)
			w.dst = append(w.dst, '\n')
		}
	}
}

// beneathOf is the relative address below rendition n up to the last element, and
// what follows that element.
func beneathOf(addresses Addresses, n int, single bool) (parts [2]string) {
	address := addresses.Rendition(n)
	end := strings.IndexAny(address, "?"+QueryPlace)
	if end < 0 {
		end = len(address)
	}
	folder := address[:end]
	if !single {
		folder = path.Base(folder)
	}
	return [2]string{folder + "/", address[end:]}
}
