package origin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go/encoding/httpbinding"
)

// S3 is how requests to a private bucket are signed (AWS Signature Version 4).
// The bucket is named by the origin's URL: https://BUCKET.s3.REGION.amazonaws.com
// or, path style, https://ENDPOINT/BUCKET.
type S3 struct {
	Region      string
	Credentials aws.CredentialsProvider // used at every request: it has its own cache; see DefaultCredentials
	Now         func() time.Time        // the clock that signatures carry; nil: time.Now
}

// ErrS3 means that an origin's URL or settings don't fit a private bucket.
var ErrS3 = errors.New("not usable for s3")

// SignS3 makes the origin a private bucket. Its requests are signed, and none
// has a query: with our credentials ?list-type=2, ?acl and similar ones would
// show viewers more than objects. Call it before the first request.
func (o *Origin) SignS3(s S3) error {
	switch {
	case !regionForm.MatchString(s.Region):
		return fmt.Errorf("%w: a region is needed, such as eu-west-1", ErrS3)
	case s.Credentials == nil:
		return fmt.Errorf("%w: credentials are needed", ErrS3)
	case o.Header.Get("Authorization") != "" || slices.ContainsFunc(o.places, func(p *place) bool { return p.header != nil }):
		return fmt.Errorf("%w: a signed request has no room for another authorization", ErrS3)
	case slices.ContainsFunc(o.places, func(p *place) bool { return len(p.elements) == 0 && !namesBucket(p.host) }):
		return fmt.Errorf("%w: the URL names no bucket; it is https://BUCKET.s3.REGION.amazonaws.com or https://ENDPOINT/BUCKET", ErrS3)
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	o.s3 = &signing{S3: s}
	return nil
}

// Signed reports whether requests to the origin are signed, and so have no
// query.
func (o *Origin) Signed() bool { return o.s3 != nil }

// namesBucket reports whether a host may begin with the name of a bucket. It is
// no proof: see listing.
func namesBucket(host string) bool {
	host, _, _ = strings.Cut(host, ":")
	first, rest, more := strings.Cut(host, ".")
	old := strings.HasPrefix(first, "s3-") && strings.HasPrefix(rest, "amazonaws.com") // an endpoint, as s3-eu-west-1
	return more && net.ParseIP(host) == nil && len(first) >= 3 && !old                 // no bucket's name is shorter
}

// roundTrip makes one request to the origin, signed if required. The wait for
// credentials is limited, so that the cause is reported in time.
func (o *Origin) roundTrip(transport http.RoundTripper, req *http.Request, patience time.Duration) (*http.Response, error) {
	if o.s3 == nil {
		return transport.RoundTrip(req)
	}
	resp, err := o.s3.roundTrip(transport, req, patience)
	if _, depth, _ := o.rest(req.URL); err == nil && depth == 0 && listing(resp) {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%w: the answer is no object; where the endpoint's host does not begin with the bucket, the origin's url must end in it", ErrOutside)
	}
	return resp, err
}

// listing reports whether an answer may be the list of a bucket's keys, as for a
// viewer's /BUCKET if the URL is only an endpoint. Objects have a Last-Modified.
func listing(resp *http.Response) bool {
	ok := resp.StatusCode == http.StatusOK || resp.StatusCode == http.StatusPartialContent
	return ok && strings.Count(resp.Request.URL.Path, "/") == 1 && resp.Header.Get("Last-Modified") == ""
}

// signing signs the requests of one origin.
type signing struct {
	S3

	mu      sync.Mutex // guards the rest
	keys    *keys      // that were used last
	renewAt time.Time  // when refused credentials may be thrown away again
}

// keys are credentials with their own signer: it caches what it derives from
// a secret by the access key id alone (aws-sdk-go-v2 issue 3350).
type keys struct {
	aws.Credentials
	signer *v4.Signer
}

func (k *keys) equal(c aws.Credentials) bool {
	return k.AccessKeyID == c.AccessKeyID && k.SecretAccessKey == c.SecretAccessKey && k.SessionToken == c.SessionToken
}

// roundTrip signs and sends a request, and once more when the credentials have
// been refused and there are others by now: they were rotated.
func (s *signing) roundTrip(transport http.RoundTripper, req *http.Request, patience time.Duration) (*http.Response, error) {
	if req.Method != http.MethodGet && req.Method != http.MethodHead || strings.HasSuffix("/"+req.URL.Path, "/") {
		return nil, ErrOutside // the last of several guards against requests that are not about one object
	}
	k, err := s.retrieve(req.Context(), patience)
	if err != nil {
		return nil, err
	}
	resp, err := s.send(transport, req, k)
	if err != nil || !says(resp).refusesCredentials() {
		return resp, err
	}
	other := s.renew(req.Context(), k, patience)
	if other == nil {
		return resp, nil
	}
	_ = resp.Body.Close()
	return s.send(transport, req, other)
}

// processOutput is what the SDK writes before all that a credential_process has
// printed, keys included, where it can't read that.
const processOutput = " of process output:"

// retrieve gets credentials within its share of the origin's timeout: the
// instance metadata service may hang, and the cause should be reported.
func (s *signing) retrieve(ctx context.Context, patience time.Duration) (*keys, error) {
	ask, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	credentials, err := s.Credentials.Retrieve(ask)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		text, _, _ := strings.Cut(err.Error(), processOutput)
		return nil, fmt.Errorf("%w: %.500s", ErrCredentials, text)
	case !credentials.HasKeys():
		return nil, fmt.Errorf("%w: they are empty", ErrCredentials)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil || !s.keys.equal(credentials) {
		s.keys = &keys{credentials, v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })}
	}
	return s.keys, nil
}

