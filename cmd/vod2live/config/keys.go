package config

import (
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"

	"vod2live/proxy/origin"
	"vod2live/proxy/schedule"
)

// top are the keys of the file: those of the table, and those that only the file
// has.
func (r *reader) top() keys {
	known := r.settingsUnder("")
	live := r.settingsUnder("live.")
	live["breaks"] = key{"Marks in VODs, and in channels without breaks of their own: where interstitials are.", orFalse(r.marksKeys(&schedule.Breaks{}).schema()), r.liveBreaks}
	known["live"] = r.nested("Defaults of all streams. A channel may have its own.", live)
	known["cors"] = key{"Which pages may read answers: all, unless it is given.", r.corsKeys(&CORS{}).schema(), func(n *yaml.Node) { r.cors(n, &r.file.CORS) }}
	known["guide"] = key{"The list of channels (M3U) and what plays on them (XMLTV), at /guide/channels.m3u and /guide/epg.xml of the viewers; off unless it is given. It needs public_address.", r.guideSchema(), r.guide}
	known["origins"] = r.named("Where VODs are, by name: the VODs of NAME play at /NAME/PATH.", r.originKeys(&Origin{}, new(*yaml.Node)), r.origin).withEntries(r)
	known["channels"] = r.named("Streams with a name of their own: NAME plays at /NAME/master.m3u8.", r.channelKeys(&Channel{}, &schedule.Era{}), r.channel)
	return known
}

// withEntries rejects a mapping without entries: its content is missing.
func (k key) withEntries(r *reader) key {
	read := k.read
	k.read = func(n *yaml.Node) {
		if holdsNothing(n) {
			r.mistake(n, "%s needs an origin by name, such as vod: { url: https://cdn.example.com/vod }", r.at)
		}
		read(n)
	}
	return k
}

// settingsUnder are the keys of the table's settings with a prefix.
func (r *reader) settingsUnder(prefix string) keys {
	known := keys{}
	for _, s := range r.settings {
		if name, is := strings.CutPrefix(s.Key, prefix); is && name != "" && !strings.Contains(name, ".") {
			known[name] = r.setting(s)
		}
	}
	return known
}

var nameForm = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// name checks the name of an origin or channel: it is the first element of
// addresses.
func (r *reader) name(key *yaml.Node) {
	switch {
	case !nameForm.MatchString(key.Value):
		r.mistake(key, "invalid name %q: use letters, digits, - and _ only", key.Value)
	case r.names[key.Value]:
		r.mistake(key, "the name %q is used twice: origins and channels need different names", key.Value)
	}
	r.names[key.Value] = true
	if key.Value == guideMount {
		r.reserved = key
	}
}

// originKeys are the keys of an origin. s3 is kept until all else is read.
func (r *reader) originKeys(o *Origin, s3 **yaml.Node) keys {
	text := schema{"type": "string"}
	return keys{
		"url": {"http or https, host, port and path prefix; or a list: the next one is tried when one fails.", listOf(text), func(n *yaml.Node) {
			r.list(n, func(n *yaml.Node) { r.url(n, &o.URLs) })
		}},
		"s3":      {"Sign requests (SigV4), with credentials of the AWS default chain.", r.s3Keys(o).schema(), func(n *yaml.Node) { *s3 = n }},
		"headers": {"Headers of every request to this origin.", schema{"type": "object", "additionalProperties": text}, func(n *yaml.Node) { o.Headers = r.headers(n) }},
		"params":  {"Query parameters of every request to this origin, such as the parts of an Azure SAS. Viewers never see them.", schema{"type": "object", "additionalProperties": text}, func(n *yaml.Node) { o.Params = r.params(n) }},
		"query":   {"What of a viewer's query goes to the origin with a playlist request: forward, ignore, or a list of names.", listOf(text), func(n *yaml.Node) { r.query(n, &o.Query) }},
		"playlists": {"Patterns of last path elements that are playlists besides *.m3u8 and *.m3u; * is any text. Of such a playlist the query is part of the VOD's name.", listOf(text), func(n *yaml.Node) {
			r.list(n, func(n *yaml.Node) { r.playlistName(n, o) })
		}},
		"timeout":    r.value("As the timeout of all origins.", Duration(&o.Timeout, 100*time.Millisecond, 0)),
		"revalidate": r.value("As the revalidate of all origins.", Duration(&o.Revalidate, time.Second, 0)),
		"gone_after": r.value("How long a VOD must be absent before its stream ends.", Duration(&o.GoneAfter, time.Second, 0)).withDefault("10m"),
		"strict":     r.value("Reject a VOD rather than play it without an optional rendition.", Switch(&o.Strict)),
		"measure":    {"Measure the media at load, so that the loop is as long as its audio: auto (loops under 15 minutes, with segments: proxy), on, or off.", schema{"enum": []string{"auto", "on", "off"}}.orVariable().with("default", "auto"), func(n *yaml.Node) { r.measure(n, &o.Measure) }},
		"segments":   {"proxy, or direct: players get absolute addresses, of public_url where given.", schema{"enum": []string{"proxy", "direct"}}.orVariable().with("default", "proxy"), func(n *yaml.Node) { r.segments(n, &o.Direct) }},
		"public_url": {"Where viewers reach the origin.", text, func(n *yaml.Node) {
			var urls []string
			if r.url(n, &urls); len(urls) == 1 {
				o.PublicURL = urls[0]
			}
		}},
		"segment_query": {"What of a viewer's query goes to the origin with a segment request: forward, or listed: only what the VOD's playlists list with the segment.", schema{"enum": []string{"forward", "listed"}, "default": "forward"}, func(n *yaml.Node) { r.segmentQuery(n, &o.Listed) }},
	}
}

