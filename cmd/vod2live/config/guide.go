package config

import (
	"strconv"

	"go.yaml.in/yaml/v3"
)

// guideMount is the first element of a guide's addresses.
const guideMount = "guide"

const (
	guideDays     = 7 // ahead, unless it is given
	mostGuideDays = 14
)

func (r *reader) guideKeys(g *Guide) keys {
	days := r.value("How many days ahead the guide goes.", Count(&g.Days, 1)).withDefault(strconv.Itoa(guideDays))
	return keys{"days": days}
}

// guideSchema is a mapping, or false.
func (r *reader) guideSchema() schema {
	s := r.guideKeys(&Guide{}).schema()
	s["type"] = []string{"object", "null", "boolean"}
	return s
}

func (r *reader) guide(n *yaml.Node) {
	if n = resolve(n); n.Kind == yaml.ScalarNode && n.Value == "false" {
		return
	}
	g := &Guide{Days: guideDays}
	r.mapping(n, r.guideKeys(g))
	if g.Days > mostGuideDays {
		r.mistake(n, "days is at most %d", mostGuideDays)
	}
	r.file.Guide = g
}

// checkGuide reports a name that the guide needs.
func (r *reader) checkGuide() {
	if r.file.Guide != nil && r.reserved != nil {
		r.mistake(r.reserved, "the name %q is reserved for the addresses of the guide", guideMount)
	}
}

// listed is whether the guide has a channel.
func listed(unlisted *bool) Value {
	var is bool
	v := Switch(&is)
	read := v.set
	v.set = func(text string) error {
		err := read(text)
		if err == nil {
			*unlisted = !is
		}
		return err
	}
	return v
}
