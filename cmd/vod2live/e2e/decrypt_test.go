package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// No player notices a wrong IV: it garbles sixteen bytes at the start of a segment. So every segment of two loops,
// and every init section, is decrypted as its playlist says.
func TestSegments_DecryptByTheKeyAndIVOfTheLivePlaylist(t *testing.T) {
	t.Parallel()
	isEncrypted := func(k *kind) bool { return k.clear != nil }
	forEachKindThat(t, isEncrypted, func(t *testing.T, k *kind) {
		for _, r := range recordingOf(t, k).renditions {
			segments := r.segments()
			for _, s := range segments {
				if err := checkDecrypted(k, r.address, s); err != nil {
					t.Errorf("%s segment %d: %v", r.address, s.number, err)
				}
			}
			if points := loopPoints(segments); points < 2 {
				t.Errorf("%s: %d loop points were seen, want at least 2", r.address, points)
			}
		}
	})
}

// checkDecrypted compares a segment and its init section, decrypted, with those of the clear VOD.
func checkDecrypted(k *kind, playlist string, s segment) error {
	if err := checkClear(k, playlist, s.uri, s.key, implicitIV(uint64(s.number))); err != nil {
		return err
	}
	if s.init == "" {
		return nil
	}
	return checkClear(k, playlist, attribute(s.init, "URI"), s.initKey, nil)
}

// checkClear fetches a file and decrypts it by an EXT-X-KEY, with the IV that is implied if that states none.
func checkClear(k *kind, playlist, uri, key string, implied []byte) error {
	address, err := resolve(playlist, uri)
	if err != nil {
		return err
	}
	body, err := fetchText(address)
	if err != nil {
		return err
	}
	got, err := decryptAs(playlist, []byte(body), key, implied)
	if err != nil {
		return fmt.Errorf("%s by %s: %w", uri, key, err)
	}
	_, name, _ := strings.Cut(address, "/live/"+k.name+"/")
	want, err := os.ReadFile(filepath.Join(k.clear.dir(), name))
	if err != nil {
		return err
	}
	if a, b := sha256.Sum256(got), sha256.Sum256(want); a != b {
		return fmt.Errorf("%s decrypted by %s is not the clear file: SHA-256 is %x, want %x", uri, key, a, b)
	}
	return nil
}

// decryptAs decrypts a body as the attributes of an EXT-X-KEY say; without one it is clear.
func decryptAs(playlist string, body []byte, tag string, implied []byte) ([]byte, error) {
	switch method := attribute(tag, "METHOD"); method {
	case "", "NONE":
		return body, nil
	case "AES-128":
	default:
		return nil, fmt.Errorf("METHOD is %q", method)
	}
	address, err := resolve(playlist, attribute(tag, "URI"))
	if err != nil {
		return nil, err
	}
	key, err := fetchText(address)
	if err != nil {
		return nil, err
	}
	iv := implied
	if stated := attribute(tag, "IV"); stated != "" {
		if iv, err = hex.DecodeString(strings.TrimPrefix(strings.ToLower(stated), "0x")); err != nil {
			return nil, err
		}
	}
	if iv == nil {
		return nil, errors.New("there is no IV")
	}
	return decrypt(body, []byte(key), iv)
}

// What can't be decrypted here is compared as text: identity keys get the IV of the segment's number in the VOD,
// keys of other formats stay as they are.
func TestPlaylist_SampleAESHasTheIVsOfTheVODsOwnNumbers(t *testing.T) {
	t.Parallel()
	const fairPlay = `METHOD=SAMPLE-AES,URI="skd://one",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"`
	for _, r := range recordingOf(t, kindNamed(t, "sample-aes")).renditions {
		for _, s := range r.segments() {
			var number int
			if _, err := fmt.Sscanf(filepath.Base(s.uri), "seg%03d.ts", &number); err != nil {
				t.Fatal(err)
			}
			name := "a.key"
			if number >= 2 {
				name = "b.key"
			}
			var identity string
			for line := range strings.Lines(s.keys) {
				if line = strings.TrimSpace(line); line != fairPlay {
					identity += line
				}
			}
			if !strings.Contains(s.keys, fairPlay) {
				t.Errorf("%s segment %d: the keys in force are %q, want FairPlay's among them", r.address, s.number, s.keys)
			}
			want := fmt.Sprintf("0x%x", implicitIV(uint64(firstNumber+number)))
			if attribute(identity, "IV") != want || filepath.Base(attribute(identity, "URI")) != name {
				t.Errorf("%s segment %d: the identity key is %s, want %s with IV %s", r.address, s.number, identity, name, want)
			}
		}
	}
}
