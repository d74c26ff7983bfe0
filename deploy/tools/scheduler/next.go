package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// answer is what a "what next?" webhook answers, in the form of Eyevinn's FAST engine.
type answer struct {
	Title             string
	HLSURL            string `json:"hlsUrl"`
	DesiredOffsetMs   int64
	DesiredDurationMs int64
}

// next is one call of that command.
type next struct {
	common
	channel, webhook string
	origin, base     string // VODs below the address base are those of an origin
	ahead            time.Duration
	reader           reader
	notes            io.Writer
}

func nextCommand(flags *flag.FlagSet, args []string, notes io.Writer) (*wish, error) {
	n := next{reader: newReader(""), notes: notes}
	flags.StringVar(&n.channel, "channel", "", "the `NAME` of the channel")
	flags.StringVar(&n.webhook, "webhook", "", "the `URL` that is asked for the next VOD, with ?channelId=NAME")
	flags.StringVar(&n.base, "origin", "", "`NAME=URL` of the origin that has the VODs")
	flags.DurationVar(&n.ahead, "ahead", 24*time.Hour, "how far to plan")
	if err := n.parse(flags, args); err != nil {
		return nil, err
	}
	n.origin, n.base, _ = strings.Cut(n.base, "=")
	if n.channel == "" || n.webhook == "" || n.base == "" {
		return nil, errors.New("-channel, -webhook and -origin NAME=URL are needed")
	}
	n.base = strings.TrimSuffix(n.base, "/") + "/"
	now, err := n.instant()
	if err != nil {
		return nil, err
	}
	w, err := readWish(n.after, n.channel)
	if err != nil {
		return nil, err
	}
	return w, n.fill(w, now)
}

// Bounds of one run.
const (
	maxAsked   = 500 // calls of the webhook
	maxUseless = 20  // of these, without a VOD that can be played
)

// fill requests VODs until enough is planned: they are one more era.
func (n *next) fill(w *wish, now time.Time) error {
	e := era{At: w.goesOn(now)}
	for asked, end := 0, e.At; end.Before(now.Add(n.ahead)); asked++ {
		if asked == maxAsked || asked-len(e.Play) == maxUseless {
			return fmt.Errorf("%d answers of the webhook, %d of which can be played, are not enough for %s", asked, len(e.Play), n.ahead)
		}
		i, length, err := n.ask()
		if err != nil {
			return err
		}
		if length == 0 || w.withdrawn(i.VOD) {
			continue
		}
		e.Play = append(e.Play, i)
		end = end.Add(length)
	}
	if len(e.Play) > 0 {
		w.add(e)
	}
	return nil
}

// goesOn is when all that is planned has been played: lock has written down how long each item is.
func (w *wish) goesOn(now time.Time) time.Time {
	if len(w.planned) == 0 {
		return now
	}
	last := w.planned[len(w.planned)-1]
	end := last.Starts
	for _, i := range last.Play {
		for _, s := range i.Stretches {
			length, _ := time.ParseDuration(s.Length.String() + "s")
			end = end.Add(length)
		}
	}
	if end.Before(now.Add(soon)) { // the filler is on air
		return now.Add(soon)
	}
	return end
}

// ask requests the next VOD. One whose length is 0 can't be read.
func (n *next) ask() (i item, length time.Duration, err error) {
	u, err := url.Parse(n.webhook)
	if err != nil {
		return i, 0, err
	}
	query := u.Query()
	query.Set("channelId", n.channel)
	u.RawQuery = query.Encode()
	text, err := n.reader.get(u)
	if err != nil {
		return i, 0, err
	}
	var a answer
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return i, 0, fmt.Errorf("GET %s: %w", shown(u), err)
	}
	path, within := strings.CutPrefix(a.HLSURL, n.base)
	playlist, err := url.Parse(a.HLSURL)
	if err != nil || !within {
		return i, 0, fmt.Errorf("GET %s: hlsUrl %q is not beneath %s", shown(u), a.HLSURL, n.base)
	}
	if length, err = n.reader.length(playlist); err != nil {
		fmt.Fprintf(n.notes, "scheduler: left out: %v\n", err)
		return i, 0, nil
	}
	i, length = a.item(n.origin+"/"+path, length)
	return i, length, nil
}

// item is the part of a VOD that is wanted.
func (a *answer) item(vod string, length time.Duration) (item, time.Duration) {
	i := item{VOD: vod, Title: a.Title}
	in, end := time.Duration(a.DesiredOffsetMs)*time.Millisecond, length
	if in > 0 && in < length {
		i.In = in.String()
	} else {
		in = 0
	}
	if out := in + time.Duration(a.DesiredDurationMs)*time.Millisecond; out > in && out < length {
		i.Out, end = out.String(), out
	}
	return i, end - in
}
