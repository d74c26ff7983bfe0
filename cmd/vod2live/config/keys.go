package config

import (
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"vod2live/proxy/origin"
)

func (r *reader) top() keys {
	f := r.file
	return keys{
		"listen":        r.address(&f.Listen),
		"admin":         r.address(&f.Admin),
		"tls_cert":      r.string(&f.TLSCert),
		"tls_key":       r.string(&f.TLSKey),
		"segment_cache": r.cacheSize(&f.SegmentCache),
		"cors":          func(n *yaml.Node) { r.cors(n, &f.CORS) },
		"live":          func(n *yaml.Node) { r.mapping(n, r.live(&f.Live)) },
		"origins": func(n *yaml.Node) {
			r.pairs(n, func(key, value *yaml.Node) { r.origin(key, value) })
		},
		"channels": func(n *yaml.Node) {
			r.pairs(n, func(key, value *yaml.Node) { r.channel(key, value) })
		},
	}
}

func (r *reader) live(l *Live) keys {
	return keys{"window": r.duration(&l.Window, time.Second, MaxWindow), "epoch": r.epoch(&l.Epoch)}
}

var nameForm = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// name checks the name of an origin or channel: it is the first element of
// addresses.
func (r *reader) name(key *yaml.Node) {
	switch {
	case !nameForm.MatchString(key.Value):
		r.mistake(key, "the name %q may have letters, digits, - and _ only", key.Value)
	case r.names[key.Value]:
		r.mistake(key, "the name %q is taken: names of origins and channels are different", key.Value)
	}
	r.names[key.Value] = true
}

func (r *reader) origin(key, value *yaml.Node) {
	r.name(key)
	o := Origin{Name: key.Value}
	var s3 *yaml.Node
	r.mapping(value, keys{
		"url":        func(n *yaml.Node) { r.list(n, func(n *yaml.Node) { r.url(n, &o.URLs) }) },
		"s3":         func(n *yaml.Node) { s3 = n },
		"headers":    func(n *yaml.Node) { o.Headers = r.headers(n) },
		"query":      func(n *yaml.Node) { r.query(n, &o.Query) },
		"timeout":    r.duration(&o.Timeout, 100*time.Millisecond, 0),
		"revalidate": r.duration(&o.Revalidate, time.Second, 0),
		"gone_after": r.duration(&o.GoneAfter, time.Second, 0),
		"segments":   func(n *yaml.Node) { r.segments(n, &o.Direct) },
		"public_url": func(n *yaml.Node) {
			var urls []string
			if r.url(n, &urls); len(urls) == 1 {
				o.PublicURL = urls[0]
			}
		},
	})
	if len(o.URLs) == 0 {
		r.mistake(key, "the origin %q needs a url", o.Name)
	}
	if s3 != nil {
		r.s3(s3, &o)
	}
	if o.Direct && s3 != nil && o.PublicURL == "" {
		r.mistake(key, "players can't sign requests: segments: direct of an s3 origin needs a public_url")
	}
	if o.Direct && o.PublicURL == "" && slices.ContainsFunc(o.URLs, hasUser) {
		r.mistake(key, "players don't get the user and password of the url: segments: direct needs a public_url")
	}
	r.file.Origins = append(r.file.Origins, o)
}

// s3 reads how an origin signs, when all else of it is read.
func (r *reader) s3(n *yaml.Node, o *Origin) {
	before := len(r.wrong)
	r.mapping(n, keys{"region": r.string(&o.Region)})
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
	if _, err := origin.New("check", text, time.Second); err != nil {
		r.mistake(n, "%v", origin.ErrURL) // not the text: it may hold a secret
		return
	}
	*urls = append(*urls, text)
}

// Headers that requests have by themselves: net/http sends them as it must, or not
// at all.
var ownHeaders = []string{"Host", "Content-Length", "Transfer-Encoding", "Trailer", "Connection"}

var tokenForm = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$") // RFC 9110 5.6.2

func (r *reader) headers(n *yaml.Node) map[string]string {
	headers := map[string]string{}
	r.pairs(n, func(key, value *yaml.Node) {
		text, ok := r.text(value)
		name := textproto.CanonicalMIMEHeaderKey(key.Value)
		_, twice := headers[name]
		switch {
		case !tokenForm.MatchString(key.Value):
			r.mistake(key, "%q is no name of a header", key.Value)
		case slices.Contains(ownHeaders, name):
			r.mistake(key, "the header %s can't be set", name)
		case twice:
			r.mistake(key, "the header %s stands here twice", name)
		case strings.ContainsFunc(text, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }):
			r.mistake(value, "a header has one line, and no control characters")
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
			r.mistake(n, "query is forward, ignore or a list of names")
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

func (r *reader) segments(n *yaml.Node, direct *bool) {
	switch text, _ := r.text(n); text {
	case "proxy":
	case "direct":
		*direct = true
	default:
		r.mistake(n, "segments is proxy or direct")
	}
}

func (r *reader) channel(key, value *yaml.Node) {
	r.name(key)
	c := Channel{Name: key.Value}
	known := r.live(&c.Live)
	known["loop"] = func(n *yaml.Node) {
		r.list(n, func(n *yaml.Node) { r.item(n, &c.Loop) })
	}
	r.mapping(value, known)
	switch {
	case len(c.Loop) == 0:
		r.mistake(key, "the channel %q needs a loop of one VOD, such as [ vod/movie/master.m3u8 ]", c.Name)
	case len(c.Loop) > 1:
		r.mistake(key, "the channel %q has a loop of several VODs: that will come, one is possible now", c.Name)
	}
	r.file.Channels = append(r.file.Channels, c)
}

// item reads ORIGIN/PATH; whether there is such an origin is seen when all are
// read.
func (r *reader) item(n *yaml.Node, items *[]Item) {
	text, ok := r.text(n)
	if !ok {
		return
	}
	name, path, _ := strings.Cut(text, "/")
	lower := strings.ToLower(path)
	_, err := url.PathUnescape(path)
	if err != nil || strings.ContainsAny(path, "?#") || !origin.SafePath("/"+path) || !strings.HasSuffix(lower, ".m3u8") && !strings.HasSuffix(lower, ".m3u") {
		r.mistake(n, "%q is no VOD: it is ORIGIN/PATH of a playlist (.m3u8), escaped as in an address", written(n))
		return
	}
	*items = append(*items, Item{name, path})
	r.uses = append(r.uses, use{n, name})
}

// use is where a channel names an origin.
type use struct {
	node   *yaml.Node
	origin string
}

func (r *reader) checkLoops() {
	known := map[string]bool{}
	for _, o := range r.file.Origins {
		known[o.Name] = true
	}
	for _, u := range r.uses {
		if !known[u.origin] {
			name, _, _ := strings.Cut(written(u.node), "/")
			r.mistake(u.node, "there is no origin %q", name)
		}
	}
}

func (r *reader) address(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		text, ok := r.text(n)
		if ok && !IsAddress(text) {
			r.mistake(n, "%q is no address such as HOST:PORT or :PORT", written(n))
		}
		*to = text
	}
}
