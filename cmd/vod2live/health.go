package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"vod2live/cmd/vod2live/config"
	"vod2live/playlist/mask"
)

const healthHead = `vod2live health checks whether the vod2live that runs on this machine is healthy:
for containers without a shell. It takes the -admin address from the same flags,
environment and file as serving.

  vod2live health [flags]
`

const healthTail = `
Exit status: 0 if it is healthy, 1 if not.
`

// healthTimeout is shorter than the timeouts of container health checks.
const healthTimeout = 3 * time.Second

// health is the subcommand health. Errors in other settings do not matter: the
// running process has its own settings.
func health(ctx context.Context, args []string, env config.Environment, t terminal) int {
	ready := false
	own := config.Settings{{Name: "ready", Value: config.Switch(&ready), FlagOnly: true, Help: "check readiness for viewers (/readyz) instead of liveness (/healthz)"}}
	o := &options{}
	err := flagMistakes(o.read(args, env, own))
	if err == nil && len(o.Operands) > 0 {
		err = fmt.Errorf("%q: unexpected argument%s", mask.Text(o.Operands[0]), meantFlag(o.Operands[0]))
	}
	if err != nil {
		return usage(err, "vod2live health", healthHead+describe(own)+healthTail, t)
	}
	path := "/healthz"
	if ready {
		path = "/readyz"
	}
	line, err := askHealth(ctx, o.operatorScheme()+"://"+nearby(o.admin)+path)
	if err != nil {
		fmt.Fprintf(t.err, "vod2live health: %v\n", err)
		return exitFailure
	}
	fmt.Fprintln(t.out, line)
	return exitOK
}

// meantFlag suggests -ready for ready: without its dash the argument would not
// select the intended state.
func meantFlag(operand string) string {
	if near := config.Suggest(operand, []string{"ready"}); near != "" {
		return "; did you mean -" + near + "?"
	}
	return ""
}

// flagMistakes leaves those of the command line.
func flagMistakes(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	var wrong []error
	for _, mistake := range mistakes(err) {
		if m, is := errors.AsType[*config.Mistake](mistake); is && m.Source == config.FromFlag {
			wrong = append(wrong, m)
		}
	}
	return errors.Join(wrong...)
}

// nearby is where something that listens at an address is for this machine.
func nearby(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// askHealth returns the line of an answer of 200.
func askHealth(ctx context.Context, address string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	transport := &http.Transport{ // no proxy is used
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // its certificate names the public host, and nothing secret is sent
	}
	resp, err := transport.RoundTrip(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "", fmt.Errorf("GET %s: connection refused: start vod2live, or give its -admin address", address)
	}
	if err != nil {
		return "", fmt.Errorf("GET %s: %w", address, err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	line, _, _ := strings.Cut(string(text), "\n")
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("GET %s: %d: %s", address, resp.StatusCode, line)
	}
	return line, nil
}
