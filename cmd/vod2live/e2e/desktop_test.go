package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// desktopTolerance is how long a player outside the browser may stand: VLC tells once a second how far it is.
const desktopTolerance = 1500 * time.Millisecond

// desktopTurns has room for so many of these players at once.
var desktopTurns = make(chan struct{}, 3)

// desktopPlayer is a player that writes how far it has played: in seconds or in pictures, by the first two groups of a
// pattern, what and how far.
type desktopPlayer struct {
	start   func(t *testing.T, address string) (*exec.Cmd, io.Reader, error)
	pattern *regexp.Regexp
}

var desktopPlayers = map[string]desktopPlayer{
	"mpv":       {startMPV, regexp.MustCompile(`(AT) ([\d.]+)`)},
	"gstreamer": {startGStreamer, regexp.MustCompile(`chain .*\((pictures|sound):sink\).* pts: ([\d:.]+)`)},
	"vlc":       {startVLC, regexp.MustCompile(`(frames displayed|buffers played) *: *(\d+)`)},
}

// TestPlayer_DesktopPlayersCrossLoopPointsWhereTimestampsGoOn: mpv, VLC and GStreamer's playbin3, which stop, stall or stand
// where timestamps restart.
func TestPlayer_DesktopPlayersCrossLoopPointsWhereTimestampsGoOn(t *testing.T) {
	if !playAll {
		t.Skip("only with E2E_PLAYERS=all")
	}
	t.Parallel()
	forEachRealVOD(t, func(t *testing.T, r *realVOD) {
		address, loop := r.continuous(t)
		for name, player := range desktopPlayers {
			if r == hevc && name != "mpv" {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				again(t, func(tt tester) { player.play(t, tt, address, seams*loop+2*time.Second) })
			})
		}
	})
}

// play plays for so long from the first picture on, and wants the player to go on all the time.
func (d desktopPlayer) play(t *testing.T, tt tester, address string, length time.Duration) {
	desktopTurns <- struct{}{}
	defer func() { <-desktopTurns }()
	cmd, output, err := d.start(t, address)
	if err != nil {
		tt.Error(err)
		return
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	timer := time.AfterFunc(length+startTimeout, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	seen := map[string]*progress{}
	lines := bufio.NewScanner(output)
	lines.Split(splitStatus)
	for lines.Scan() {
		found := d.pattern.FindStringSubmatch(lines.Text())
		if found == nil || clockSeconds(found[2]) == 0 { // VLC tells of nothing until it plays
			continue
		}
		if seen[found[1]] == nil {
			seen[found[1]] = &progress{}
		}
		if seen[found[1]].add(time.Now(), clockSeconds(found[2])) >= length {
			break
		}
	}
	if len(seen) == 0 {
		tt.Error("nothing was played")
	}
	for what, p := range seen {
		p.add(time.Now(), p.played)
		tt.Logf("%s: %.1f played in %v; longest stand %v, at %.1f", what, p.played-p.first, p.last.Sub(p.began), p.stand, p.stoodAt)
		if took := p.last.Sub(p.began); took < length-desktopTolerance || p.stand > desktopTolerance {
			tt.Errorf("%s: it played for %v and stood for %v, want %v without a stand", what, took, p.stand, length)
		}
	}
}

// progress is how far a player has come.
type progress struct {
	began, moved, last time.Time
	first, played      float64
	stand              time.Duration // the longest
	stoodAt            float64
}

// add takes how far a player is and returns how long it has played.
func (p *progress) add(now time.Time, played float64) time.Duration {
	if p.began.IsZero() {
		*p = progress{began: now, moved: now, first: played, played: played}
	}
	p.last = now
	if stood := now.Sub(p.moved); stood > p.stand {
		p.stand, p.stoodAt = stood, p.played
	}
	if played > p.played {
		p.played, p.moved = played, now
	}
	return now.Sub(p.began)
}

// splitStatus is a bufio.SplitFunc of lines that end as those of a terminal do.
func splitStatus(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// clockSeconds reads 1:02:03.4 or a number.
func clockSeconds(text string) (sum float64) {
	for part := range strings.SplitSeq(text, ":") {
		n, _ := strconv.ParseFloat(part, 64)
		sum = 60*sum + n
	}
	return sum
}

func startMPV(_ *testing.T, address string) (*exec.Cmd, io.Reader, error) {
	cmd := exec.Command("mpv", "--no-config", "--vo=null", "--ao=null", "--term-status-msg=AT ${=time-pos}", address)
	output, err := cmd.StderrPipe()
	if err != nil {
		return nil, nil, err
	}
	return cmd, output, cmd.Start()
}

func startGStreamer(_ *testing.T, address string) (*exec.Cmd, io.Reader, error) {
	cmd := exec.Command("gst-launch-1.0", "-v", "playbin3", "uri="+address,
		"video-sink=fakesink name=pictures sync=true silent=false", "audio-sink=fakesink name=sound sync=true silent=false")
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	return cmd, output, cmd.Start()
}

// startVLC starts it as another user than root, whom it refuses, and asks it for its statistics.
func startVLC(t *testing.T, address string) (*exec.Cmd, io.Reader, error) {
	control, err := freeAddr()
	if err != nil {
		return nil, nil, err
	}
	home := t.TempDir()
	cmd := exec.Command("vlc", "-I", "rc", "--rc-host", control, "--vout", "vdummy", "--aout", "adummy", "--no-video-title-show", address)
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_RUNTIME_DIR="+home)
	if os.Getuid() == 0 {
		const nobody = 65534
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		if err := os.Chown(home, nobody, nobody); err != nil {
			return nil, nil, err
		}
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	if err := awaitPort(control); err != nil {
		return nil, nil, errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	conn, err := net.Dial("tcp", control)
	if err != nil {
		return nil, nil, errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	go func() { // ends with the player, or with the test
		defer conn.Close()
		every(time.Second, 10*time.Minute, func() bool {
			_, err := fmt.Fprintln(conn, "stats")
			return err != nil
		})
	}()
	return cmd, conn, nil
}
