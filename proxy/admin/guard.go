package admin

import (
	"errors"
	"net"
	"net/http"
	"strings"
)

// guard keeps foreign pages in an operator's browser away. A page whose name
// suddenly resolves to our address (DNS rebinding) sends that name as Host, so
// unknown names are rejected. A page that just sends requests shows in
// Sec-Fetch-Site or Origin.
type guard struct {
	name     string // of the configured address; empty: none
	loopback bool   // only this machine reaches the listener
	origins  http.CrossOriginProtection
}

func newGuard(address string, listener net.Addr) *guard {
	g := &guard{}
	g.name, _, _ = net.SplitHostPort(address)
	if tcp, is := listener.(*net.TCPAddr); is {
		g.loopback = tcp.IP.IsLoopback()
	}
	return g
}

var (
	errHost  = errors.New("unknown Host: use an IP address, localhost, or the host given in -admin")
	errCross = errors.New("requests from pages of other sites are rejected")
)

// knows reports whether a Host header is one of ours. An address can't be
// rebound; on loopback only a loopback address makes sense.
func (g *guard) knows(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "localhost" || host != "" && strings.EqualFold(host, g.name) {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && (ip.IsLoopback() || !g.loopback)
}

// known lets requests with a known Host through.
func (g *guard) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if !g.knows(r.Host) {
			http.Error(w, errHost.Error(), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// metrics are scraped by names as well, such as that of a service: on a
// listener that is not on loopback all requests are let through.
func (g *guard) metrics(next http.Handler) http.Handler {
	if g.loopback {
		return g.known(next)
	}
	return next
}

// api lets requests through that have a known Host and do not come from
// another site's page, even if they only read.
func (g *guard) api(next http.Handler) http.Handler {
	return g.own(next, func(w http.ResponseWriter, line string) { fail(w, http.StatusForbidden, line) })
}

// profiles are like the api, in text: they cost time and memory to make.
func (g *guard) profiles(next http.HandlerFunc) http.Handler {
	return g.known(g.own(next, func(w http.ResponseWriter, line string) { http.Error(w, line, http.StatusForbidden) }))
}

func (g *guard) own(next http.Handler, refuse func(http.ResponseWriter, string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		acting := *r
		acting.Method = http.MethodPost // which is not let through as harmless
		switch {
		case !g.knows(r.Host):
			refuse(w, errHost.Error())
		case g.origins.Check(&acting) != nil:
			refuse(w, errCross.Error())
		default:
			next.ServeHTTP(w, r)
		}
	})
}
