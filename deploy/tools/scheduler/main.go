// Scheduler is an example of a program that fills the schedule of a vod2live channel. It writes a wish, for
// vod2live schedule lock, on standard output:
//
//	scheduler week -plan plan.json -vods FOLDER [-after current.json]     a week out of a folder of VODs
//	scheduler next -channel kids -webhook URL -origin vod=URL [-after current.json]     what a webhook answers
//
// It is meant to be read, and to be written again in your own language: vod2live needs nothing of it but the JSON.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "scheduler:", err)
		}
		os.Exit(2)
	}
}

func run(args []string, out, notes io.Writer) error {
	if len(args) == 0 {
		return errors.New("week or next is missing; scheduler week -h lists the flags")
	}
	commands := map[string]func(*flag.FlagSet, []string, io.Writer) (*wish, error){"week": weekCommand, "next": nextCommand}
	command := commands[args[0]]
	if command == nil {
		return fmt.Errorf("unknown command %q: week and next are possible", args[0])
	}
	flags := flag.NewFlagSet("scheduler "+args[0], flag.ContinueOnError)
	flags.SetOutput(notes)
	w, err := command(flags, args[1:], notes)
	if err != nil {
		return err
	}
	return w.write(out)
}

// common are the flags of both commands.
type common struct {
	after string
	now   string
}

func (c *common) parse(flags *flag.FlagSet, args []string) error {
	flags.StringVar(&c.after, "after", "", "the current schedule object `FILE`: what it has planned stays, and the wish goes on behind it")
	flags.StringVar(&c.now, "now", "", "plan as if it were this `INSTANT`, RFC 3339 (default: the clock)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return nil
}

func (c *common) instant() (time.Time, error) {
	return time.Parse(time.RFC3339, cmp.Or(c.now, time.Now().Format(time.RFC3339)))
}
