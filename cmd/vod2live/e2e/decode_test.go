package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// ffmpeg is the reader that takes every timestamp at its word. It reads streams with audio and video in one; an audio
// group starves it at a loop point, with any server.
func TestFFmpeg_DecodesMuxedStreamsAcrossLoopPoints(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ts", "byterange-ts", "aes-rotated", "aes-head", "joined-ts"} {
		k := kindNamed(t, name)
		addresses, err := renditions(k.live(shared.proxy))
		if err != nil {
			t.Fatal(err)
		}
		if k == ts {
			addresses = append(addresses, k.live(shared.proxy))
		} else {
			addresses = addresses[:1]
		}
		for _, address := range addresses {
			t.Run(strings.TrimPrefix(address, shared.proxy.viewers+"/live/"), func(t *testing.T) {
				t.Parallel()
				checkDecoded(t, k, address)
			})
		}
	}
}

// checkDecoded wants every frame of two loops and more, and no complaint but one at each discontinuity.
func checkDecoded(t *testing.T, k *kind, address string) {
	t.Helper()
	const media = 2*loopLength + 2*time.Second
	seen, err := decode(address, media)
	if err != nil {
		t.Fatal(err)
	}
	if want := int(media.Seconds()) * 25; seen.frames < want-25 {
		t.Errorf("%d frames were decoded, want %d", seen.frames, want)
	}
	points := (int(media/loopLength) + 1) * (1 + len(k.breaks)) // discontinuities that may lie in so much media
	for phrase, times := range seen.complaints {
		if times > points {
			t.Errorf("%q was said %d times at %d discontinuities", phrase, times, points)
		}
	}
}

// decoded is what ffmpeg made of a stream.
type decoded struct {
	frames     int
	complaints map[string]int // how often ffmpeg said each phrase of atLoopPoints
}

// atLoopPoints are what ffmpeg says at a loop point, each once: it does not read EXT-X-DISCONTINUITY, so it takes
// the continuity counters and timestamps that begin anew for losses, of one packet.
var atLoopPoints = []string{
	"[mpegts", // Packet corrupt
	"[hls",    // Packet corrupt, the same one again
	"corrupt input packet in stream",
	"non monotonically increasing dts to muxer",
	"keepalive request failed", // at the end of an encrypted stretch: it goes on with a new connection
}

// decode reads so much of a live stream, from its live edge on. Whatever ffmpeg says against it that it doesn't
// say at every loop point is an error.
func decode(address string, media time.Duration) (decoded, error) {
	ctx, cancel := context.WithTimeout(context.Background(), media+startTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "warning", "-i", address,
		"-t", strconv.Itoa(int(media.Seconds())), "-progress", "pipe:1", "-f", "null", "-")
	var log strings.Builder
	cmd.Stderr = &log
	progress, err := cmd.Output()
	if err != nil {
		return decoded{}, fmt.Errorf("ffmpeg: %w\n%s", err, log.String())
	}
	seen := decoded{complaints: map[string]int{}}
	for line := range strings.Lines(string(progress)) {
		if value, ok := strings.CutPrefix(line, "frame="); ok {
			seen.frames, _ = strconv.Atoi(strings.TrimSpace(value))
		}
	}
	for line := range strings.Lines(log.String()) {
		phrase := loopPointPhrase(line)
		if phrase == "" {
			return decoded{}, fmt.Errorf("ffmpeg says %s", line)
		}
		seen.complaints[phrase]++
	}
	return seen, nil
}

// loopPointPhrase is the phrase of atLoopPoints that a line of ffmpeg's log has, "" if it has none.
func loopPointPhrase(line string) string {
	for _, phrase := range atLoopPoints {
		inBrackets := strings.HasPrefix(phrase, "[")
		if inBrackets && strings.HasPrefix(line, phrase) && strings.Contains(line, "Packet corrupt") ||
			!inBrackets && strings.Contains(line, phrase) {
			return phrase
		}
	}
	return ""
}
