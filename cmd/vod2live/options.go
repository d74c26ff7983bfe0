package main

import (
	"cmp"
	"errors"
	"net"
	"strconv"
	"time"

	"vod2live/cmd/vod2live/config"
)

// options are the settings of serving, as table describes them.
type options struct {
	listen, admin   string
	webConfig       string // a file; empty: none
	tlsCert, tlsKey string // files; both or neither
	publicAddress   string // of viewers; empty: not known
	connections     int    // of viewers at once; 0: see connectionLimit
	origin          string // mounted as live
	configPath      string
	validate        bool
	window          time.Duration
	dvr             time.Duration
	timestamps      string // empty: see timestampsOf
	epoch           time.Time
	revalidate      time.Duration
	timeout         time.Duration
	segmentCache    int64 // bytes; 0: off
	memory          int64 // bytes
	drain           time.Duration
	logLevel        string
	logFormat       string // empty: by where the log goes
	accessLog       string // on or off
	version         bool

	*config.Reading
	file  *config.File    // of the Reading; nil: none
	given config.Settings // the table, as it was read
}

// defaultMemory is the soft limit of the runtime without a segment cache. With a
// cache there is extra room: replaced objects use memory for a moment.
const defaultMemory = 512 << 20

// parseOptions reads the settings of serving. The error has every mistake.
func parseOptions(args []string, env config.Environment) (*options, error) {
	o := &options{}
	err := o.read(args, env, nil)
	if o.Reading == nil {
		return o, err
	}
	if wrong := misplaced(o.Operands); wrong != nil {
		return o, wrong
	}
	return o, errors.Join(err, o.unexpected())
}

// read reads the settings, including a command's own. The error has every
// mistake; it is flag.ErrHelp if an argument requests help.
func (o *options) read(args []string, env config.Environment, own config.Settings) (err error) {
	o.given = append(own, o.table()...)
	o.Reading, err = o.given.Read(args, env)
	if o.Reading == nil {
		return err
	}
	o.file = o.File
	if o.memory == 0 {
		o.memory = defaultMemory + o.segmentCache + o.segmentCache/4
	}
	if err = errors.Join(err, o.check()); err == nil {
		_, _, err = o.vods()
	}
	return err
}

// check reports settings that contradict each other.
func (o *options) check() error {
	check := o.given.Check
	wrong := []error{
		check(!sameAddress(o.listen, o.admin), "two listeners can't share an address", "listen", "admin"),
		check((o.tlsCert == "") == (o.tlsKey == ""), "both are needed, or neither", "tls-cert", "tls-key"),
		check(o.segmentCache <= o.memory/4*3, "the segment cache is more than three quarters of -memory, which includes it: leave -memory out, or set it to "+leastMemory(o.segmentCache),
			"segment-cache", "memory"),
	}
	for _, name := range o.directOrigins() {
		wrong = append(wrong, check(o.timestamps != config.Continuous, "the origin "+name+" has segments: direct, and continuous timestamps need segments that pass through here", "timestamps"))
	}
	if o.file != nil && o.file.Guide != nil {
		wrong = append(wrong, check(o.publicAddress != "", "the guide needs it: the address at which viewers reach this server, such as https://tv.example.com", "public-address"))
	}
	for _, c := range o.channels() {
		wrong = append(wrong, check(o.origin == "" || c.Name != liveMount, "the origin is mounted as live, and the file has a channel of that name", "origin"))
	}
	return errors.Join(wrong...)
}

// directOrigins are those whose segments are not proxied.
func (o *options) directOrigins() (names []string) {
	if o.file == nil {
		return nil
	}
	for _, one := range o.file.Origins {
		if one.Direct {
			names = append(names, one.Name)
		}
	}
	return names
}

// leastMemory is the smallest -memory for a segment cache.
func leastMemory(segmentCache int64) string {
	return strconv.FormatInt((segmentCache/3*4)>>20+1, 10) + "MiB"
}

// sameAddress reports whether only one listener can use two addresses.
func sameAddress(a, b string) bool {
	hostA, portA, _ := net.SplitHostPort(a)
	hostB, portB, _ := net.SplitHostPort(b)
	return portA == portB && portA != "" && portA != "0" && (hostA == hostB || hostA == "" || hostB == "")
}

// timestampsOf is the mode of the timestamps of a stream with its own setting, or none
// (""). Those of the built-in VOD continue: it is for trying any player, and VLC,
// ffplay and mpv fail or freeze where timestamps restart.
func (o *options) timestampsOf(own string) string {
	unset := config.Restart
	if o.builtIn() {
		unset = config.Continuous
	}
	return cmp.Or(own, o.timestamps, unset)
}

// builtIn reports whether the VOD in the binary is the only origin.
func (o *options) builtIn() bool {
	return o.origin == "" && (o.file == nil || len(o.file.Origins) == 0)
}
