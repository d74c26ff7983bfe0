package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// wish is what a channel is to play, as people and tools write it.
type wish struct {
	Channel string    `json:"channel"`
	Target  int       `json:"target_duration,omitempty"`
	Model   string    `json:"model,omitempty"`
	Slate   string    `json:"slate,omitempty"`
	Eras    []wishEra `json:"eras"`
}

type wishEra struct {
	At   time.Time  `json:"at"`
	Loop []wishItem `json:"loop"`
}

type wishItem struct {
	VOD   string `json:"vod"`
	Title string `json:"title,omitempty"`
}

// item is a VOD of the origin "vod" as an item of a schedule.
func (k *kind) item() string { return "vod/" + k.name + "/" + k.entry }

// lockWish runs vod2live schedule lock and returns the object. after is the current object; nil: there is none. The files
// of both go into a folder.
func lockWish(folder string, env []string, config string, w wish, after []byte) ([]byte, error) {
	text, err := json.Marshal(w)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "wish.json")
	if err := replace(file, string(text)); err != nil {
		return nil, err
	}
	args := []string{"schedule", "lock", "-config", config, file}
	if after != nil {
		current := filepath.Join(folder, "current.json")
		if err := replace(current, string(after)); err != nil {
			return nil, err
		}
		args = append(args, "-after", current)
	}
	cmd := exec.Command(shared.binary, args...)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	object, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("vod2live %q: %w\n%s", args, err, &stderr)
	}
	return object, nil
}

// onAir waits until a process answers for a stream.
func onAir(entry string) error {
	return await(func() error {
		_, err := renditions(entry)
		return err
	})
}

// problemsOf are the codes of the problems that the operator's API lists of a channel, each with its text.
func (p *process) problemsOf(channel string) (map[string]string, error) {
	text, err := fetchText(p.operator + "/api/streams")
	if err != nil {
		return nil, err
	}
	var list struct {
		Streams []struct {
			Mount    string
			Problems []struct{ Code, Text string }
		}
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, err
	}
	for _, s := range list.Streams {
		if s.Mount != channel {
			continue
		}
		found := map[string]string{}
		for _, one := range s.Problems {
			found[one.Code] += one.Text + "\n"
		}
		return found, nil
	}
	return nil, fmt.Errorf("no channel %s in\n%s", channel, text)
}
