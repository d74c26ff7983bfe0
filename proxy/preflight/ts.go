package preflight

// tsHead is what the beginning of an MPEG transport stream shows (ISO/IEC
// 13818-1).
type tsHead struct {
	tables       bool // a PAT and its PMT come before any media
	video        bool // a video PES packet begins in it
	randomAccess bool // the first of them is marked as a random access point
}

const (
	tsPacket = 188
	tsSync   = 0x47
)

// readTS reads whole packets for as long as they are some, until the first of
// video.
func readTS(data []byte) (head tsHead) {
	pmt := -1
	for ; len(data) >= tsPacket && data[0] == tsSync; data = data[tsPacket:] {
		packet := data[:tsPacket]
		payload := tsPayload(packet)
		switch pid := tsPID(packet); {
		case pid == 0:
			pmt = patProgram(payload)
		case pid == pmt:
			head.tables = true
		case !tsStarts(packet) || !isPES(payload):
		case !head.tables:
			return head
		case payload[3]&0xf0 == videoStream:
			head.video, head.randomAccess = true, isRandomAccess(packet)
			return head
		}
	}
	return head
}

func tsPID(p []byte) int { return int(p[1]&0x1f)<<8 | int(p[2]) }

func tsStarts(p []byte) bool { return p[1]&0x40 != 0 }

func isRandomAccess(p []byte) bool { return p[3]&0x20 != 0 && p[4] > 0 && p[5]&0x40 != 0 }

// tsPayload is what follows the header and the adaptation field.
func tsPayload(p []byte) []byte {
	at := 4
	if p[3]&0x20 != 0 {
		at += 1 + int(p[4])
	}
	if p[3]&0x10 == 0 || at >= len(p) {
		return nil
	}
	return p[at:]
}

// patProgram is the PID of the first program's PMT, -1 if there is none.
func patProgram(payload []byte) int {
	if len(payload) == 0 || len(payload) < int(payload[0])+13 {
		return -1
	}
	section := payload[1+int(payload[0]):]
	for at := 8; at+4 <= len(section); at += 4 {
		if program := int(section[at])<<8 | int(section[at+1]); program != 0 {
			return int(section[at+2]&0x1f)<<8 | int(section[at+3])
		}
	}
	return -1
}

// videoStream begins the stream_id of video.
const videoStream = 0xe0

func isPES(b []byte) bool { return len(b) >= 4 && b[0] == 0 && b[1] == 0 && b[2] == 1 }
