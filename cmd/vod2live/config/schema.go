package config

import (
	"encoding/json"
	"maps"
	"strings"
)

// schema is a JSON schema, or a part of one.
type schema map[string]any

// with returns a copy with one more word, unless it is empty.
func (s schema) with(name, text string) schema {
	if text == "" {
		return s
	}
	s = maps.Clone(s)
	s[name] = text
	return s
}

// orVariable allows ${NAME} in place of a value of another type than text.
func (s schema) orVariable() schema {
	return schema{"anyOf": []schema{s, {"type": "string", "pattern": `\$\{`}}}
}

// schema is that of a mapping with these keys and no others.
func (k keys) schema() schema {
	properties := schema{}
	for name, key := range k {
		properties[name] = key.schema.with("description", key.help)
	}
	return schema{"type": []string{"object", "null"}, "additionalProperties": false, "properties": properties}
}

// listOf is a list of such values, or one of them.
func listOf(s schema) schema {
	return schema{"anyOf": []schema{s, {"type": "array", "items": s}}}
}

// Schema is the JSON schema of the configuration file, for editors.
func Schema(t Settings) ([]byte, error) {
	all := newReader("", t, nil).top().schema()
	all["$schema"] = "http://json-schema.org/draft-07/schema#"
	all["title"] = "Configuration file of vod2live"
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(all)
	return []byte(text.String()), err
}
