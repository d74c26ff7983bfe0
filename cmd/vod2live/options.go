package main

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"go.uber.org/zap/zapcore"

	"vod2live/cmd/vod2live/config"
	"vod2live/playlist/mask"
)

// options are the settings of serving, from flags and environment.
type options struct {
	listen, admin   string
	tlsCert, tlsKey string       // files; both or neither
	connections     int          // of viewers at once; 0: see connectionLimit
	origin          string       // mounted as live
	file            *config.File // of -config
	configPath      string
	fileSum         [sha256.Size]byte // of its text
	validate        bool
	window          time.Duration
	epoch           time.Time
	revalidate      time.Duration
	timeout         time.Duration
	segmentCache    int64 // bytes; 0: off
	memory          int64 // bytes
	drain           time.Duration
	logLevel        zapcore.Level
	version         bool
}

const help = `vod2live makes endless live HLS streams out of the VODs of an origin.

  vod2live                            serve a small VOD that is built in
  vod2live -origin https://cdn.example.com/vod
                                      serve all VODs beneath that address:
                                      …/vod/movie/master.m3u8 plays for ever at
                                      http://HOST:8080/live/movie/master.m3u8
  vod2live -config vod2live.yaml      several origins, private buckets, channels
  vod2live check URL                  what a VOD is, and what is wrong with it
  vod2live render URL                 the live playlist of an instant
  vod2live health                     whether the one that runs here is well

Listeners
  -listen ADDRESS      for viewers (:8080)
  -admin ADDRESS       for the operator: /metrics /healthz /readyz /api/
                       /debug/pprof/ and a page (127.0.0.1:9180)
                       (sockets that systemd hands over count more than both)
  -tls-cert FILE       certificate and chain for viewers, PEM; with it they are
                       answered by TLS only, HTTP/2 or HTTP/1.1
  -tls-key FILE        its key; both are read again at SIGHUP and when they change
  -connections N       of viewers at once; those beyond are closed (one for each
                       64KiB of -memory and 2.5 files that may be open)

Configuration file
  -config FILE         what it holds is in the README; it is read again at
                       SIGHUP and when it changes
  -validate            say all that is wrong with the settings, and exit

Streams
  -origin URL          where the VODs are: http or https, a path if need be
  -window DURATION     how much a live playlist spans, at least (60s); six
                       segments and three target durations are always in it
  -epoch INSTANT       when the first loop of every stream began, as RFC 3339
                       (2026-01-01T00:00:00Z); must be the same in all replicas
                       and after a restart, or streams are renumbered

Origin
  -revalidate DURATION how often a stream that is watched is compared with its
                       VOD at the origin (60s)
  -timeout DURATION    until an origin's headers, until the last byte of a
                       playlist, and for the longest stall of a segment (10s)

Process
  -segment-cache SIZE  segments are kept in so much of the memory, and asked of
                       the origin once for all who want them; 0 is off (0)
  -memory SIZE         soft limit of the Go runtime, of which the segment cache
                       is a part; loaded streams take up to three quarters of
                       the rest (512MiB and 1.25 times the segment cache)
  -drain DURATION      how long requests may take to end at a stop (30s)
  -log-level LEVEL     debug, info, warn or error (info)
  -version             print the version
  -help                print this page

Each flag is also an environment variable: VOD2LIVE_LOG_LEVEL=warn. Flags win
over the environment, the environment over the file.
Exit status: 0 after SIGINT or SIGTERM with all requests ended, 1 on a failure,
2 on a wrong setting.
`

// defaultEpoch is when every loop began, unless told otherwise. It is no earlier
// because hls.js needs some 15 ns per discontinuity since then whenever it
// reloads a playlist: with a loop of 10 s and an epoch six years back, a third
// of a second.
var defaultEpoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// The soft limit of the runtime, if it is not set, leaves room around the segment
// cache: what is read in and thrown out again takes memory for a moment.
const (
	defaultMemory = 512 << 20
	unset         = -1
)

const envPrefix = "VOD2LIVE_"

// lookup is os.LookupEnv.
type lookup func(name string) (value string, set bool)

// parseOptions reads flags, then the environment for those not given, then the
// file for what neither says. All that is wrong is told at once.
func parseOptions(args []string, env lookup) (*options, error) {
	o := &options{}
	set := o.define()
	wrong := o.readFile(args, env)
	wrong = append(wrong, readEnvironment(set, env)...)
	if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil, err
	} else if err != nil {
		wrong = append(wrong, err)
	} else if set.NArg() > 0 {
		wrong = append(wrong, fmt.Errorf("%q is no flag: an origin is given by -origin", mask.Text(set.Arg(0))))
	}
	if o.memory == unset {
		o.memory = defaultMemory + o.segmentCache + o.segmentCache/4
	}
	return o, errors.Join(append(wrong, o.check()...)...)
}

// readEnvironment sets flags from the environment.
func readEnvironment(set *flag.FlagSet, env lookup) (wrong []error) {
	set.VisitAll(func(f *flag.Flag) {
		name := envPrefix + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		if value, has := env(name); has && f.Name != "version" && f.Name != "validate" {
			if err := f.Value.Set(value); err != nil {
				wrong = append(wrong, fmt.Errorf("%s=%q: %w", name, value, err))
			}
		}
	})
	return wrong
}

// maxFile is how large a configuration file may be.
const maxFile = 1 << 20

