package proxy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// vods is an origin in memory: files, what is to be answered instead of them,
// and how often each was asked for.
type vods struct {
	mu    sync.Mutex // guards all below
	files map[string]string
	fault map[string]http.HandlerFunc // by path; "" for all
	asked []*http.Request
	salt  string // of the validators: another server has others
}

func newVODs(files ...map[string]string) *vods {
	v := &vods{files: map[string]string{}, fault: map[string]http.HandlerFunc{}}
	for _, more := range files {
		maps.Copy(v.files, more)
	}
	return v
}

// ServeHTTP answers beneath /vod/, with validators, to those who know the
// password.
func (v *vods) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, beneath := strings.CutPrefix(r.URL.Path, "/vod/")
	v.mu.Lock()
	v.asked = append(v.asked, r)
	text, has := v.files[path]
	fault := v.fault[path]
	if fault == nil {
		fault = v.fault[""]
	}
	v.mu.Unlock()
	user, password, _ := r.BasicAuth()
	switch {
	case !beneath || user != "user" || password != "hunter2":
		http.Error(w, "who are you?", http.StatusUnauthorized)
	case fault != nil:
		fault(w, r)
	case !has:
		http.Error(w, "origin.test has no such thing", http.StatusNotFound)
	default:
		sum := sha256.Sum256([]byte(v.salt + text))
		w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
		w.Header().Set("Server", "origin.test")
		http.ServeContent(w, r, path, epoch.Add(-24*time.Hour), strings.NewReader(text))
	}
}

func (v *vods) put(path, text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.files[path] = text
}

// fail answers a path ("" for all) by a function, or again by its file (nil).
func (v *vods) fail(path string, f http.HandlerFunc) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.fault[path] = f
}

// count says how often a path has been asked for; "" counts all.
func (v *vods) count(path string) (n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, r := range v.asked {
		if path == "" || r.URL.Path == "/vod/"+path {
			n++
		}
	}
	return n
}

// requests are the addresses of all requests.
func (v *vods) requests() (all []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, r := range v.asked {
		all = append(all, r.URL.String())
	}
	return all
}

// last is the newest request for a path.
func (v *vods) last(t testing.TB, path string) *http.Request {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, r := range slices.Backward(v.asked) {
		if r.URL.Path == "/vod/"+path {
			return r
		}
	}
	t.Fatalf("the origin was not asked for %s", path)
	return httptest.NewRequest(http.MethodGet, "/", nil)
}

// seed is the VOD of two bit rates, four segments of four seconds each.
func seed() map[string]string {
	files := map[string]string{"master.m3u8": "#EXTM3U\n" +
		"#EXT-X-STREAM-INF:PROGRAM-ID=1,BANDWIDTH=134200\nmaster_Layer1.m3u8\n" +
		"#EXT-X-STREAM-INF:PROGRAM-ID=1,BANDWIDTH=290400\nmaster_Layer2.m3u8\n"}
	for layer := 1; layer <= 2; layer++ {
		media := "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-ALLOW-CACHE:YES\n#EXT-X-TARGETDURATION:4\n"
		for n := 1; n <= 4; n++ {
			name := fmt.Sprintf("master_Layer%d_%03d.ts", layer, n)
			media += "#EXTINF:4.0,\n" + name + "\n"
			files[name] = strings.Repeat(name, 1000)
		}
		files[fmt.Sprintf("master_Layer%d.m3u8", layer)] = media + "#EXT-X-ENDLIST\n"
	}
	return files
}

// short is a VOD of one media playlist, four segments of four seconds.
func short(path string) map[string]string {
	return map[string]string{path: "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n1.ts\n#EXTINF:4,\n2.ts\n#EXTINF:4,\n3.ts\n#EXTINF:4,\n4.ts\n#EXT-X-ENDLIST\n"}
}

// status answers with a status and a body.
func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

// answer is the header that a file is answered with.
func (v *vods) answer(path string) http.Header {
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/vod/"+path, nil)
	r.SetBasicAuth("user", "hunter2")
	v.ServeHTTP(w, r)
	return w.Result().Header
}

// forget forgets who asked.
func (v *vods) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.asked = nil
}
