// Vod2live is a reverse proxy that makes endless live HLS streams out of the
// VODs of an origin. See README.md, or vod2live -help.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// version is set when a release is built.
var version = "dev"

// The ways to exit.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() { // ends with the process
		<-signals
		stop()
		<-signals // a second one ends it at once
		os.Exit(exitFailure)
	}()
	os.Exit(run(ctx, os.Args[1:], os.LookupEnv, terminal{os.Stdout, os.Stderr}))
}

// terminal is where output goes.
type terminal struct{ out, err io.Writer }

// run is main with all that surrounds it given; it serves until ctx is done.
func run(ctx context.Context, args []string, env func(string) (string, bool), t terminal) int {
	if len(args) > 0 {
		switch args[0] {
		case "check":
			return check(ctx, args[1:], t)
		case "render":
			return render(ctx, args[1:], t)
		case "health":
			return health(ctx, args[1:], env, t)
		}
	}
	o, err := parseOptions(args, env)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(t.out, help)
		return exitOK
	case err != nil:
		fmt.Fprintf(t.err, "vod2live: %v\n\nvod2live -help says what there is.\n", err)
		return exitUsage
	case o.version:
		fmt.Fprintln(t.out, "vod2live", version)
		return exitOK
	}
	if o.validate {
		err = o.validated(t)
	} else {
		v := &viewers{args: args, env: env, options: o}
		err = v.serve(ctx, t)
	}
	if err != nil {
		fmt.Fprintf(t.err, "vod2live: %v\n", err)
		return exitFailure
	}
	return exitOK
}

// validated says that the settings are right. Its error is of the certificate
// that they name: it may come yet, so that they are not wrong.
func (o *options) validated(t terminal) error {
	if err := o.checkPair(); err != nil {
		return err
	}
	fmt.Fprintln(t.out, "The settings are right.")
	return nil
}
