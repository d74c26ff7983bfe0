package media

import "encoding/binary"

// id3Patcher shifts the timestamp in the tag at the beginning of packed audio.
type id3Patcher struct {
	ticks   int64
	version byte
	left    int // bytes of the tag until its end
	skip    int // bytes to pass until the next frame
	state   id3State
}

type id3State int

// The states of a tag: before its header, within it, behind it.
const (
	id3Before id3State = iota
	id3Within
	id3Behind
)

func (t *id3Patcher) patch(b []byte) (done int, err error) {
	if t.state == id3Before {
		if len(b) < 10 {
			return 0, nil
		}
		t.state, t.version, t.left, done = id3Within, b[3], syncsafe(b[6:]), 10
		if string(b[:3]) != "ID3" {
			t.state = id3Behind
		}
	}
	for t.state == id3Within {
		n := min(t.skip, len(b)-done)
		t.skip, done = t.skip-n, done+n
		if t.skip > 0 {
			return done, nil
		}
		used := t.frame(b[done:])
		if used == 0 && t.state == id3Within {
			return done, nil
		}
		done += used
	}
	return len(b), nil
}

func (t *id3Patcher) pass(n int) int {
	if t.state == id3Behind {
		return n
	}
	return 0
}

// frame takes in the header of the tag's next frame, and its timestamp; 0 if too little has come, or the tag ends.
func (t *id3Patcher) frame(b []byte) (used int) {
	need := 10 + len(privOwner) + 8
	if t.left < need {
		t.state = id3Behind
		return 0
	}
	if len(b) < need {
		return 0
	}
	size := frameSize(b, t.version)
	if size > t.left-10 || b[0] == 0 {
		t.state = id3Behind
		return 0
	}
	if size+10 < need {
		t.left, used = t.left-10-size, 10+size
		return used
	}
	if at := privTime(b[:10], b[10:need]); at != nil {
		time := binary.BigEndian.Uint64(at)
		binary.BigEndian.PutUint64(at, time&^uint64(Wrap-1)|(time+uint64(t.ticks))&(Wrap-1))
		t.state = id3Behind
		return need
	}
	t.left, t.skip = t.left-10-size, size+10-need
	return need
}
