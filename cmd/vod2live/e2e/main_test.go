package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

const (
	// loopLength is the length of every VOD that the tests make: 200 frames, 375 frames of AAC.
	loopLength = 8 * time.Second

	// watchTime is long enough for two loop points to come, and for two to leave the live window.
	watchTime = 2*loopLength + 2*time.Second

	// window is what the proxy is asked for; with target durations of two seconds it gets it.
	window = 20 * time.Second
)

// epoch is when the first loop of the streams begins: on the day before, for at each reload hls.js goes through all
// discontinuity sequence numbers from 0 on, and of loops of 8 s since 2020 there are so many that this alone holds its
// page up for half a second each time. Midnight begins a loop of 8 s whatever the epoch.
var epoch = time.Now().UTC().Truncate(24 * time.Hour).Add(-24 * time.Hour)

// proxyArgs are those of every vod2live that plays the VODs.
func proxyArgs() []string { return append(streamArgs(), "-origin", shared.origin.url+"/vods") }

// streamArgs are those of proxyArgs that are about all streams.
func streamArgs() []string {
	return []string{"-window", window.String(), "-epoch", epoch.Format(time.RFC3339)}
}

// shared are the parts that all tests use. All but more is set before the first test and not changed after.
var shared struct {
	dir      string   // holds everything that is made, removed at the end
	binary   string   // vod2live
	origin   *nginx   // serves dir/vods
	proxy    *process // vod2live in front of it
	chromium *browser
	mu       sync.Mutex // guards more
	more     []*process // that several tests use
}

// keep keeps a process that several tests use until the end of all.
func keep(p *process) {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.more = append(shared.more, p)
}

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("e2e: left out with -short")
		return
	}
	if err := flag.Set("test.parallel", "256"); err != nil { // the tests wait for the clock, not for the processor
		panic(err)
	}
	os.Exit(run(m))
}

// run starts the shared parts, runs the tests and stops the parts.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "vod2live-e2e-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(dir)
	shared.dir = dir
	if err := os.Mkdir(vodFolder(), 0o755); err != nil {
		return fail(err)
	}
	if shared.binary, err = buildBinary(dir); err != nil {
		return fail(err)
	}
	if shared.origin, err = startNginx(dir); err != nil {
		return fail(err)
	}
	defer shared.origin.stop()
	if shared.proxy, err = startProcess(proxyArgs()...); err != nil {
		return fail(err)
	}
	defer shared.proxy.kill()
	defer func() {
		for _, p := range shared.more {
			p.kill()
		}
	}()
	shared.chromium = &browser{}
	defer shared.chromium.close()

	code := m.Run()
	if err := shared.proxy.terminate(); err != nil {
		return fail(err)
	}
	return code
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "e2e:", err)
	return 1
}

// vodFolder is the folder of the VODs, which the origin serves as /vods.
func vodFolder() string { return filepath.Join(shared.dir, "vods") }

// buildBinary builds vod2live, unless $E2E_BINARY names one to test.
func buildBinary(dir string) (string, error) {
	if given := os.Getenv("E2E_BINARY"); given != "" {
		return given, nil
	}
	binary := filepath.Join(dir, "vod2live")
	out, err := exec.Command("go", "build", "-o", binary, "vod2live/cmd/vod2live").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build vod2live: %w\n%s", err, out)
	}
	return binary, nil
}
