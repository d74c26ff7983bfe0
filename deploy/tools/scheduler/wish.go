package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// wish is what vod2live schedule lock reads. Keys of the current object that are not known here are copied.
type wish struct {
	keys map[string]any // of the whole, except for the eras
	eras []any          // of the current object, then new ones
	// What is known of the eras of the current object.
	planned []era
}

// era is a time of a schedule: its items are played once, then the channel's filler until the next one.
type era struct {
	At     time.Time `json:"at"`
	Starts time.Time `json:"starts,omitzero"` // written by lock
	Play   []item    `json:"play"`
}

// item is a VOD that is played, with its title in guides.
type item struct {
	VOD       string `json:"vod"` // ORIGIN/PATH of its playlist
	In        string `json:"in,omitempty"`
	Out       string `json:"out,omitempty"`
	Title     string `json:"title,omitempty"`
	Stretches []struct {
		Length json.Number `json:"length"` // seconds
	} `json:"stretches,omitempty"` // written by lock
}

// soon is how far ahead a change must be, at least: lock freezes what begins within some 5 minutes.
const soon = 10 * time.Minute

// readWish begins with the current object of a channel, or with an empty one if there is no file.
func readWish(file, channel string) (*wish, error) {
	w := &wish{keys: map[string]any{"channel": channel}}
	if file == "" {
		return w, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var current struct {
		Channel string `json:"channel"`
		Written string `json:"written"`
		Eras    []era  `json:"eras"`
	}
	if err = json.Unmarshal(text, &current); err == nil {
		err = json.Unmarshal(text, &w.keys)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", file, err)
	case current.Written == "":
		return nil, fmt.Errorf("%s is not locked: -after needs what vod2live schedule lock has written", file)
	case current.Channel != channel:
		return nil, fmt.Errorf("%s is the schedule of the channel %q, not of %q", file, current.Channel, channel)
	}
	unlock(w.keys)
	w.eras, w.planned = w.keys["eras"].([]any), current.Eras
	return w, nil
}

// unlock takes out what lock has written down, in all of a JSON value.
func unlock(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range []string{"vod2live", "written", "frozen", "starts", "numbers", "sum", "stretches"} {
			delete(v, key)
		}
		for _, inner := range v {
			unlock(inner)
		}
	case []any:
		for _, inner := range v {
			unlock(inner)
		}
	}
}

// begins is when something new can begin: after all that is planned, and not at once if the channel is on air.
func (w *wish) begins(now time.Time) time.Time {
	if len(w.planned) == 0 {
		return time.Time{}
	}
	last := w.planned[len(w.planned)-1].At.Add(time.Second)
	if last.Before(now.Add(soon)) {
		return now.Add(soon)
	}
	return last
}

// withdrawn reports whether a VOD must not be played any more.
func (w *wish) withdrawn(vod string) bool {
	all, _ := w.keys["withdrawn"].([]any)
	return slices.Contains(all, any(vod))
}

func (w *wish) add(e era) { w.eras = append(w.eras, e) }

func (w *wish) write(to io.Writer) error {
	w.keys["eras"] = w.eras
	e := json.NewEncoder(to)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(w.keys)
}
