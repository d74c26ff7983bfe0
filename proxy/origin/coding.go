package origin

import (
	"net/http"
	"slices"
	"strings"
)

// codings are the known content codings (RFC 9110 8.4.1, RFC 7932, RFC 8878).
var codings = []string{identity, "gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd"}

const identity = "identity"

// Identity is the Accept-Encoding of requests whose answers are passed on unchanged.
// It must not be changed.
var Identity = []string{identity}

// HasBody reports whether the body of an answer of this status is passed on.
func HasBody(status int) bool { return status == http.StatusOK || status == http.StatusPartialContent }

// Codings is the Content-Encoding of an answer without unknown codings: these say
// nothing about the bytes and are left over from an upload, such as aws-chunked,
// but players take them for errors.
func Codings(h http.Header) string {
	var known []string
	for _, value := range h["Content-Encoding"] {
		for coding := range strings.SplitSeq(value, ",") {
			if coding = strings.ToLower(strings.TrimSpace(coding)); slices.Contains(codings, coding) {
				known = append(known, coding)
			}
		}
	}
	return strings.Join(known, ", ")
}

func compressed(h http.Header) bool {
	known := Codings(h)
	return known != "" && known != identity
}
