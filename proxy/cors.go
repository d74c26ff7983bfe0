package proxy

import (
	"net/http"
	"slices"
	"strings"

	"vod2live/proxy/answer"
)

// CORS configures which pages may read responses
// (https://fetch.spec.whatwg.org/#http-cors-protocol). The zero value allows all pages,
// without credentials.
type CORS struct {
	Origins     []string // of pages, as browsers send them; nil: all pages
	Credentials bool     // pages may send cookies and the like; needs Origins
}

// The header values that never change are made once.
var (
	anyOrigin      = []string{"*"}
	exposedHeaders = []string{"Content-Length, Content-Range, Date, ETag"}
	yes            = []string{"true"}

	varyOrigin         = []string{"Origin"}
	varyEncodingOrigin = []string{"Accept-Encoding, Origin"}
)

// crossOrigin is a CORS with its header values.
type crossOrigin struct {
	listed      map[string][]string // the header value for each origin of pages; nil: all pages
	credentials bool
}

func newCrossOrigin(c CORS) *crossOrigin {
	made := &crossOrigin{credentials: c.Credentials}
	if c.Origins == nil {
		return made
	}
	made.listed = map[string][]string{}
	for _, page := range c.Origins {
		made.listed[page] = []string{page}
	}
	return made
}

// varies reports whether responses differ by the request's Origin.
func (c *crossOrigin) varies() bool { return c.listed != nil }

// allow lets the page of a request read the answer, if it may.
func (c *crossOrigin) allow(h http.Header, r *http.Request) {
	allowed := anyOrigin
	if c.varies() {
		page := r.Header["Origin"]
		if len(page) != 1 || c.listed[page[0]] == nil {
			return
		}
		allowed = c.listed[page[0]]
	}
	h["Access-Control-Allow-Origin"] = allowed
	h["Access-Control-Expose-Headers"] = exposedHeaders
	if c.credentials {
		h["Access-Control-Allow-Credentials"] = yes
	}
}

// varyByOrigin adds Origin to Vary, whoever set Vary. Values may be shared by
// many responses: they are not written to.
func varyByOrigin(h http.Header) {
	switch values := h["Vary"]; {
	case len(values) == 0:
		h["Vary"] = varyOrigin
	case len(values) == 1 && values[0] == answer.VaryEncoding[0]:
		h["Vary"] = varyEncodingOrigin
	default:
		h["Vary"] = append(slices.Clip(values), varyOrigin...)
	}
}

// answerOptions answers OPTIONS. A page that may read answers may send any
// header: players send Authorization and CMCD-…, and none reaches an origin.
func answerOptions(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Allow", allowedMethods)
	if h["Access-Control-Allow-Origin"] != nil {
		h.Set("Access-Control-Allow-Methods", allowedMethods)
		h.Set("Access-Control-Allow-Headers", allowedHeaders(r.Header["Access-Control-Request-Headers"]))
		h.Set("Access-Control-Max-Age", "86400")
		h.Set("Vary", "Access-Control-Request-Headers")
	}
	w.WriteHeader(http.StatusNoContent)
}

const (
	// maxAskedHeaders is the length of a list of headers that is read.
	maxAskedHeaders = 1024

	// usualHeaders are allowed where a preflight names none, or no valid list.
	usualHeaders = "Range, If-Range, If-None-Match, If-Modified-Since"
)

// allowedHeaders are those that a preflight requests.
func allowedHeaders(asked []string) string {
	list := strings.Join(asked, ",")
	if len(list) > maxAskedHeaders {
		return usualHeaders
	}
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		name = strings.Trim(name, " \t")
		if name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 || slices.ContainsFunc(names, func(name string) bool { return !isToken(name) }) {
		return usualHeaders
	}
	return strings.Join(names, ", ")
}

// isToken reports whether a text is a token (RFC 9110 5.6.2), as header names are.
func isToken(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		letter := 'a' <= r|0x20 && r|0x20 <= 'z'
		return !letter && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}
