package main

import (
	"time"

	"vod2live/cmd/vod2live/config"
)

// table has every setting that is a flag, in the order of -help. Flags,
// environment variables, keys of the file, -help and the schema are made of it;
// tests hold deploy/SETTINGS.md and deploy/vod2live.example.yaml to it. To add a setting,
// add a row here and a field to admin.Settings, run the tests with -run Reference
// -update, and explain it in the example. Keys that only the file has are in
// config/keys.go.
func (o *options) table() config.Settings {
	all := config.Settings{}
	for _, group := range []struct {
		name     string
		settings config.Settings
	}{
		{"Listeners", o.listeners()},
		{"Configuration file", o.files()},
		{"Streams and their origin", o.streams()},
		{"Process", o.process()},
	} {
		for _, s := range group.settings {
			s.Group = group.name
			all = append(all, s)
		}
	}
	return all
}

func (o *options) listeners() config.Settings {
	return config.Settings{
		{
			Name: "listen", Key: "listen", Default: ":8080", Value: config.Address(&o.listen), Restart: true,
			Help: "viewer address",
		},
		{
			Name: "public-address", Key: "public_address", Unset: "none", Value: config.PublicAddress(&o.publicAddress),
			Help: "address at which viewers reach this server, such as https://tv.example.com, for the guide and the console",
		},
		{
			Name: "admin", Key: "admin", Default: "127.0.0.1:9180", Value: config.Address(&o.admin), Restart: true,
			Help: "operator address: console, /metrics, /healthz, /readyz, /api/, /debug/pprof/. Keep it private",
		},
		{
			Name: "web-config", Key: "web_config", Unset: "none", Value: config.Text(&o.webConfig, "FILE"), Restart: true,
			Help: "TLS and passwords of the operator address, in the format of Prometheus exporters, read again for every request. /healthz and /readyz need no password",
		},
		{
			Name: "tls-cert", Key: "tls_cert", Unset: "none", Value: config.Text(&o.tlsCert, "FILE"), Restart: true,
			Help: "certificate and chain for viewers, PEM. With it viewers are served over TLS only: 1.2 or later, HTTP/2 or HTTP/1.1",
		},
		{
			Name: "tls-key", Key: "tls_key", Unset: "none", Value: config.Text(&o.tlsKey, "FILE"), Restart: true,
			Help: "private key of -tls-cert, PEM. Both files are reloaded at SIGHUP and when they change",
		},
		{
			Name: "connections", Key: "connections", Unset: "by memory and files", Value: config.Count(&o.connections, 1), Restart: true,
			Help: "maximum number of viewer connections; others are closed at once. By default one for each 64 KiB of -memory, at most two fifths of the open file limit; never more than three fifths of it",
		},
	}
}

func (o *options) files() config.Settings {
	return config.Settings{
		{
			Name: "config", Unset: "none", Value: config.Text(&o.configPath, "FILE"),
			Help: "configuration file, for several origins, private buckets and channels. It is reloaded at SIGHUP and when it changes",
		},
		{
			Name: "validate", Value: config.Switch(&o.validate), FlagOnly: true,
			Help: "report every configuration error and exit",
		},
	}
}

// The default epoch is recent because hls.js spends about 15 ns per
// discontinuity since the epoch whenever it reloads a playlist: a third of a
// second with a loop of 10 s and an epoch six years ago.
func (o *options) streams() config.Settings {
	return config.Settings{
		{
			Name: "origin", Unset: "the built-in VOD", Value: config.OriginURL(&o.origin), Once: true,
			Help: "URL of the folder of VODs: http or https. It is mounted as live. In the file: origins",
		},
		{
			Name: "window", Key: "live.window", Default: "60s", Value: config.Window(&o.window),
			Help: "minimum length of a live playlist; at least 6 target durations and 6.5 s",
		},
		{
			Name: "epoch", Key: "live.epoch", Default: "2026-01-01T00:00:00Z", Value: config.Epoch(&o.epoch),
			Help: "start of the first loop of every stream, RFC 3339. It must be the same in all replicas and after a restart: another one renumbers every stream. A later epoch costs hls.js less time where a loop lasts seconds",
		},
		{
			Name: "dvr", Key: "live.dvr", Default: "0", Value: config.DVR(&o.dvr),
			Help: "how far back the query of an address may go, at most 14 days: ?start=, ?end=, ?dvr=, ?delay=. 0: disabled, and the origin gets these names",
		},
		{
			Name: "timestamps", Key: "live.timestamps", Unset: "restart; continuous for the built-in VOD", Value: config.OneOf(&o.timestamps, config.Restart, config.Continuous),
			Help: "timestamps of the media at a loop point: restart, as in the VOD, with EXT-X-DISCONTINUITY; or continuous, for players that stop there. Segments then have new addresses in each loop, so a CDN can't reuse them",
		},
		{
			Name: "revalidate", Key: "revalidate", Default: "60s", Value: config.Duration(&o.revalidate, time.Second, 0),
			Help: "interval between comparisons of a watched stream with its VOD at the origin",
		},
		{
			Name: "timeout", Key: "timeout", Default: "10s", Value: config.Duration(&o.timeout, 100*time.Millisecond, 0),
			Help: "origin timeout: until the headers, until the last byte of a playlist, and for the longest stall of a segment",
		},
	}
}

func (o *options) process() config.Settings {
	return config.Settings{
		{
			Name: "segment-cache", Key: "segment_cache", Default: "0", Value: config.SizeOrOff(&o.segmentCache, 16<<20),
			Help: "memory for cached segments; concurrent viewers share one origin fetch. 0: off",
		},
		{
			Name: "memory", Key: "memory", Unset: "512MiB and 1.25 x segment cache", Value: config.Size(&o.memory, 32<<20),
			Help: "soft memory limit of the Go runtime. It includes the segment cache, at most three quarters of it; loaded streams take up to three quarters of the rest",
		},
		{
			Name: "drain", Key: "drain", Default: "30s", Value: config.Duration(&o.drain, 0, 0), Restart: true,
			Help: "time for open requests to end when the process stops",
		},
		{
			Name: "log-level", Key: "log_level", Default: "info", Value: config.OneOf(&o.logLevel, "debug", "info", "warn", "error"), Restart: true,
			Help: "debug, info, warn or error, on stderr. 5xx responses are logged as errors, 4xx as info",
		},
		{
			Name: "log-format", Key: "log_format", Unset: "console on a terminal, else json", Value: config.OneOf(&o.logFormat, formatJSON, formatConsole), Restart: true,
			Help: "json or console",
		},
		{
			Name: "access-log", Key: "access_log", Default: "on", Value: config.OneOf(&o.accessLog, "on", "off"),
			Help: "on: a line per request, sampled above 100 a second. off: only requests that fail with 5xx are logged",
		},
		{Name: "version", Value: config.Switch(&o.version), FlagOnly: true, Help: "print the version and exit"},
	}
}
