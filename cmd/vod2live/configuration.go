package main

import (
	"context"
	"errors"
	"fmt"

	"vod2live/cmd/vod2live/config"
)

const configHead = `vod2live config prints the JSON schema of the configuration file, with which
editors complete and check it.

  vod2live config -schema > vod2live.schema.json
`

const configTail = `
deploy/vod2live.example.yaml has every key with its meaning. vod2live -validate
reports every configuration error.
`

// configuration is the subcommand config.
func configuration(_ context.Context, args []string, env config.Environment, t terminal) int {
	print := false
	own := config.Settings{{Name: "schema", Value: config.Switch(&print), FlagOnly: true, Help: "print the JSON schema"}}
	help := configHead + describe(own) + configTail
	r, err := own.Read(args, env)
	if err == nil && (!print || len(r.Operands) > 0) {
		err = errors.New("-schema is required, and takes no arguments")
	}
	if err != nil {
		return usage(err, "vod2live config", help, t)
	}
	text, err := config.Schema((&options{}).table())
	if err != nil { // it has texts and numbers only
		panic(err)
	}
	fmt.Fprint(t.out, string(text))
	return exitOK
}
