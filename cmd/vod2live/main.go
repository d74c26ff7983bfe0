// Vod2live is a reverse proxy that makes endless live HLS streams out of the
// VODs of an origin. See README.md, or vod2live -help.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	stdlog "log"
	"os"
	"os/signal"
	"syscall"

	"vod2live/cmd/vod2live/config"
	"vod2live/cmd/vod2live/notices"
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
	stdlog.SetOutput(io.Discard) // net/http's transport writes there what an origin sends unasked, which may repeat a request with its secrets
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() { // ends with the process
		<-signals
		stop()
		<-signals // a second one ends it at once
		os.Exit(exitFailure)
	}()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), terminal{os.Stdout, os.Stderr}))
}

// terminal is where output goes.
type terminal struct{ out, err io.Writer }

// command is a subcommand, which precedes its flags.
type command func(ctx context.Context, args []string, env config.Environment, t terminal) int

func commands() map[string]command {
	return map[string]command{"check": check, "render": render, "health": health, "config": configuration, "schedule": scheduleCommand, "help": helpOf, "version": printVersion, "licenses": printNotices}
}

// helpOf is the subcommand help.
func helpOf(ctx context.Context, args []string, env config.Environment, t terminal) int {
	if len(args) == 0 || args[0] == "-help" {
		fmt.Fprint(t.out, help())
		return exitOK
	}
	of := commands()[args[0]]
	if of == nil {
		text, _ := operandMistake(args[0])
		return usage(errors.New(text), "vod2live", "", t)
	}
	return of(ctx, []string{"-help"}, env, t)
}

func printVersion(_ context.Context, _ []string, _ config.Environment, t terminal) int {
	fmt.Fprintln(t.out, "vod2live", version)
	return exitOK
}

// printNotices is the subcommand licenses.
func printNotices(_ context.Context, _ []string, _ config.Environment, t terminal) int {
	text := notices.Text()
	if text == "" {
		fmt.Fprintln(t.err, "vod2live licenses: this program was built without them; `make build` collects them")
		return exitFailure
	}
	fmt.Fprint(t.out, text)
	return exitOK
}

// run is main with all that surrounds it given; it serves until ctx is done.
func run(ctx context.Context, args []string, env config.Environment, t terminal) int {
	if len(args) > 0 {
		if command := commands()[args[0]]; command != nil {
			return command(ctx, args[1:], env, t)
		}
	}
	o, err := parseOptions(args, env)
	switch {
	case err != nil:
		return usage(err, "vod2live", help(), t)
	case o.version:
		return printVersion(ctx, nil, env, t)
	}
	if o.validate {
		err = o.validated(t)
	} else {
		v := &service{args: args, env: env, options: o}
		err = v.serve(ctx, t)
	}
	if err != nil {
		fmt.Fprintf(t.err, "vod2live: %v\n", err)
		return exitFailure
	}
	return exitOK
}

// usage reports errors in a command's arguments and settings, or prints its
// help if that was requested.
func usage(err error, command, help string, t terminal) int {
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(t.out, help)
		return exitOK
	}
	for _, mistake := range mistakes(err) {
		if m, is := errors.AsType[*config.Mistake](mistake); !is || m.Place == "" { // a position is at the start of the line
			fmt.Fprintf(t.err, "%s: ", command)
		}
		fmt.Fprintln(t.err, mistake)
	}
	fmt.Fprintf(t.err, "\nRun %s -help for help.\n", command)
	return exitUsage
}

// mistakes are the errors that others join.
func mistakes(err error) (all []error) {
	joined, is := err.(interface{ Unwrap() []error })
	if !is {
		return []error{err}
	}
	for _, one := range joined.Unwrap() {
		all = append(all, mistakes(one)...)
	}
	return all
}

// validated reports that the settings have no errors. An unusable certificate or
// web configuration is a failure, not a configuration error: the file may still be
// missing.
func (o *options) validated(t terminal) error {
	if err := errors.Join(o.checkPair(), o.checkWebConfig()); err != nil {
		return err
	}
	o.warn(t)
	fmt.Fprintln(t.out, "The configuration is valid.")
	return nil
}

// warn shows the warnings about the settings.
func (o *options) warn(t terminal) {
	for _, warning := range o.Warnings {
		fmt.Fprintf(t.err, "vod2live: warning: %s\n", warning)
	}
}
