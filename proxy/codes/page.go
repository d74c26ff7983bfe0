package codes

import (
	"fmt"
	"net/http"
	"strings"
)

const introduction = `# Codes

Every code of vod2live, in the log (` + "`code`" + `), in ` + "`vod2live check`" + `, in the API, in the console and in the answers to
viewers. Codes are stable: scripts and alert rules may rely on them. A test holds this page to the code.
`

// Page is deploy/CODES.md.
func Page() string {
	var b strings.Builder
	b.WriteString(introduction)
	for _, s := range list() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", s.title, s.about)
		for _, c := range s.codes {
			writeCode(&b, s.complete(c))
		}
	}
	return b.String()
}

func writeCode(b *strings.Builder, c Code) {
	fmt.Fprintf(b, "\n### %s\n\n%s\n", c.Code, c.Meaning)
	if c.Status != 0 {
		fmt.Fprintf(b, "- Answer: %d %s, “%s”\n", c.Status, http.StatusText(c.Status), c.Line)
	}
	if c.Consequence != "" {
		fmt.Fprintf(b, "- Consequence: %s\n", c.Consequence)
	}
	if c.Remedy == "" {
		c.Remedy = "none needed."
	}
	fmt.Fprintf(b, "- Remedy: %s\n", c.Remedy)
}
