package main

import (
	"errors"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
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
		wrong = append(wrong, &config.Mistake{Source: config.FromFlag, Text: operandMistake(operand)})
	}
	return errors.Join(wrong...)
}

// operandMistake says what an operand may stand for.
func operandMistake(operand string) string {
	if address, is := asURL(operand); is {
		return "an origin is given by a flag; did you mean -origin " + address + "?"
	}
	if commands()[operand] != nil {
		return "the command " + operand + " must be the first argument"
	}
	if ext := filepath.Ext(operand); ext == ".yaml" || ext == ".yml" {
		return "a file is given by a flag; did you mean -config " + operand + "?"
	}
	text := "unknown command " + mask.Text(operand)
	if near := config.Suggest(operand, slices.Sorted(maps.Keys(commands()))); near != "" {
		return text + "; did you mean " + near + "?"
	}
	return text
}

// asURL reads an operand that looks like the address of an origin or of a
// playlist there. What it returns has no user, password or query.
func asURL(operand string) (folder string, is bool) {
	if !strings.Contains(operand, "://") {
		host, _, slash := strings.Cut(operand, "/")
		if !slash || !strings.Contains(host, ".") || host[0] == '.' {
			return "", false
		}
		operand = "https://" + operand
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