// readFile reads the file that flags or environment name, and takes over what
// it says.
func (o *options) readFile(args []string, env lookup) []error {
	names := &options{}
	set := names.define()
	_ = readEnvironment(set, env) // mistakes are told when all is read
	_ = set.Parse(args)
	o.configPath = names.configPath
	if err := o.openFile(env); err != nil {
		return []error{err}
	}
	return nil
}

// openFile reads the configuration file, if there is one.
func (o *options) openFile(env lookup) error {
	if o.configPath == "" {
		return nil
	}
	text, err := readLimited(o.configPath)
	if err != nil {
		return fmt.Errorf("-config: %w", err)
	}
	o.fileSum = sha256.Sum256(text)
	if o.file, err = config.Parse(text, env); err != nil {
		return fmt.Errorf("%s:\n%w", o.configPath, err)
	}
	o.take(o.file)
	return nil
}

func readLimited(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	}
	return text, err
}

// take takes over what a file sets.
func (o *options) take(f *config.File) {
	o.listen, o.admin = cmp.Or(f.Listen, o.listen), cmp.Or(f.Admin, o.admin)
	o.tlsCert, o.tlsKey = f.TLSCert, f.TLSKey
	o.window = cmp.Or(f.Live.Window, o.window)
	o.segmentCache = f.SegmentCache
	if !f.Live.Epoch.IsZero() {
		o.epoch = f.Live.Epoch
	}
}

func (o *options) define() *flag.FlagSet {
	set := flag.NewFlagSet("vod2live", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&o.configPath, "config", "", "")
	set.BoolVar(&o.validate, "validate", false, "")
	set.StringVar(&o.listen, "listen", ":8080", "")
	set.StringVar(&o.admin, "admin", "127.0.0.1:9180", "")
	set.StringVar(&o.tlsCert, "tls-cert", "", "")
	set.StringVar(&o.tlsKey, "tls-key", "", "")
	set.IntVar(&o.connections, "connections", 0, "")
	set.StringVar(&o.origin, "origin", "", "")
	set.DurationVar(&o.window, "window", time.Minute, "")
	o.epoch = defaultEpoch
	set.Func("epoch", "", instant(&o.epoch))
	set.DurationVar(&o.revalidate, "revalidate", time.Minute, "")
	set.DurationVar(&o.timeout, "timeout", 10*time.Second, "")
	set.Func("segment-cache", "", size(&o.segmentCache))
	o.memory = unset
	set.Func("memory", "", size(&o.memory))
	set.DurationVar(&o.drain, "drain", 30*time.Second, "")
	set.Func("log-level", "", func(text string) (err error) {
		o.logLevel, err = zapcore.ParseLevel(text)
		return err
	})
	set.BoolVar(&o.version, "version", false, "")
	return set
}

func size(to *int64) func(string) error {
	return func(text string) (err error) {
		*to, err = config.ParseSize(text)
		return err
	}
}

// check finds what each setting by itself can't tell.
func (o *options) check() (wrong []error) {
	refuse := func(condition bool, format string, args ...any) {
		if condition {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	refuse(!config.IsAddress(o.listen), "-listen %q: an address is HOST:PORT or :PORT", o.listen)
	refuse(!config.IsAddress(o.admin), "-admin %q: an address is HOST:PORT or :PORT", o.admin)
	refuse(sameAddress(o.listen, o.admin), "-listen %q, -admin %q: both can't listen at one address", o.listen, o.admin)
	refuse((o.tlsCert == "") != (o.tlsKey == ""), "-tls-cert %q, -tls-key %q: both or neither are needed", o.tlsCert, o.tlsKey)
	refuse(o.connections < 0, "-connections %d: can't be negative", o.connections)
	_, _, err := o.vods()
	refuse(err != nil, "%w", err)
	for _, c := range o.channels() {
		refuse(o.origin != "" && c.Name == liveMount, "-origin is mounted as %q, and so is a channel of the file", liveMount)
	}
	windowErr := o.windowErr()
	refuse(windowErr != nil, "%w", windowErr)
	epochErr := config.CheckEpoch(o.epoch)
	refuse(epochErr != nil, "-epoch %s %w", o.epoch.Format(time.RFC3339), epochErr)
	refuse(o.revalidate < time.Second, "-revalidate %s: at least 1s", o.revalidate)
	refuse(o.timeout < 100*time.Millisecond, "-timeout %s: at least 100ms", o.timeout)
	refuse(o.drain < 0, "-drain %s: can't be negative", o.drain)
	refuse(o.memory < 32<<20, "-memory: at least 32MiB")
	refuse(o.segmentCache > 0 && o.segmentCache < config.LeastSegmentCache, "-segment-cache: at least 16MiB, or 0 for none")
	refuse(o.segmentCache > o.memory/4*3, "-segment-cache is more than three quarters of -memory, of which it is a part: leave -memory out, or set it to %dMiB", (o.segmentCache/3*4)>>20+1)
	return wrong
}

func (o *options) windowErr() error {
	if o.window < 0 || o.window > config.MaxWindow {
		return fmt.Errorf("-window %s: up to 24h can be asked for", o.window)
	}
	return nil
}

// sameAddress says whether only one can listen at two addresses.
func sameAddress(a, b string) bool {
	hostA, portA, _ := net.SplitHostPort(a)
	hostB, portB, _ := net.SplitHostPort(b)
	return portA == portB && portA != "" && portA != "0" && (hostA == hostB || hostA == "" || hostB == "")
}

// builtIn says whether there is no origin but the VOD in the binary.
func (o *options) builtIn() bool {
	return o.origin == "" && (o.file == nil || len(o.file.Origins) == 0)
}
