package media

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// The owner of the PRIV frame that has the timestamp of packed audio (RFC 8216 3.4), with its end.
const privOwner = "com.apple.streaming.transportStreamTimestamp\x00"

const maxID3 = 256 << 10 // bytes of a tag that are read

// readPacked reads a segment of packed audio.
func readPacked(r io.Reader) (*Segment, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	start, err := readID3(buffered)
	if err != nil {
		return nil, fmt.Errorf("read packed audio: %w", err)
	}
	head, _ := buffered.Peek(8)
	frames := &audioFrames{}
	for _, format := range []struct {
		codec  string
		header frameHeader
	}{{"aac", adts}, {"mp3", mpegAudio}, {"ac-3", ac3}} {
		if len(head) < 8 {
			break
		}
		if size, _ := format.header(head); size > 0 {
			frames.header = format.header
		}
	}
	if frames.header == nil {
		return nil, fmt.Errorf("read packed audio: %w: no frame", ErrMalformed)
	}
	if _, err := io.Copy(writer(frames.write), buffered); err != nil {
		return nil, fmt.Errorf("read packed audio: %w", err)
	}
	if frames.frames == 0 {
		return nil, fmt.Errorf("read packed audio: %w: frames that differ or break off", ErrMalformed)
	}
	end := start + ticksOf(frames.frame, int64(frames.frames))
	return &Segment{Format: Packed, Tracks: []Track{{
		Kind: Audio, Timescale: Clock, Begin: start, Shown: start, End: end, Last: end,
		Frames: frames.frames, Frame: ticksOf(frames.frame, 1), Exact: frames.frame, Key: true,
	}}}, nil
}

// writer makes an io.Writer of a function.
type writer func([]byte)

func (w writer) Write(b []byte) (int, error) {
	w(b)
	return len(b), nil
}

// readID3 reads the tag at the beginning and returns its timestamp.
func readID3(r io.Reader) (int64, error) {
	var head [10]byte
	if n, _ := io.ReadFull(r, head[:]); n < 10 || string(head[:3]) != "ID3" {
		return 0, ErrNoTimestamp
	}
	size := syncsafe(head[6:])
	if size > maxID3 {
		return 0, fmt.Errorf("%w: an ID3 tag of %d bytes", ErrTooLarge, size)
	}
	tag, err := io.ReadAll(io.LimitReader(r, int64(size)))
	if err != nil {
		return 0, err
	}
	for len(tag) >= 10 {
		size := frameSize(tag, head[3])
		if size > len(tag)-10 {
			break
		}
		if at := privTime(tag[:10], tag[10:10+size]); at != nil {
			return int64(binary.BigEndian.Uint64(at) & (Wrap - 1)), nil
		}
		tag = tag[10+size:]
	}
	return 0, ErrNoTimestamp
}

// privTime is the timestamp in a frame of a tag, nil if it has none.
func privTime(header, body []byte) []byte {
	if string(header[:4]) != "PRIV" || len(body) < len(privOwner)+8 || string(body[:len(privOwner)]) != privOwner {
		return nil
	}
	return body[len(privOwner) : len(privOwner)+8]
}

// frameSize is that of a tag's frame, in version 4 as in version 3.
func frameSize(header []byte, version byte) int {
	if version >= 4 {
		return syncsafe(header[4:])
	}
	return int(binary.BigEndian.Uint32(header[4:]))
}

// syncsafe reads a number of 28 bits.
func syncsafe(b []byte) int {
	return int(b[0]&0x7f)<<21 | int(b[1]&0x7f)<<14 | int(b[2]&0x7f)<<7 | int(b[3]&0x7f)
}
