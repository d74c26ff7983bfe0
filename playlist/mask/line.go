package mask

// maxLine is how much of foreign text a log line may contain.
const maxLine = 512

// Line bounds what a stranger can put into a log line.
func Line(text string) string { return Shorten(text, maxLine) }
