package proxy

import "net/http"

// The header values that never change are made once.
var (
	anyOrigin      = []string{"*"}
	exposedHeaders = []string{"Content-Length, Content-Range, Date, ETag"}
)

// allowCrossOrigin lets pages of any site read the answer.
func allowCrossOrigin(h http.Header) {
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Access-Control-Expose-Headers"] = exposedHeaders
}

// answerOptions answers a browser's question before a request with Range.
func answerOptions(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Allow", allowedMethods)
	h.Set("Access-Control-Allow-Methods", allowedMethods)
	h.Set("Access-Control-Allow-Headers", "Range, If-Range, If-None-Match, If-Modified-Since")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}
