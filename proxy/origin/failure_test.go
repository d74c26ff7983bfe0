package origin_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"vod2live/proxy/origin"
)

// told is what an operator is told of a request that fails.
func told(t *testing.T, base, path string) string {
	t.Helper()
	return failed(t, base, path).Error()
}

func failed(t *testing.T, base, path string) error {
	t.Helper()
	c := newClient(t, newOrigin(t, "vod", base))
	u, err := url.Parse(base + path)
	if err != nil {
		t.Fatal(err)
	}
	u.User = nil
	_, err = c.Playlist(t.Context(), u, origin.Validators{})
	if _, is := errors.AsType[*origin.RequestError](err); !is {
		t.Fatalf("%s%s: %v is no RequestError", base, path, err)
	}
	return err
}

// TestFailure_NamesTheRequestAndTheStatus, and no secret.
func TestFailure_NamesTheRequestAndTheStatus(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var code int
		_, _ = fmt.Sscanf(r.URL.Path, "/%d.m3u8", &code)
		w.WriteHeader(code)
	}))
	defer server.Close()
	for code, want := range map[int]string{404: "404 Not Found", 410: "410 Gone", 401: "401 Unauthorized", 503: "503 Service Unavailable", 418: "418 I'm a teapot", 599: "599"} {
		want = fmt.Sprintf("GET %s/%d.m3u8?***: %s", server.URL, code, want)
		if got := told(t, server.URL, fmt.Sprintf("/%d.m3u8?token=hunter2", code)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestFailure_NamesWhatIsWrongWithTheURL of an origin.
func TestFailure_NamesWhatIsWrongWithTheURL(t *testing.T) {
	plain, secure := httptest.NewServer(http.NotFoundHandler()), httptest.NewTLSServer(http.NotFoundHandler())
	defer plain.Close()
	defer secure.Close()
	for base, want := range map[string]string{
		"https" + strings.TrimPrefix(plain.URL, "http"):  "it speaks HTTP, not HTTPS: begin the origin's url with http://",
		"http" + strings.TrimPrefix(secure.URL, "https"): "400 Bad Request: it speaks HTTPS: begin the origin's url with https://",
		"http://user:hunter2@nowhere.invalid":            "its name is not known: check the host in the origin's url",
	} {
		got := told(t, base, "/m.m3u8")
		if !strings.Contains(got, want) || strings.Contains(got, "hunter2") {
			t.Errorf("%s: %q lacks %q", base, got, want)
		}
	}
}

// TestFailure_ARedirectThatIsNotFollowedNamesTheSetting.
func TestFailure_ARedirectThatIsNotFollowedNamesTheSetting(t *testing.T) {
	var location string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusFound)
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	for to, want := range map[string]string{
		"https://cdn.test/x.ts?hunter2":          "302 Found to https://cdn.test/x.ts?***: to follow it, add another origin with url: https://cdn.test (not to the url of origin vod, whose credentials it would get)",
		"https://" + host + "/vod/x.ts":          "begin the url of origin vod with https://" + host,
		"/vod/folder/":                           "leads to a folder",
		server.URL + "/other/x.ts":               "shorten the url of origin vod, or add another origin with url: " + server.URL,
		"http://u:hunter2@" + host + "/vod/x.ts": "with a user and password is not followed",
		"ftp://cdn.test/x.ts":                    "only http and https are followed",
		"":                                       "302 Found without a usable Location",

		"https://cdn.test/" + strings.Repeat("x", 5000): "…: to follow it",
	} {
		location = to
		got := told(t, server.URL+"/vod", "/m.m3u8")
		if !strings.HasPrefix(got, "GET "+server.URL+"/vod/m.m3u8: ") || !strings.Contains(got, want) || strings.Contains(got, "hunter2") || len(got) > 800 {
			t.Errorf("to %.60s: %q lacks %q", to, got, want)
		}
	}
}

// TestFailure_ARedirectToTheSamePathWithASlashIsNotFound: it is a folder, and strangers
// may request folders as often as they like. One that leads elsewhere is refused.
func TestFailure_ARedirectToTheSamePathWithASlashIsNotFound(t *testing.T) {
	server := httptest.NewServer(http.RedirectHandler("/vod/a%2Fb/?hunter2", http.StatusMovedPermanently))
	defer server.Close()
	for path, want := range map[string]error{
		"/a%2Fb": origin.ErrNotFound, "/a": origin.ErrRedirect, "/a/b": origin.ErrRedirect, "/a%2Fb/x.ts": origin.ErrRedirect,
	} {
		err := failed(t, server.URL+"/vod", path)
		if !errors.Is(err, want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, not %v", path, err, want)
		}
	}
}

// TestFailure_AnAnswerThatRepeatsTheRequestShowsNoSecret: net/http quotes what it
// can't read.
func TestFailure_AnAnswerThatRepeatsTheRequestShowsNoSecret(t *testing.T) {
	const secret = "hunter2"
	for name, answer := range map[string]string{
		"for a status line":         "%s\r\n\r\n",
		"for a status":              "HTTP/1.1 %s\r\n\r\n",
		"for a header":              "HTTP/1.1 200 OK\r\n%s\r\n\r\n",
		"for a first header":        "HTTP/1.1 200 OK\r\n %s\r\n\r\n",
		"for a length":              "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n",
		"for two lengths":           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: %s\r\n\r\n",
		"for a coding of transfers": "HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n",
		"for a trailer":             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n%s\r\n\r\n",
		"for a chunk":               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n",
		"for a content coding":      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Encoding: gzip\r\n\r\n%s",
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					panic(err)
				}
				defer conn.Close()
				fmt.Fprintf(conn, answer, r.RequestURI+" "+r.Header.Get("X-Token")+" "+r.Header.Get("Authorization"))
			}))
			defer server.Close()
			o := newOrigin(t, "vod", server.URL)
			o.SetParams(map[string]string{"sig": secret})
			o.Header = http.Header{"X-Token": {secret}, "Authorization": {"Bearer " + secret}}
			c := newClient(t, o)
			u, err := url.Parse(server.URL + "/m.m3u8?token=" + secret)
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Playlist(t.Context(), u, origin.Validators{})
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("a playlist: %v", err)
			}
			resp, err := c.Do(t.Context(), http.MethodGet, u, http.Header{})
			if err == nil {
				_, err = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("a segment: %v", err)
			}
		})
	}
}
