package proxy

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/zap"
)

const (
	listedPage   = "https://app.example.com"
	unlistedPage = "https://other.example.com"
)

// everyAnswer are requests for each kind of answer, by its status.
func everyAnswer(t *testing.T, r *rig) map[int][]*http.Request {
	t.Helper()
	tag := r.serveOne(request(http.MethodGet, "/live/master.m3u8/0.m3u8")).header.Get("Etag")
	if tag == "" {
		t.Fatal("no playlist")
	}
	return map[int][]*http.Request{
		200: {
			request(http.MethodGet, "/live/master.m3u8"), request(http.MethodGet, "/live/master.m3u8/0.m3u8"),
			request(http.MethodHead, "/live/master.m3u8/0.m3u8", "Accept-Encoding", "gzip"), request(http.MethodGet, aSegment), request(http.MethodHead, aSegment),
		},
		204: {request(http.MethodOptions, aSegment), request(http.MethodOptions, "/nowhere")},
		206: {request(http.MethodGet, aSegment, "Range", "bytes=0-1")},
		304: {request(http.MethodGet, "/live/master.m3u8/0.m3u8", "If-None-Match", tag)},
		400: {request(http.MethodGet, "/live/../x.ts")},
		404: {request(http.MethodGet, "/nowhere"), request(http.MethodGet, "/live/absent.ts"), request(http.MethodGet, "/live/absent.m3u8"), request(http.MethodHead, "/live/absent.m3u8")},
		405: {request(http.MethodPost, aSegment)},
		414: {request(http.MethodGet, "/live/"+strings.Repeat("a", maxPath)+".ts")},
		502: {request(http.MethodGet, "/live/broken.m3u8")},
	}
}

// withCORS makes a Server with segments streamed or kept.
func withCORS(t *testing.T, kept bool, c CORS) *rig {
	files := newVODs(seed())
	files.put("broken.m3u8", "no playlist")
	changes := []func(*Config){func(config *Config) { config.CORS = c }}
	if kept {
		changes = append(changes, keeping(t, 16<<20))
	}
	return newRig(t, files, changes...)
}

func TestCORS_IsOnEveryAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		cors    CORS
		page    []string // Origin of the request
		allowed string
		varies  bool
	}{
		"all pages":                   {CORS{}, []string{unlistedPage}, "*", false},
		"all pages, no origin":        {CORS{}, nil, "*", false},
		"a listed page":               {CORS{Origins: []string{"https://x.test", listedPage}}, []string{listedPage}, listedPage, true},
		"an unlisted page":            {CORS{Origins: []string{listedPage}}, []string{unlistedPage}, "", true},
		"no origin":                   {CORS{Origins: []string{listedPage}}, nil, "", true},
		"two origins":                 {CORS{Origins: []string{listedPage}}, []string{listedPage, listedPage}, "", true},
		"a listed page's credentials": {CORS{Origins: []string{listedPage}, Credentials: true}, []string{listedPage}, listedPage, true},
		"an unlisted page's":          {CORS{Origins: []string{listedPage}, Credentials: true}, []string{unlistedPage}, "", true},
		"a prefix of a listed page":   {CORS{Origins: []string{listedPage}, Credentials: true}, []string{listedPage + ".evil.test"}, "", true},
		"the null origin":             {CORS{Origins: []string{listedPage}, Credentials: true}, []string{"null"}, "", true},
	} {
		for _, kept := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				r := withCORS(t, kept, c.cors)
				for status, requests := range everyAnswer(t, r) {
					for _, req := range requests {
						req.Header["Origin"] = c.page
						a := r.serveOne(req)
						if a.status != status {
							t.Fatalf("%s: %s %s: %d, want %d", name, req.Method, req.URL, a.status, status)
						}
						checkCORS(t, name, req, a, c.allowed, c.cors.Credentials)
						if varies := slices.Contains(varying(a), "Origin"); varies != c.varies {
							t.Errorf("%s: %s %s: %d varies by Origin: %v, want %v", name, req.Method, req.URL, status, varies, c.varies)
						}
						if strings.Contains(req.URL.Path, "master.m3u8") && req.Method != http.MethodOptions && !slices.Contains(varying(a), "Accept-Encoding") {
							t.Errorf("%s: %s %s: %d does not vary by Accept-Encoding", name, req.Method, req.URL, status)
						}
					}
				}
			})
		}
	}
}

// checkCORS wants the CORS headers of an answer for one page, or none of them.
func checkCORS(t *testing.T, name string, req *http.Request, a answered, allowed string, credentials bool) {
	t.Helper()
	want := map[string]string{"Access-Control-Allow-Origin": allowed, "Access-Control-Expose-Headers": "Content-Length, Content-Range, Date, ETag"}
	if credentials {
		want["Access-Control-Allow-Credentials"] = "true"
	}
	if allowed == "" {
		want = nil
	}
	for header, values := range a.header {
		if _, wanted := want[header]; strings.HasPrefix(header, "Access-Control-") && !wanted && (allowed == "" || req.Method != http.MethodOptions) {
			t.Errorf("%s: %s %s: %d with %s: %s", name, req.Method, req.URL, a.status, header, values)
		}
	}
	for header, value := range want {
		if got := a.header[header]; !slices.Equal(got, []string{value}) {
			t.Errorf("%s: %s %s: %d with %s: %s, want %s", name, req.Method, req.URL, a.status, header, got, value)
		}
	}
}

