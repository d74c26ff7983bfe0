package e2e

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// firstNumber is the media sequence number at which encrypted VODs begin: not 0, where an IV computed from the
// position in the list would be right by accident.
const firstNumber = 7

var (
	keys = map[string][]byte{"a": []byte("sixteen bytes..."), "b": []byte("another sixteen!")} // {name}.key

	ivA = bytes.Repeat([]byte{0xA7, 0x01}, 8)
	ivB = bytes.Repeat([]byte{0x00, 0xB4}, 8)
)

// encryptedByFFmpeg is the VOD of kind ts, encrypted with one IV that its playlists state.
func encryptedByFFmpeg(dir string) error {
	if err := writeKeys(dir); err != nil {
		return err
	}
	info := filepath.Join(dir, "key.info")
	lines := fmt.Sprintf("../a.key\n%s\n%s\n", filepath.Join(dir, "a.key"), hex.EncodeToString(ivA))
	if err := os.WriteFile(info, []byte(lines), 0o644); err != nil {
		return err
	}
	defer os.Remove(info)
	return muxed("-hls_key_info_file", info)(dir)
}

func writeKeys(dir string) error {
	for name, bytes := range keys {
		if err := os.WriteFile(filepath.Join(dir, name+".key"), bytes, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// keyChange is an EXT-X-KEY.
type keyChange struct {
	name string // of keys; "" for METHOD=NONE
	from int    // the segment before which it stands
	iv   []byte // nil: a segment's IV is its media sequence number (RFC 8216bis 5.2)
	init bool   // it stands before EXT-X-MAP, and so covers the init section
}

func key(name string, from int) keyChange { return keyChange{name: name, from: from} }
func noKey(from int) keyChange            { return keyChange{from: from} }

func (c keyChange) withIV(iv []byte) keyChange { c.iv = iv; return c }
func (c keyChange) coveringInit() keyChange    { c.init = true; return c }

// tag is the EXT-X-KEY in the playlist of a rendition.
func (c keyChange) tag() string {
	if c.name == "" {
		return "#EXT-X-KEY:METHOD=NONE\n"
	}
	tag := fmt.Sprintf("#EXT-X-KEY:METHOD=AES-128,URI=\"../%s.key\"", c.name)
	if c.iv != nil {
		tag += fmt.Sprintf(",IV=0x%X", c.iv)
	}
	return tag + "\n"
}

// encrypt encrypts a file in place, that of the segment with a number or of an init section.
func (c keyChange) encrypt(file string, number uint64) error {
	if c.name == "" {
		return nil
	}
	iv := c.iv
	if iv == nil {
		iv = implicitIV(number)
	}
	return encryptFile(file, keys[c.name], iv)
}

// encrypted makes a VOD out of a copy of another whose segments it encrypts in place: all renditions alike.
func encrypted(base *kind, changes ...keyChange) func(dir string) error {
	return from(base, writeKeys, func(dir string) error {
		playlists, err := filepath.Glob(filepath.Join(dir, "*", "index.m3u8"))
		if err != nil || len(playlists) == 0 {
			return fmt.Errorf("no playlists in %s: %w", dir, err)
		}
		for _, playlist := range playlists {
			if err := encryptRendition(playlist, changes); err != nil {
				return err
			}
		}
		return nil
	})
}

// encryptRendition encrypts the segments of a playlist and writes the keys into it.
func encryptRendition(playlist string, changes []keyChange) error {
	text, err := os.ReadFile(playlist)
	if err != nil {
		return err
	}
	var out strings.Builder
	var now keyChange
	next := func(segment int, init bool) { // takes the keys that stand here
		for len(changes) > 0 && changes[0].from <= segment && (changes[0].init || !init) {
			now, changes = changes[0], changes[1:]
			out.WriteString(now.tag())
		}
	}
	segment := 0
	for line := range strings.Lines(string(text)) {
		file := filepath.Join(filepath.Dir(playlist), strings.TrimSpace(line))
		name, attributes, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch {
		case name == "#EXT-X-MEDIA-SEQUENCE":
			line = fmt.Sprintf("%s:%d\n", name, firstNumber)
		case name == "#EXT-X-MAP":
			next(segment, true)
			err = now.encrypt(filepath.Join(filepath.Dir(playlist), attribute(attributes, "URI")), 0)
		case name == "#EXTINF":
			next(segment, false)
		case !strings.HasPrefix(line, "#"):
			err = now.encrypt(file, firstNumber+uint64(segment))
			segment++
		}
		if err != nil {
			return err
		}
		out.WriteString(line)
	}
	return os.WriteFile(playlist, []byte(out.String()), 0o644)
}

// labelledSampleAES says SAMPLE-AES with two key formats over segments that are clear.
func labelledSampleAES(dir string) error {
	const (
		first = "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"../a.key\"\n" +
			"#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://one\",KEYFORMAT=\"com.apple.streamingkeydelivery\",KEYFORMATVERSIONS=\"1\"\n"
		second = "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"../b.key\"\n"
	)
	for _, rendition := range []string{"270p", "180p"} {
		err := edit(filepath.Join(dir, rendition, "index.m3u8"),
			"#EXT-X-MEDIA-SEQUENCE:0", fmt.Sprintf("#EXT-X-MEDIA-SEQUENCE:%d", firstNumber),
			"#EXTINF:2.000000,\nseg000.ts", first+"#EXTINF:2.000000,\nseg000.ts",
			"#EXTINF:2.000000,\nseg002.ts", second+"#EXTINF:2.000000,\nseg002.ts")
		if err != nil {
			return err
		}
	}
	return writeKeys(dir)
}

// implicitIV is the IV of a segment whose playlist states none: its media sequence number.
func implicitIV(number uint64) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 8), number)
}

func encryptFile(name string, key, iv []byte) error {
	body, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	padding := aes.BlockSize - len(body)%aes.BlockSize // PKCS #7
	body = append(body, bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(body, body)
	return os.WriteFile(name, body, 0o644)
}

// decrypt is the reverse of encryptFile, of a body and with any key.
func decrypt(body, key, iv []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if len(body) == 0 || len(body)%aes.BlockSize != 0 || len(iv) != aes.BlockSize {
		return nil, fmt.Errorf("%d bytes with an IV of %d bytes are not AES-128 CBC", len(body), len(iv))
	}
	plain := make([]byte, len(body))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, body)
	padding := int(plain[len(plain)-1])
	if padding == 0 || padding > aes.BlockSize {
		return nil, errors.New("the padding is wrong: another key or IV")
	}
	return plain[:len(plain)-padding], nil
}
