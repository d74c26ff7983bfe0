package origin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"vod2live/playlist/mask"
)

// RequestError is the failure of one request to an origin. Its text is for the
// operator, and shows no secret: viewers get the line of its code.
type RequestError struct {
	Method  string
	Address string // that was requested, masked
	Err     error  // such as 404 Not Found
}

func (e *RequestError) Error() string { return e.Method + " " + e.Address + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *RequestError) Unwrap() error { return e.Err }

type quotedKey struct{}

// Quoted is the context of a request for an address in a playlist text. If that
// text has variables, whose values may be secret, errors repeat the text instead
// of the address.
func Quoted(ctx context.Context, text string) context.Context {
	if !strings.Contains(text, "{$") {
		return ctx
	}
	return context.WithValue(ctx, quotedKey{}, mask.Text(text))
}

// FailedRequest adds to an error which request failed, or had an invalid answer, unless
// that is known or nobody waits any more.
func FailedRequest(ctx context.Context, method string, address *url.URL, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if _, known := errors.AsType[*RequestError](err); known {
		return err
	}
	text, quoted := ctx.Value(quotedKey{}).(string)
	if !quoted {
		text = shown(address)
	}
	return &RequestError{method, text, err}
}

// maxShown is how much of an address an error repeats.
const maxShown = 300

// shown is an address in the form for errors.
func shown(u *url.URL) string {
	text := mask.Text(u.String())
	if len(text) > maxShown {
		return text[:maxShown] + "…"
	}
	return text
}

// unquoted is an error of the transport without quotes from an answer that is not
// HTTP: these may repeat the request, with its query and credentials.
type unquoted struct{ err error }

func (e unquoted) Error() string {
	before, _, quotes := strings.Cut(e.err.Error(), `"`)
	if quotes {
		before += `"…"`
	}
	return before
}

// Unwrap returns the error with its quotes, which must not be shown.
func (e unquoted) Unwrap() error { return e.err }

// notFound is an answer of 404 or 410.
type notFound int

func (e notFound) Error() string { return statusText(int(e)) }

// Unwrap returns ErrNotFound.
func (e notFound) Unwrap() error { return ErrNotFound }

func statusText(code int) string {
	return strings.TrimSpace(fmt.Sprint(code, " ", http.StatusText(code)))
}

// refuseRedirect is the error of a redirect that is not followed. It names the
// setting that allows it. next is nil if the answer has no usable Location. A redirect
// to the same path with a slash is ErrNotFound: so servers answer at a folder.
func (o *Origin) refuseRedirect(resp *http.Response, next *url.URL) error {
	from := resp.Request.URL
	switch {
	case next == nil:
		return fmt.Errorf("%w: %s without a usable Location", ErrRedirect, statusText(resp.StatusCode))
	case hostOf(next) == hostOf(from) && next.EscapedPath() == from.EscapedPath()+"/":
		return fmt.Errorf("%w: %s to %s: it is a folder: request a playlist or a segment in it", ErrNotFound, statusText(resp.StatusCode), shown(next))
	}
	return fmt.Errorf("%w: %s to %s: %s", ErrRedirect, statusText(resp.StatusCode), shown(next), o.remedy(resp.Request.URL, next))
}

// remedy is what allows a redirect.
func (o *Origin) remedy(from, to *url.URL) string {
	if to.Scheme != "http" && to.Scheme != "https" {
		return "only http and https are followed"
	}
	base := (&url.URL{Scheme: to.Scheme, Host: to.Host}).String()
	switch {
	case to.User != nil:
		return "an address with a user and password is not followed"
	case to.Hostname() == from.Hostname() && to.Scheme != from.Scheme:
		return "begin the url of origin " + o.Name + " with " + base
	case hostOf(to) == hostOf(from) && strings.HasSuffix(to.Path, "/"):
		return "it leads to a folder: request a playlist or a segment in it"
	case hostOf(to) == hostOf(from):
		return "it leaves the path of the origin's url: shorten the url of origin " + o.Name + ", or add another origin with url: " + base
	}
	return "to follow it, add another origin with url: " + base + " (not to the url of origin " + o.Name + ", whose credentials it would get)"
}

// What is wrong with an origin's URL, where that shows.
const (
	wantsHTTPS = "it speaks HTTPS: begin the origin's url with https://"
	wantsHTTP  = "it speaks HTTP, not HTTPS: begin the origin's url with http://"
	noHost     = "its name is not known: check the host in the origin's url"
)

// networkCause is the reason why an origin can't be reached, in our own words;
// empty: not known.
func networkCause(err error) string {
	if quotes, is := errors.AsType[unquoted](err); is {
		err = quotes.err
	}
	if name, is := errors.AsType[*net.DNSError](err); is {
		if name.IsNotFound {
			return noHost
		}
		return "its name can't be looked up"
	}
	if _, is := errors.AsType[*tls.CertificateVerificationError](err); is {
		return "its certificate is not trusted"
	}
	record, is := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case errors.Is(err, http.ErrSchemeMismatch), is && string(record.RecordHeader[:]) == "HTTP/":
		return wantsHTTP
	case err != nil && strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`): // a TLS alert: the error has no type
		return wantsHTTPS
	}
	return errno(err)
}
