package main

import (
	"strings"

	"vod2live/cmd/vod2live/config"
)

const helpHead = `vod2live makes endless live HLS streams of the VODs of an origin.

  vod2live                       serve a small built-in VOD
  vod2live -origin https://cdn.example.com/vod
                                 serve every VOD below that address:
                                 …/vod/movie/master.m3u8 loops indefinitely at
                                 http://HOST:8080/live/movie/master.m3u8
  vod2live -config FILE          several origins, private buckets, channels

  vod2live check URL             report the properties and problems of a VOD
  vod2live render URL            print the live playlist of an instant
  vod2live schedule lock FILE    add starts and numbers to a channel's schedule
  vod2live health                report whether a running vod2live is healthy
  vod2live config -schema        print the JSON schema of the configuration file
  vod2live help [COMMAND]        print this page, or the help of a command
  vod2live version               print the version
  vod2live licenses              print the licenses of the libraries in use
`

const helpTail = `
Each flag is also an environment variable, VOD2LIVE_LOG_LEVEL=warn, and a key of
the configuration file, log_level: warn (window, epoch, dvr and timestamps below
live:). Flags take precedence over the environment, the environment over the
file. Only the file has origins, channels and cors: see
deploy/vod2live.example.yaml.
Exit status: 0 after SIGINT or SIGTERM with all requests ended, 1 on a failure,
2 on a configuration error.
`

// help is the text of -help.
func help() string {
	return helpHead + describe((&options{}).table()) + helpTail
}

// The columns of help.
const (
	helpIndent = 23
	helpWidth  = 80
)

// describe lists settings by group, with their defaults.
func describe(table config.Settings) string {
	var b strings.Builder
	for i, s := range table {
		if i == 0 || s.Group != table[i-1].Group {
			b.WriteString("\n")
			if s.Group != "" {
				b.WriteString(s.Group + "\n")
			}
		}
		text := s.Help
		if shown := shownDefault(s); shown != "" {
			text += " (default " + shown + ")"
		}
		b.WriteString(wrap("  "+strings.TrimSpace("-"+s.Name+" "+s.Unit), text))
	}
	return b.String()
}

// shownDefault is the default of a setting for the help; empty: it has none.
func shownDefault(s *config.Setting) string {
	if s.Default == "" && s.Unset != "none" {
		return s.Unset
	}
	return s.Default
}

// wrap writes a term and its text in two columns.
func wrap(term, text string) string {
	var b strings.Builder
	b.WriteString(term)
	at := len([]rune(term))
	if at >= helpIndent {
		b.WriteString("\n")
		at = 0
	}
	for word := range strings.FieldsSeq(text) {
		length := len([]rune(word))
		if at > helpIndent && at+1+length > helpWidth {
			b.WriteString("\n")
			at = 0
		}
		if at <= helpIndent {
			b.WriteString(strings.Repeat(" ", helpIndent-at))
			at = helpIndent
		} else {
			b.WriteString(" ")
			at++
		}
		b.WriteString(word)
		at += length
	}
	return b.String() + "\n"
}
