package config

import (
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"vod2live/proxy/schedule"
)

func scheduleSchema(r *reader) schema {
	return schema{"anyOf": []schema{{"type": "string"}, listOf(r.eraKeys(&schedule.Era{}).schema())}}
}

// schedule reads a list of eras, or where they are written.
func (r *reader) schedule(n *yaml.Node, c *Channel) {
	if value := resolve(n); value.Kind == yaml.ScalarNode && value.Tag != "!!null" {
		r.object(n, c)
		return
	}
	r.list(n, func(n *yaml.Node) { r.era(n, c) })
}

// object reads where the schedule of a channel is: a local file begins with a dot or a
// slash, and is found from the folder of the configuration file on.
func (r *reader) object(n *yaml.Node, c *Channel) {
	text, ok := r.text(n)
	if !ok {
		return
	}
	one := &Object{}
	if text != "" && (text[0] == '.' || text[0] == '/') {
		if one.File = text; text[0] == '.' {
			one.File = filepath.Join(filepath.Dir(r.path), text)
		}
		c.Object = one
		return
	}
	if err := one.SetVOD(text); err != nil || !strings.HasSuffix(one.Path, ".json") {
		r.mistake(n, "%q is not a schedule: give its eras, ORIGIN/PATH.json of an object, or ./NAME.json beside this file", written(n))
		return
	}
	c.Object = one
	r.uses = append(r.uses, use{node: n, item: one.Item, object: true})
}

// allowed reads the name of an origin.
func (r *reader) allowed(n *yaml.Node, c *Channel) {
	if text, ok := r.text(n); ok {
		c.Origins = append(c.Origins, text)
		r.uses = append(r.uses, use{node: n, item: schedule.Item{Origin: text}, object: true})
	}
}
