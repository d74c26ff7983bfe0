package admin

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// failed is the answer to what can't be done.
type failed struct {
	Error string `json:"error"`
	Code  string `json:"code,omitempty"` // empty: the request itself is wrong
}

// refusal is an error with the status that it is answered with.
type refusal struct {
	status int
	line   string
}

func (r *refusal) Error() string { return r.line }

// answer makes a handler of a function whose result is sent as JSON.
func answer[T any](f func(*http.Request) (T, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := f(r)
		if err != nil {
			failBy(w, err)
			return
		}
		send(w, http.StatusOK, body)
	})
}

func failBy(w http.ResponseWriter, err error) {
	status, code, line := explain(err)
	send(w, status, failed{line, code})
}

func fail(w http.ResponseWriter, status int, line string) { send(w, status, failed{Error: line}) }

func send[T any](w http.ResponseWriter, status int, body T) {
	text, err := json.Marshal(body)
	if err != nil { // what we make of numbers and texts can be written
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	sendText(w, status, "application/json", append(text, '\n'))
}

func sendText(w http.ResponseWriter, status int, mime string, text []byte) {
	h := w.Header()
	h.Set("Content-Type", mime)
	h.Set("Content-Length", strconv.Itoa(len(text)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the client has left
}
