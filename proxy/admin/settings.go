package admin

import "vod2live/proxy/wire"

// Settings are those in force. The caller masks secrets.
type Settings struct {
	Listen        string            `json:"listen"`
	PublicAddress string            `json:"public_address"` // of viewers; empty: not given
	Admin         string            `json:"admin"`
	WebConfig     string            `json:"web_config"`  // a file; empty: no TLS and no passwords for the operator
	TLSCert       string            `json:"tls_cert"`    // a file; empty: no TLS
	TLSKey        string            `json:"tls_key"`     // the same
	Connections   int64             `json:"connections"` // of viewers at most
	Config        string            `json:"config"`      // the file; empty: none
	Window        wire.Seconds      `json:"window_seconds"`
	Epoch         wire.Instant      `json:"epoch"`
	DVR           wire.Seconds      `json:"dvr_seconds"` // how far back addresses may go; 0: they may not
	Timestamps    string            `json:"timestamps"`  // restart or continuous
	Revalidate    wire.Seconds      `json:"revalidate_seconds"`
	Timeout       wire.Seconds      `json:"timeout_seconds"`
	SegmentCache  int64             `json:"segment_cache_bytes"` // 0: off
	Memory        int64             `json:"memory_bytes"`
	Drain         wire.Seconds      `json:"drain_seconds"`
	LogLevel      string            `json:"log_level"`
	LogFormat     string            `json:"log_format"` // empty: console on a terminal, else json
	AccessLog     string            `json:"access_log"` // on or off
	CORS          CORSSettings      `json:"cors"`
	Guide         *GuideSettings    `json:"guide"`   // null: no guide
	Sources       map[string]string `json:"sources"` // of settings that are not defaults: flag, environment or file
	Origins       []OriginSettings  `json:"origins"`
	Channels      []ChannelSettings `json:"channels"`
}

// CORSSettings are the pages that may read responses.
type CORSSettings struct {
	Origins     []string `json:"origins"` // null: all pages
	Credentials bool     `json:"credentials"`
}

// GuideSettings are those of the guide.
type GuideSettings struct {
	Days int `json:"days"` // ahead
}

// OriginSettings are those of an origin, including inherited ones.
type OriginSettings struct {
	Name       string            `json:"name"`
	URLs       []string          `json:"urls"`      // masked
	Region     string            `json:"s3_region"` // empty: requests are not signed
	Headers    map[string]string `json:"headers"`   // masked
	Params     map[string]string `json:"params"`    // masked
	Query      []string          `json:"query"`     // names that are forwarded; null: all
	Playlists  []string          `json:"playlists"` // patterns of last path elements that are playlists, too
	Timeout    wire.Seconds      `json:"timeout_seconds"`
	Revalidate wire.Seconds      `json:"revalidate_seconds"`
	GoneAfter  wire.Seconds      `json:"gone_after_seconds"`
	Segments   string            `json:"segments"`   // proxy or direct
	Strict     bool              `json:"strict"`     // a VOD is rejected rather than played without an optional rendition
	Measure    string            `json:"measure"`    // which VODs are measured: auto, on or off
	PublicURL  string            `json:"public_url"` // masked

	SegmentQuery string `json:"segment_query"` // forward or listed
}

// ChannelSettings are those of a channel.
type ChannelSettings struct {
	Name   string       `json:"name"`
	Loop   []string     `json:"loop"`  // ORIGIN/PATH of its VODs, each once
	Guide  bool         `json:"guide"` // the guide has it, where there is one
	Window wire.Seconds `json:"window_seconds"`
	Epoch  wire.Instant `json:"epoch"`
	DVR    wire.Seconds `json:"dvr_seconds"`

	Timestamps string `json:"timestamps"`
}
