package config

import (
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// CORS configures which pages may read responses.
type CORS struct {
	Origins     []string // as browsers send them; nil: all
	Credentials bool
}

func (r *reader) corsKeys(c *CORS) keys {
	return keys{
		"origins":     {"Origins of the pages that may read answers, or *.", listOf(schema{"type": "string"}), func(n *yaml.Node) { r.pages(n, c) }},
		"credentials": r.value("Whether pages may send cookies and client certificates.", Switch(&c.Credentials)),
	}
}

func (r *reader) cors(n *yaml.Node, c *CORS) {
	r.mapping(n, r.corsKeys(c))
	all := slices.Contains(c.Origins, "*")
	switch {
	case c.Credentials && (all || c.Origins == nil):
		r.mistake(n, "credentials need the origins of pages by name, such as [ https://app.example.com ]; without origins they are *")
	case all && len(c.Origins) > 1:
		r.mistake(n, "origins are either * or names")
	}
	if all {
		c.Origins = nil
	}
}

// pages reads the origins of pages, or * for all.
func (r *reader) pages(n *yaml.Node, c *CORS) {
	c.Origins = []string{}
	r.list(n, func(n *yaml.Node) {
		text, ok := r.text(n)
		if !ok {
			return
		}
		page, ok := pageOrigin(text)
		if !ok {
			r.mistake(n, "%q is not the origin of a page, such as https://app.example.com: scheme, host and port only", written(n))
			return
		}
		c.Origins = append(c.Origins, page)
	})
	if resolve(n).Kind == yaml.SequenceNode && len(resolve(n).Content) == 0 {
		r.mistake(n, "origins need at least one origin of a page, or *")
	}
}

// pageOrigin writes an origin as browsers send it: in lower case, without the default
// port; * stays. Apps have their own schemes, such as capacitor.
func pageOrigin(text string) (page string, ok bool) {
	if text == "*" {
		return text, true
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Host == "" || text != u.Scheme+"://"+u.Host && !strings.EqualFold(text, u.Scheme+"://"+u.Host) {
		return "", false
	}
	page = strings.ToLower(text)
	for scheme, port := range map[string]string{"http": ":80", "https": ":443"} {
		if u.Scheme == scheme {
			page = strings.TrimSuffix(page, port)
		}
	}
	return page, !strings.ContainsFunc(page, func(r rune) bool { return r == '*' || r == ',' || r <= ' ' || r >= 0x7f })
}
