// Package scte35 writes the splice_insert commands that announce breaks (ANSI/SCTE
// 35 2023, section 9), as EXT-X-DATERANGE carries them (RFC 8216bis 4.4.5.1.1).
package scte35

import (
	"encoding/binary"
	"time"
)

// Out announces that the break of an event begins at once and lasts for a duration,
// after which the channel returns by itself. Durations are written in ticks of 90
// kHz, of which 33 bits are kept: up to 26 h.
func Out(event uint32, duration time.Duration) []byte {
	ticks := uint64(duration) * 9 / 100_000 & (1<<33 - 1)
	b := binary.BigEndian.AppendUint32(nil, event)
	b = append(b, notCancelled, outOfNetwork|program|lasts|immediate|reserved)
	b = append(b, autoReturn|byte(ticks>>32))
	b = binary.BigEndian.AppendUint32(b, uint32(ticks))
	return section(append(b, noAvail...))
}

// In announces that the break of an event ends at once.
func In(event uint32) []byte {
	b := binary.BigEndian.AppendUint32(nil, event)
	b = append(b, notCancelled, program|immediate|reserved)
	return section(append(b, noAvail...))
}

// Flags of splice_insert (9.7.3). Reserved bits are 1.
const (
	notCancelled = 0x7f // splice_event_cancel_indicator is 0

	outOfNetwork = 0x80
	program      = 0x40
	lasts        = 0x20 // duration_flag
	immediate    = 0x10
	reserved     = 0x0f

	autoReturn = 0xfe // break_duration: auto_return and reserved bits
)

// noAvail is unique_program_id, avail_num and avails_expected.
var noAvail = []byte{0, 0, 0, 0}

const (
	tableID      = 0xfc
	spliceInsert = 0x05
	sapNone      = 0x30 // no section syntax, not private, sap_type not specified
	tierAll      = 0xfff
)

// section is a splice_info_section with one command and no descriptors (9.6.1).
func section(command []byte) []byte {
	b := []byte{tableID, sapNone, 0}
	b = append(b, 0)             // protocol_version
	b = append(b, 0, 0, 0, 0, 0) // not encrypted, pts_adjustment
	b = append(b, 0)             // cw_index
	b = append(b, tierAll>>4, tierAll&0xf<<4|byte(len(command)>>8), byte(len(command)), spliceInsert)
	b = append(b, command...)
	b = append(b, 0, 0) // descriptor_loop_length
	b[2] = byte(len(b) - 3 + crcLength)
	return binary.BigEndian.AppendUint32(b, crc(b))
}

const crcLength = 4

// crc is CRC-32/MPEG-2 (ISO/IEC 13818-1 annex A): of all of a section it is 0.
func crc(b []byte) uint32 {
	sum := ^uint32(0)
	for _, c := range b {
		sum ^= uint32(c) << 24
		for range 8 {
			high := sum>>31 == 1
			if sum <<= 1; high {
				sum ^= 0x04c11db7
			}
		}
	}
	return sum
}
