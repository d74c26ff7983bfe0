// Bench measures what a request, a gigabyte and a VOD cost vod2live, beside
// other servers that do the same work on the same machine. It is what make bench
// runs.
//
// Rates say more of the machine than of the server, so none is told: each
// server's CPU time per request or per gigabyte is taken in turns with the
// others', round by round, and what counts is the ratio within a round. All
// listens on 127.0.0.1, and all that was started is ended.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"
)

// limit is the time limit of the whole run.
const limit = 14*time.Minute + 30*time.Second

func main() {
	if len(os.Args) >= 4 && os.Args[1] == floorCommand {
		exit(serveFloor(os.Args[2], os.Args[3], os.Args[4:]))
	}
	b := &bench{}
	flag.StringVar(&b.server, "server", "bin/vod2live", "the vod2live to be measured")
	flag.StringVar(&b.other, "other", "", "another build of vod2live, to be compared in turns with the first")
	out := flag.String("out", "bin/bench.md", "where the table goes, as Markdown")
	flag.IntVar(&b.rounds, "rounds", 7, "rounds of each comparison")
	flag.DurationVar(&b.turn, "turn", time.Second, "load in one turn; whole seconds")
	flag.IntVar(&b.vods, "vods", 10_000, "VODs that are loaded at once; fewer for a quick run")
	flag.BoolVar(&b.verbose, "v", false, "tell of every turn")
	only := flag.String("only", "", "run only the groups that match")
	flag.Parse()
	chosen, err := regexp.Compile(*only)
	if err != nil {
		exit(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	exit(b.run(ctx, chosen, *out))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// groups are all measurements; each has its own servers.
var groups = []struct {
	name string
	run  func(*bench) ([]row, error)
}{
	{"playlist", (*bench).playlists},
	{"window", (*bench).windows},
	{"segment", (*bench).segments},
	{"moved", (*bench).moved},
	{"views", (*bench).views},
	{"reader", (*bench).readers},
	{"cold", (*bench).cold},
	{"loads", (*bench).loads},
	{"inner", (*bench).inner},
	{"eras", (*bench).eras},
	{"many", (*bench).many},
	{"forms", (*bench).forms},
	{"channels", (*bench).channels},
	{"other", (*bench).others},
}

// run measures and prints the table. A failed measurement is a row with the
// reason.
func (b *bench) run(ctx context.Context, chosen *regexp.Regexp, out string) error {
	if err := b.begin(ctx); err != nil {
		return err
	}
	defer b.clear()
	began := time.Now()
	var rows []row
	for _, g := range groups {
		if !chosen.MatchString(g.name) {
			continue
		}
		b.say("%s …", g.name)
		found, err := g.run(b)
		b.endAll()
		if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return ctx.Err()
		}
		if ctx.Err() != nil {
			err = fmt.Errorf("all must end after %s: %w", limit, ctx.Err())
		}
		if rows = append(rows, found...); err != nil {
			rows = append(rows, row{what: g.name, failed: err})
		}
	}
	table := markdown(rows, b.rounds, time.Since(began))
	fmt.Print(table)
	return os.WriteFile(out, []byte(table), 0o644)
}