// renewPause is the least time between two doubts about credentials.
const renewPause = 5 * time.Second

// renew returns other credentials than those that were refused, nil if there
// are none.
func (s *signing) renew(ctx context.Context, refused *keys, patience time.Duration) *keys {
	if k, err := s.retrieve(ctx, patience); err != nil || k != refused {
		return k // replaced while the request was under way
	}
	cache, is := s.Credentials.(interface{ Invalidate() })
	if !is || !s.mayRenew() {
		return nil
	}
	cache.Invalidate()
	k, err := s.retrieve(ctx, patience)
	if err != nil || k == refused {
		return nil
	}
	return k
}

func (s *signing) mayRenew() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	if now.Before(s.renewAt) {
		return false
	}
	s.renewAt = now.Add(renewPause)
	return true
}

// emptyHash is the SHA-256 of a body of no bytes.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

const amzPrefix = "X-Amz-"

// send signs and sends. Only the host and the X-Amz headers are signed, which
// S3 requires: a server behind a proxy may see the others changed, as
// Google's does with Accept-Encoding.
func (s *signing) send(transport http.RoundTripper, req *http.Request, k *keys) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.URL = objectURL(req.URL)
	if out.Host == req.URL.Host { // none is set
		out.Host = hostHeader(req.URL)
	}
	out.Header.Set("X-Amz-Content-Sha256", emptyHash)
	toSign := &http.Request{Method: out.Method, URL: objectURL(req.URL), Host: out.Host, Header: http.Header{}}
	for name, values := range out.Header {
		if strings.HasPrefix(name, amzPrefix) {
			toSign.Header[name] = values
		}
	}
	if err := k.signer.SignHTTP(req.Context(), k.Credentials, toSign, emptyHash, "s3", s.Region, s.Now()); err != nil {
		return nil, err
	}
	maps.Copy(out.Header, toSign.Header)
	return transport.RoundTrip(out)
}

// objectURL is the signed and sent address: without query, with the key
// escaped as the signature needs it.
func objectURL(u *url.URL) *url.URL {
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: httpbinding.EscapePath(u.Path, false)}
}

// hostHeader is the host without the scheme's own port: so it is signed.
func hostHeader(u *url.URL) string {
	if u.Scheme == "http" {
		return strings.TrimSuffix(u.Host, ":80")
	}
	return strings.TrimSuffix(u.Host, ":443")
}
