package mask

// maxLine is how much of a stranger's text stands in a log line.
const maxLine = 512

// Line bounds what a stranger can put into a log line.
func Line(text string) string { return Shorten(text, maxLine) }
