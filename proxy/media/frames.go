package media

// audioFrames counts the frames of an elementary stream of audio, whatever parts it comes in.
type audioFrames struct {
	header frameHeader
	buffer [8]byte // beginning of a header that is not whole yet
	held   int
	skip   int   // bytes until the next frame
	frames int   // that have begun
	frame  Ratio // duration of each
	lost   bool  // no header stood where one should be: no longer counted
}

// frameHeader reads a frame's header of 8 bytes: its size and its duration. Size 0: not a
// header.
type frameHeader func(b []byte) (size int, frame Ratio)

// newAudioFrames counts the frames of a stream type; nil: its frames are not known.
func newAudioFrames(streamType uint8) *audioFrames {
	switch streamType {
	case 0x0f, 0xcf:
		return &audioFrames{header: adts}
	case 0x03, 0x04:
		return &audioFrames{header: mpegAudio}
	case 0x81, 0x87, 0xc1, 0xc2:
		return &audioFrames{header: ac3}
	}
	return nil
}

// write takes in what follows.
func (a *audioFrames) write(b []byte) {
	for len(b) > 0 && !a.lost {
		if a.skip > 0 {
			n := min(a.skip, len(b))
			a.skip, b = a.skip-n, b[n:]
			continue
		}
		n := copy(a.buffer[a.held:], b)
		a.held, b = a.held+n, b[n:]
		if a.held == len(a.buffer) {
			a.begin()
		}
	}
}

// begin counts the frame whose header has come.
func (a *audioFrames) begin() {
	size, frame := a.header(a.buffer[:])
	if size >= a.held && frame == uncounted {
		a.skip, a.held = size-a.held, 0
		return
	}
	if size < a.held || frame.Den == 0 || a.frames > 0 && frame != a.frame {
		a.lost, a.frames = true, 0
		return
	}
	a.frames, a.frame = a.frames+1, frame
	a.skip, a.held = size-a.held, 0
}

// uncounted is the duration of a frame that lasts as long as the previous
// one.
var uncounted = Ratio{0, 1}

var adtsRates = [16]int64{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}

// adts reads a header of AAC (ISO/IEC 14496-3 1.A.2): 1,024 samples for each raw data block.
func adts(b []byte) (size int, frame Ratio) {
	if b[0] != 0xff || b[1]&0xf6 != 0xf0 {
		return 0, Ratio{}
	}
	size = int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5]>>5)
	return size, Ratio{1024 * (int64(b[6]&3) + 1), adtsRates[b[2]>>2&0x0f]}
}

// Bit rates in kbit/s by version (1, or 2 and 2.5) and layer (1, 2, 3).
var mpegBitRates = [2][3][16]int{
	{
		{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
		{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
		{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
	},
	{
		{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
		{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
		{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
	},
}

var mpegRates = [4]int{44100, 48000, 32000, 0}

// mpegAudio reads a header of MPEG audio, layers 1 to 3 (ISO/IEC 11172-3 2.4.1.3).
func mpegAudio(b []byte) (size int, frame Ratio) {
	version, layer := b[1]>>3&3, 4-int(b[1]>>1&3) // version 3 is 1, 2 is 2, 0 is 2.5
	if b[0] != 0xff || b[1]&0xe0 != 0xe0 || version == 1 || layer == 4 {
		return 0, Ratio{}
	}
	rate, low := mpegRates[b[2]>>2&3], 0
	switch version {
	case 2:
		rate, low = rate/2, 1
	case 0:
		rate, low = rate/4, 1
	}
	bits, padding := mpegBitRates[low][layer-1][b[2]>>4]*1000, int(b[2]>>1&1)
	if rate == 0 || bits == 0 {
		return 0, Ratio{}
	}
	if layer == 1 {
		return (12*bits/rate + padding) * 4, Ratio{384, int64(rate)}
	}
	samples := 1152
	if layer == 3 && low == 1 {
		samples = 576
	}
	return samples/8*bits/rate + padding, Ratio{int64(samples), int64(rate)}
}

var (
	ac3Rates    = [4]int{48000, 44100, 32000, 0}
	ac3BitRates = [19]int{32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640}
	ac3Blocks   = [4]int64{1, 2, 3, 6}
)

// ac3 reads a header of AC-3 or EC-3 (ETSI TS 102 366 4.4.1, E.1.3.1).
func ac3(b []byte) (size int, frame Ratio) {
	if b[0] != 0x0b || b[1] != 0x77 {
		return 0, Ratio{}
	}
	rate := ac3Rates[b[4]>>6]
	if b[5]>>3 > 10 {
		return eac3(b, rate)
	}
	code := int(b[4] & 0x3f)
	if rate == 0 || code/2 >= len(ac3BitRates) {
		return 0, Ratio{}
	}
	words := ac3BitRates[code/2] * 1000 * 96 / rate // of 16 bits, in 1,536 samples
	if rate == 44100 {
		words += code & 1
	}
	return words * 2, Ratio{1536, int64(rate)}
}

func eac3(b []byte, rate int) (size int, frame Ratio) {
	size = (int(b[2]&7)<<8 | int(b[3]) + 1) * 2
	blocks := ac3Blocks[b[4]>>4&3]
	if rate == 0 { // half of a rate, and six blocks
		if rate = ac3Rates[b[4]>>4&3] / 2; rate == 0 {
			return 0, Ratio{}
		}
		blocks = 6
	}
	if b[2]>>6 == 1 { // of a dependent substream, which lasts as long as the frame before
		return size, uncounted
	}
	return size, Ratio{256 * blocks, int64(rate)}
}
