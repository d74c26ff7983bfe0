package schedule

import _ "embed" // the schema

// Schema is the JSON schema of a schedule object, for editors and tools. [Read] knows
// more rules.
//
//go:embed schema.json
var Schema string