// varying are the headers that an answer says it varies by.
func varying(a answered) (names []string) {
	for _, value := range a.header["Vary"] {
		for name := range strings.SplitSeq(value, ",") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	return names
}

func TestCORS_TheOriginsOwnVaryStays(t *testing.T) {
	for _, kept := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs(seed())
			files.fail("own.ts", func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Vary"] = []string{"User-Agent", "X-Token"}
				_, _ = w.Write([]byte("media"))
			})
			changes := []func(*Config){func(config *Config) { config.CORS.Origins = []string{listedPage} }}
			if kept {
				changes = append(changes, keeping(t, 16<<20))
			}
			r := newRig(t, files, changes...)
			for range 3 {
				if got, want := varying(r.serveOne(request(http.MethodGet, "/live/own.ts"))), []string{"User-Agent", "X-Token", "Origin"}; !slices.Equal(got, want) {
					t.Errorf("kept %v: Vary %q, want %q", kept, got, want)
				}
			}
		})
	}
}

func TestCORS_APreflightAllowsTheHeadersThatItAsksFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := withCORS(t, false, CORS{})
		long := strings.Repeat("x", maxAskedHeaders)
		for asked, want := range map[string]string{
			"":                            usualHeaders,
			"range":                       "range",
			"cmcd-object,cmcd-request":    "cmcd-object, cmcd-request",
			" authorization ,\tX-Token":   "authorization, X-Token",
			",,authorization,,":           "authorization",
			"a,b c":                       usualHeaders,
			"a, b\r\nx: y":                usualHeaders,
			"a;b":                         usualHeaders,
			"ü":                           usualHeaders,
			"\x00":                        usualHeaders,
			long:                          long,
			long + ",a":                   usualHeaders,
			strings.Repeat(",", 2000):     usualHeaders,
			"!#$%&'*+-.^_`|~09azAZ,*":     "!#$%&'*+-.^_`|~09azAZ, *",
			"cmcd-session, authorization": "cmcd-session, authorization",
		} {
			a := r.do(http.MethodOptions, "/live/master.m3u8", "Origin", unlistedPage, "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", asked)
			if got := a.header.Get("Access-Control-Allow-Headers"); got != want || a.status != 204 || a.header.Get("Access-Control-Max-Age") != "86400" {
				t.Errorf("a preflight for %.60q: %d allows %.60q, want %.60q", asked, a.status, got, want)
			}
			if !slices.Contains(varying(a), "Access-Control-Request-Headers") {
				t.Errorf("a preflight for %.60q does not vary by it: %v", asked, a.header)
			}
		}
		a := r.do(http.MethodOptions, "/live/master.m3u8", "Access-Control-Request-Headers", "a", "Access-Control-Request-Headers", "b")
		if got := a.header.Get("Access-Control-Allow-Headers"); got != "a, b" {
			t.Errorf("a preflight of two lines allows %q", got)
		}
	})
}

func TestCORS_APreflightOfAnUnlistedPageAllowsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := withCORS(t, false, CORS{Origins: []string{listedPage}, Credentials: true})
		for page, want := range map[string]string{listedPage: "authorization", unlistedPage: ""} {
			a := r.serveOne(request(http.MethodOptions, aSegment, "Origin", page, "Access-Control-Request-Headers", "authorization"))
			if got := a.header.Get("Access-Control-Allow-Headers"); got != want || a.header.Get("Access-Control-Allow-Origin") != map[bool]string{true: page}[want != ""] {
				t.Errorf("%s: allowed %q for %q, want %q", page, got, a.header.Get("Access-Control-Allow-Origin"), want)
			}
		}
	})
}

// TestCORS_NoHeaderOfAPageReachesTheOrigin: to allow a header is not to forward it.
func TestCORS_NoHeaderOfAPageReachesTheOrigin(t *testing.T) {
	for _, kept := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			files := newVODs(seed())
			changes := []func(*Config){}
			if kept {
				changes = append(changes, keeping(t, 16<<20))
			}
			r := newRig(t, files, changes...)
			r.ok("/live/master.m3u8", "Authorization", hush, "Cookie", hush, "Cmcd-Object", hush, "X-Token", hush, "Origin", listedPage)
			r.ok(aSegment, "Authorization", hush, "Cookie", hush, "Cmcd-Object", hush, "X-Token", hush, "Origin", listedPage)
			for _, asked := range files.asked {
				for name, values := range asked.Header {
					if name == "Origin" || strings.Contains(strings.Join(values, ""), hush) {
						t.Errorf("kept %v: the origin was asked for %s with %s: %s", kept, asked.URL.Path, name, values)
					}
				}
			}
			if len(files.asked) < 3 {
				t.Errorf("the origin was asked %d times", len(files.asked))
			}
		})
	}
}

func TestCORS_OfListedPagesAHitAllocatesNothing(t *testing.T) {
	s := hitServer(t, zap.NewNop(), func(c *Config) {
		c.CORS = CORS{Origins: []string{"https://player.example.com"}, Credentials: true}
	})
	for _, address := range seedAddresses {
		for name, r := range hits(t, s, address) {
			w := &reused{header: http.Header{}}
			if n := testing.AllocsPerRun(1000, func() { clear(w.header); s.ServeHTTP(w, r) }); n > 0 {
				t.Errorf("%s of %s: %v allocations, want 0", name, address, n)
			}
			if listed := name == "a browser's GET"; listed != (w.header.Get("Access-Control-Allow-Credentials") == "true") {
				t.Errorf("%s of %s: %v", name, address, w.header)
			}
		}
	}
}
