package preflight

import (
	"testing"
)

// packet makes a transport stream packet that begins something.
func packet(pid int, adaptation, payload []byte) []byte {
	p := []byte{tsSync, 0x40 | byte(pid>>8), byte(pid), 0x10}
	if adaptation != nil {
		p[3] |= 0x20
		p = append(append(p, byte(len(adaptation))), adaptation...)
	}
	p = append(p, payload...)
	for len(p) < tsPacket {
		p = append(p, 0xff)
	}
	return p
}

func TestReadTS_TablesAndKeyFrame(t *testing.T) {
	pat := packet(0, nil, []byte{0, 0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe1, 0x00})
	pmt := packet(0x100, nil, []byte{0})
	sdt := packet(17, nil, []byte{0})
	key := packet(0x101, []byte{0x40}, []byte{0, 0, 1, 0xe0})
	other := packet(0x101, []byte{0x00}, []byte{0, 0, 1, 0xe0})
	audio := packet(0x102, nil, []byte{0, 0, 1, 0xc0})
	for name, c := range map[string]struct {
		packets [][]byte
		want    tsHead
	}{
		"as it should be":     {[][]byte{pat, pmt, key}, tsHead{true, true, true}},
		"SDT first":           {[][]byte{sdt, pat, pmt, key}, tsHead{true, true, true}},
		"audio first":         {[][]byte{pat, pmt, audio, key}, tsHead{true, true, true}},
		"no key frame":        {[][]byte{pat, pmt, other, key}, tsHead{true, true, false}},
		"audio only":          {[][]byte{pat, pmt, audio}, tsHead{true, false, false}},
		"media before tables": {[][]byte{audio, pat, pmt, key}, tsHead{}},
		"no tables":           {[][]byte{key}, tsHead{}},
		"no stream at all":    {[][]byte{[]byte("hello")}, tsHead{}},
	} {
		var data []byte
		for _, p := range c.packets {
			data = append(data, p...)
		}
		if got := readTS(data); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func FuzzReadTS(f *testing.F) {
	f.Add(packet(0, []byte{0x40}, []byte{200}))
	f.Fuzz(func(_ *testing.T, data []byte) { readTS(data) })
}
