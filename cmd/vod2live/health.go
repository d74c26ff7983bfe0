package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

const healthHelp = `vod2live health asks a running vod2live on this machine whether it is well: for
containers without a shell. It finds the -admin address where serving finds it,
in flags, environment and file.

  vod2live health [-ready] [flags]

  -ready             whether it should be sent viewers (/readyz), instead of
                     whether it is alive (/healthz)

Exit status: 0 if it says so, 1 if not.
`

// healthTimeout is less than what containers are given for it.
const healthTimeout = 3 * time.Second

// health is the subcommand of that name. Other settings may be wrong meanwhile:
// a process that runs has its own.
func health(ctx context.Context, args []string, env lookup, t terminal) int {
	path := "/healthz"
	rest := slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return strings.TrimLeft(arg, "-") == "ready" })
	if len(rest) < len(args) {
		path = "/readyz"
	}
	o := &options{}
	set := o.define()
	_ = o.readFile(rest, env)
	_ = readEnvironment(set, env)
	if err := set.Parse(rest); err != nil {
		return usage(err, "health", healthHelp, t)
	}
	line, err := askHealth(ctx, "http://"+nearby(o.admin)+path)
	if err != nil {
		fmt.Fprintf(t.err, "vod2live health: %v\n", err)
		return exitFailure
	}
	fmt.Fprintln(t.out, line)
	return exitOK
}

// nearby is where something that listens at an address is for this machine.
func nearby(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// askHealth returns the one line of an answer of 200.
func askHealth(ctx context.Context, address string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req) // no proxy is asked
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	line, _, _ := strings.Cut(string(text), "\n")
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%d: %s", resp.StatusCode, line)
	}
	return line, nil
}
