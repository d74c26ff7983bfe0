package main

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vod2live/cmd/vod2live/config"
	"vod2live/playlist/mask"
)

// unexpected reports operands: serving takes none.
func (o *options) unexpected() error {
	if o.Unsure { // one may belong to an unknown flag, which has been reported
		return nil
	}
	var wrong []error
	for _, operand := range o.Operands {
		text, known := operandMistake(operand)
		wrong = append(wrong, &config.Mistake{Source: config.FromFlag, Text: text})
		if !known { // what follows belongs to it
			break
		}
	}
	return errors.Join(wrong...)
}

// misplaced reports a command that is not first: flags before it would be its
// own.
func misplaced(operands []string) error {
	if len(operands) == 0 || commands()[operands[0]] == nil {
		return nil
	}
	return &config.Mistake{Source: config.FromFlag, Text: "the command must be the first argument: vod2live " + operands[0] + " …"}
}

// operandMistake returns the probable meaning of an operand, and whether it is
// known.
func operandMistake(operand string) (text string, known bool) {
	if address, is := asURL(operand); is {
		return "an origin is given by a flag; did you mean -origin " + address + "?", true
	}
	if ext := filepath.Ext(operand); ext == ".yaml" || ext == ".yml" {
		return "a configuration file is given by a flag; did you mean -config " + operand + "?", true
	}
	if flag := strings.TrimLeft(operand, "–—"); flag != operand {
		return "a typographic dash; did you mean -" + flag + "?", false
	}
	text = "unknown command " + strconv.Quote(mask.Text(operand))
	if near := config.Suggest(operand, slices.Sorted(maps.Keys(commands()))); near != "" {
		return text + "; did you mean " + near + "?", false
	}
	return text, false
}

// namesPlaylist reports whether an address ends as those of playlists do.
func namesPlaylist(address string) bool {
	ext := strings.ToLower(path.Ext(address))
	return ext == ".m3u8" || ext == ".m3u"
}

// vodMistake reports what can't be the address of a VOD.
func vodMistake(operand string) error {
	shown := mask.Text(operand)
	u, err := url.Parse(operand)
	file := strings.TrimRight(shown, "/")
	switch {
	case err == nil && strings.HasSuffix(u.Path, "/") && namesPlaylist(file):
		return fmt.Errorf("%s: a slash at the end; did you mean %s?", shown, file)
	case err == nil && strings.HasSuffix(u.Path, "/"):
		return fmt.Errorf("%s: a folder; give the address of the playlist in it, such as %smaster.m3u8", shown, shown)
	case !strings.Contains(operand, "://") && !strings.HasPrefix(operand, "/"):
		if meant := config.WithScheme(shown); meant != "" && strings.Contains(shown, "/") {
			return fmt.Errorf("%s: not http or https; did you mean %s?", shown, meant)
		}
	}
	return nil
}

// asURL reads an operand that looks like the address of an origin or of a
// playlist there. What it returns has no user, password or query.
func asURL(operand string) (folder string, is bool) {
	if !strings.Contains(operand, "://") {
		meant := config.WithScheme(operand)
		if meant == "" || !strings.Contains(operand, "/") {
			return "", false
		}
		operand = meant
	}
	u, err := url.Parse(operand)
	if err != nil || u.Host == "" {
		return "URL", true
	}
	path := u.EscapedPath()
	if ext := strings.ToLower(filepath.Ext(path)); ext == ".m3u8" || ext == ".m3u" {
		path = path[:strings.LastIndexByte(path, '/')]
	}
	return u.Scheme + "://" + u.Host + path, true
}