func (r *reader) origin(key, value *yaml.Node) {
	r.name(key)
	o := Origin{Name: key.Value}
	var s3 *yaml.Node
	r.mapping(value, r.originKeys(&o, &s3))
	if missing(value, "url") {
		r.mistake(key, "the origin %q needs a url", o.Name)
	}
	if s3 != nil {
		r.s3(s3, &o)
	}
	if s3 != nil && len(o.Params) > 0 {
		r.mistake(key, "params can't be used with s3: signed requests have no query")
	}
	if o.Direct && s3 != nil && o.PublicURL == "" {
		r.mistake(key, "players can't sign requests: segments: direct of an s3 origin needs a public_url")
	}
	if o.Direct && o.PublicURL == "" && slices.ContainsFunc(o.URLs, hasUser) {
		r.mistake(key, "players don't get the user and password of the url: segments: direct needs a public_url")
	}
	r.file.Origins = append(r.file.Origins, o)
}

func (r *reader) s3Keys(o *Origin) keys {
	return keys{"region": r.value("AWS region of the bucket.", Text(&o.Region, ""))}
}

// s3 reads how an origin signs, after all its other keys.
func (r *reader) s3(n *yaml.Node, o *Origin) {
	before := len(r.wrong)
	r.mapping(n, r.s3Keys(o))
	if len(r.wrong) > before || len(o.URLs) == 0 {
		return
	}
	signed := &origin.Origin{Header: http.Header{}}
	for _, url := range o.URLs {
		_ = signed.AddURL(url) // which are right
	}
	for name, value := range o.Headers {
		signed.Header.Set(name, value)
	}
	if err := signed.SignS3(origin.S3{Region: o.Region, Credentials: origin.DefaultCredentials(o.Region)}); err != nil {
		r.mistake(n, "%v", err)
	}
}

func hasUser(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.User != nil
}

func (r *reader) url(n *yaml.Node, urls *[]string) {
	text, ok := r.text(n)
	if !ok {
		return
	}
	var url string
	if err := OriginURL(&url).read(r.at, text, written(n)); err != nil {
		r.mistake(n, "%v", err)
		return
	}
	*urls = append(*urls, text)
}

// params are the parameters of every query to an origin.
func (r *reader) params(n *yaml.Node) map[string]string {
	params := map[string]string{}
	r.pairs(n, func(key, value *yaml.Node) {
		text, ok := r.text(value)
		switch {
		case key.Value == "":
			r.mistake(key, "a query parameter needs a name")
		case ok:
			params[key.Value] = text
		}
	})
	return params
}

// Headers that requests have by themselves: net/http sends them as it must, or not
// at all.
var ownHeaders = []string{"Content-Length", "Transfer-Encoding", "Trailer", "Connection"}

var hostForm = regexp.MustCompile(`^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

var tokenForm = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$") // RFC 9110 5.6.2

func (r *reader) headers(n *yaml.Node) map[string]string {
	headers := map[string]string{}
	r.pairs(n, func(key, value *yaml.Node) {
		text, ok := r.text(value)
		name := textproto.CanonicalMIMEHeaderKey(key.Value)
		_, twice := headers[name]
		switch {
		case !tokenForm.MatchString(key.Value):
			r.mistake(key, "%q is not a header name", key.Value)
		case ok && name == "Host" && !hostForm.MatchString(text):
			r.mistake(value, "the header Host must be HOST or HOST:PORT")
		case slices.Contains(ownHeaders, name):
			r.mistake(key, "the header %s can't be set", name)
		case twice:
			r.mistake(key, "the header %s is given twice", name)
		case strings.ContainsFunc(text, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }):
			r.mistake(value, "a header value has one line, without control characters")
		case ok:
			headers[name] = text
		}
	})
	return headers
}

func (r *reader) query(n *yaml.Node, q *Query) {
	if n = resolve(n); n.Kind != yaml.SequenceNode {
		switch text, _ := r.text(n); text {
		case "forward":
		case "ignore":
			q.Ignore = true
		default:
			r.mistake(n, "query must be forward, ignore or a list of names")
		}
		return
	}
	q.Names = []string{}
	r.list(n, func(n *yaml.Node) {
		if name, ok := r.text(n); ok {
			q.Names = append(q.Names, url.QueryEscape(name))
		}
	})
}

// playlistName reads a pattern of last path elements.
func (r *reader) playlistName(n *yaml.Node, o *Origin) {
	text, ok := r.text(n)
	switch {
	case !ok:
	case strings.Trim(text, "*") == "":
		r.mistake(n, "%q would make every segment a playlist", written(n))
	case strings.ContainsAny(text, "/?#") || strings.ContainsFunc(text, unicode.IsControl):
		r.mistake(n, "%q is not a pattern of a last path element, such as manifest(*): it has no slash and no query", written(n))
	default:
		o.Playlists = append(o.Playlists, text)
	}
}

func (r *reader) segmentQuery(n *yaml.Node, listed *bool) {
	switch text, _ := r.text(n); text {
	case "forward":
	case "listed":
		*listed = true
	default:
		r.mistake(n, "segment_query must be forward or listed")
	}
}

func (r *reader) measure(n *yaml.Node, measure *string) {
	switch text, _ := r.text(n); text {
	case "auto", "on", "off":
		*measure = text
	default:
		r.mistake(n, "measure must be auto, on or off")
	}
}

func (r *reader) segments(n *yaml.Node, direct *bool) {
	switch text, _ := r.text(n); text {
	case "proxy":
	case "direct":
		*direct = true
	default:
		r.mistake(n, "segments must be proxy or direct")
	}
}
