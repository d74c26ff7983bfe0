package playlist

// Resource is the address of a media initialization section, as the playlist has it,
// and its byte range as n@o; empty: all of the resource.
func (m *Map) Resource() (uri, byteRange string) {
	uri, _ = attributeOf(m.line, "URI")
	byteRange, _ = attributeOf(m.line, "BYTERANGE")
	return uri, byteRange
}
