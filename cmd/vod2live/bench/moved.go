package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// movedSize is the approximate size of a segment with shifted timestamps.
const movedSize = 4 << 20

// moving are the formats with shifted timestamps, each with the sample from which
// its segments are made.
var moving = []struct {
	name, extension, opening string
	fill                     func([]byte) []byte
	bound                    float64
}{
	{"MPEG-TS", ".ts", "", fillTS, 1.25},
	{"fMP4", ".m4s", "#EXT-X-MAP:URI=\"init.mp4\"\n", fillMP4, 1.1},
}

// samples is where the segments of a second are.
const samples = "proxy/media/testdata"

// moved compares segments with shifted timestamps with those that pass through.
func (b *bench) moved() ([]row, error) {
	dir := filepath.Join(b.dir, "moved")
	if err := writeMoved(dir); err != nil {
		return nil, err
	}
	origin, err := b.nginx("moved-origin", "", "root "+dir+";")
	if err != nil {
		return nil, err
	}
	plain, err := b.vod2live("restart", origin.url)
	if err != nil {
		return nil, err
	}
	continuous, err := b.vod2live("continuous", origin.url, "-timestamps", "continuous", "-window", "15m")
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, m := range moving {
		address, err := b.movedAddress(continuous.url, m.extension)
		if err != nil {
			return rows, err
		}
		asIs := contestant{m.name, plain, load{url: plain.url + "/live/middle" + m.extension, connections: 16}}
		again := asIs
		costs, err := b.inTurns(asIs, contestant{m.name + " shifted", continuous, load{url: address, connections: 16}}, again)
		if err != nil {
			return rows, err
		}
		rows = append(rows,
			row{what: "segments of 4 MiB of " + m.name + " whose timestamps go on: CPU per GB, as they are is 1", unit: "x", bound: m.bound, measured: ratios(costs[1], costs[0], perByte)},
			row{what: "– noise: as they are a second time", unit: "x", free: true, measured: ratios(costs[2], costs[0], perByte)},
			row{what: "for comparison: a GB takes", unit: "s", free: true, measured: costsOf(costs[1], perByte)})
	}
	return rows, nil
}

// movedAddress is that of the newest large segment of a VOD.
func (b *bench) movedAddress(url, extension string) (string, error) {
	playlist := url + "/live/" + extension[1:] + ".m3u8"
	text, err := b.fetch(playlist, false)
	if err != nil {
		return "", err
	}
	name := ""
	for line := range strings.Lines(string(text)) {
		var number int64
		line = strings.TrimSpace(line)
		if _, err := fmt.Sscanf(line[strings.LastIndexByte(line, '/')+1:], "%d-", &number); err == nil && number%3 == 1 {
			name = line // the second of three segments
		}
	}
	if !strings.Contains(name, "/0.m3u8/") {
		return "", fmt.Errorf("%s has no segments whose timestamps are shifted: %q", playlist, name)
	}
	return url + "/live/" + name, nil
}

// writeMoved makes a VOD of three seconds in each format; its second segment is large.
func writeMoved(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	files := map[string][]byte{}
	for _, m := range moving {
		for _, name := range []string{"first", "last"} {
			body, err := os.ReadFile(filepath.Join(samples, name+m.extension))
			if err != nil {
				return err
			}
			files[name+m.extension] = body
		}
		files["middle"+m.extension] = m.fill(files["first"+m.extension])
		var text strings.Builder
		text.WriteString("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n" + m.opening)
		for i, seconds := range []string{"1.001", "1.001", "1.03"} {
			fmt.Fprintf(&text, "#EXTINF:%s,\n%s%s\n", seconds, []string{"first", "middle", "last"}[i], m.extension)
		}
		files[m.extension[1:]+".m3u8"] = []byte(text.String() + "#EXT-X-ENDLIST\n")
	}
	var err error
	if files["init.mp4"], err = os.ReadFile(filepath.Join(samples, "init.mp4")); err != nil {
		return err
	}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// fillTS makes each frame of a segment of MPEG-TS as large as those of 8 Mbit/s.
func fillTS(segment []byte) []byte {
	const packet, perFrame = 188, 200
	var full []byte
	for len(full) < movedSize {
		for at := 0; at+packet <= len(segment); at += packet {
			p := segment[at : at+packet]
			full = append(full, p...)
			if begins := p[1]&0x40 != 0; !begins || p[1]&0x1f == 0 && p[2] == 0 || len(full) >= movedSize {
				continue
			}
			rest := append([]byte{p[0], p[1] &^ 0x40, p[2], 0x10}, bytes.Repeat([]byte{0xa5}, packet-4)...)
			for range perFrame {
				full = append(full, rest...)
			}
		}
	}
	return full
}

// fillMP4 makes the media data of a segment of fMP4 large: its last box is mdat.
func fillMP4(segment []byte) []byte {
	at := bytes.LastIndex(segment, []byte("mdat")) - 4
	full := append(bytes.Clone(segment), make([]byte, movedSize-len(segment))...)
	binary.BigEndian.PutUint32(full[at:], uint32(len(full)-at))
	return full
}
