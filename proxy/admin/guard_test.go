package admin

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"vod2live/metrics"
)

// guarded is a handler of a listener that was asked for by an address.
func guarded(address string, listener net.Addr) http.Handler {
	m := metrics.New("test")
	return New(Config{Metrics: m, Ready: NewReadiness(m), Address: address, Listener: listener, Settings: func() Settings { return Settings{} }})
}

// TestGuard_AForeignHostIsRefused: a page whose name has been bound to our
// address asks with that name.
func TestGuard_AForeignHostIsRefused(t *testing.T) {
	for host, c := range map[string]struct{ loopback, anywhere int }{
		"127.0.0.1:9180":     {200, 200},
		"127.1.2.3":          {200, 200},
		"[::1]:9180":         {200, 200},
		"localhost:9180":     {200, 200},
		"LocalHost":          {200, 200},
		"console.test:9180":  {200, 200}, // as configured
		"10.0.0.7:9180":      {403, 200},
		"[2001:db8::1]:9180": {403, 200},
		"192.0.2.1":          {403, 200},
		"evil.test":          {403, 403},
		"evil.test:9180":     {403, 403},
		"localhost.evil.io":  {403, 403},
		"127.0.0.1.nip.io":   {403, 403},
		"vod2live:9180":      {403, 403},
		"0x7f000001":         {403, 403},
		"":                   {403, 403},
	} {
		for name, l := range map[string]struct {
			handler http.Handler
			want    int
			metrics int
		}{
			"on loopback": {guarded("console.test:9180", loopback), c.loopback, c.loopback},
			"anywhere":    {guarded("console.test:9180", anywhere), c.anywhere, 200}, // a service's name scrapes
		} {
			for path, want := range map[string]int{
				"/api/config": l.want, "/": l.want, "/debug/pprof/": l.want, "/debug/pprof/symbol": l.want, "/metrics": l.metrics, "/healthz": 200, "/readyz": 503,
			} {
				if w := ask(l.handler, http.MethodGet, path, "Host", host); w.Code != want {
					t.Errorf("%s: GET %s with Host %q: %d, want %d", name, path, host, w.Code, want)
				}
			}
		}
	}
	h := guarded(":9180", anywhere)
	if w := ask(h, http.MethodGet, "/api/config", "Host", ""); w.Code != http.StatusForbidden {
		t.Errorf("no Host where no name is configured: %d", w.Code)
	}
}

// TestGuard_APageOfAnotherSiteCanNeitherReadNorAct.
func TestGuard_APageOfAnotherSiteCanNeitherReadNorAct(t *testing.T) {
	h := newRig(t)
	for name, c := range map[string]struct {
		headers []string
		refused bool
	}{
		"a tool":                    {nil, false},
		"our page":                  {[]string{"Sec-Fetch-Site", "same-origin", "Origin", "http://127.0.0.1:9180"}, false},
		"the address bar":           {[]string{"Sec-Fetch-Site", "none"}, false},
		"another site":              {[]string{"Sec-Fetch-Site", "cross-site"}, true},
		"another port":              {[]string{"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:8080"}, true},
		"another site, old browser": {[]string{"Origin", "http://evil.test"}, true},
		"no site":                   {[]string{"Origin", "null"}, true},
	} {
		for _, route := range (&api{}).routes() {
			method, path, _ := strings.Cut(route.pattern, " ")
			w := ask(h, method, path, c.headers...)
			refused := w.Code == http.StatusForbidden
			if c.refused != refused && path == "/api/config" || c.refused && !refused {
				t.Errorf("%s: %s: %d", name, route.pattern, w.Code)
			}
			if got := w.Header().Get("Access-Control-Allow-Origin"); got != "" {
				t.Errorf("%s: readable by %s", route.pattern, got)
			}
		}
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile?seconds=1", "/debug/pprof/symbol", "/debug/pprof/trace?seconds=0.01"} {
			if strings.Contains(path, "profile") && !c.refused {
				continue // it takes its second
			}
			if w := ask(h, http.MethodGet, path, c.headers...); (w.Code == http.StatusForbidden) != c.refused {
				t.Errorf("%s: %s: %d", name, path, w.Code)
			}
		}
		if w := ask(h, http.MethodGet, "/", c.headers...); w.Code != http.StatusOK {
			t.Errorf("%s: a link to the page: %d", name, w.Code)
		}
	}
}
