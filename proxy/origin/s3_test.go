package origin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"vod2live/metrics"
	"vod2live/proxy/origin"
)

const (
	region  = "eu-west-1"
	id      = "AKIDEXAMPLE"
	secret  = "wJalrXUtnFEMI/K7MDENG"
	timeout = 4 * time.Second
)

// server is a private bucket that is called b, path style. It answers like S3.
type server struct {
	bucket
	*httptest.Server
	answer http.HandlerFunc // to those whom it lets in; nil: an object

	mu   sync.Mutex // guards the rest, and the bucket's secret
	seen []*http.Request
}

func newServer(t *testing.T) *server {
	s := &server{bucket: bucket{id: id, secret: secret, region: region, now: time.Now}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.seen = append(s.seen, r)
	code, reason := s.refuse(r)
	s.mu.Unlock()
	switch {
	case code != "":
		status := http.StatusForbidden
		if code == "AuthorizationHeaderMalformed" {
			status = http.StatusBadRequest
		}
		refusal(w, status, code, "<Message>"+reason+"</Message><Region>"+s.region+"</Region>")
	case s.answer != nil:
		s.answer(w, r)
	default:
		w.Header().Set("Last-Modified", time.Unix(0, 0).UTC().Format(http.TimeFormat))
		_, _ = io.WriteString(w, "object")
	}
}

// refusal answers as S3 does: with what it should not have been told.
func refusal(w http.ResponseWriter, status int, code, more string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code>%s<SignatureProvided>geheim</SignatureProvided></Error>`, code, more)
}

func (s *server) requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// provider gives credentials that a test may change.
type provider struct {
	mu          sync.Mutex // guards the rest
	credentials aws.Credentials
	next        aws.Credentials // after Invalidate
	invalidated int
	err         error
	hang        bool
}

func newProvider() *provider {
	return &provider{credentials: aws.Credentials{AccessKeyID: id, SecretAccessKey: secret}}
}

func (p *provider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hang {
		<-ctx.Done()
		return aws.Credentials{}, ctx.Err()
	}
	return p.credentials, p.err
}

func (p *provider) Invalidate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.invalidated++
	if p.next.HasKeys() {
		p.credentials = p.next
	}
}

func newOrigin(t *testing.T, name, address string) *origin.Origin {
	t.Helper()
	o, err := origin.New(name, address, timeout)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func signed(t *testing.T, name, address string, p aws.CredentialsProvider) *origin.Origin {
	t.Helper()
	o := newOrigin(t, name, address)
	if err := o.SignS3(origin.S3{Region: region, Credentials: p}); err != nil {
		t.Fatal(err)
	}
	return o
}

func newClient(t *testing.T, origins ...*origin.Origin) *origin.Client {
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return origin.NewClient(transport, metrics.New("test"), origins...)
}

// get asks for an address, and reads all.
func get(t *testing.T, c *origin.Client, address string, header http.Header) (string, error) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if header == nil {
		header = http.Header{}
	}
	resp, err := c.Do(t.Context(), http.MethodGet, u, header)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

func TestSignS3_WhatIsSignedIsWhatIsSent(t *testing.T) {
	s := newServer(t)
	o := signed(t, "vod", s.URL+"/b/my%20vods", newProvider())
	c := newClient(t, o)
	for path, want := range map[string]string{
		"seg1.ts":                      "seg1.ts",
		"a/b/c.ts":                     "a/b/c.ts",
		"a%20b.ts":                     "a%20b.ts",
		"a+b.ts":                       "a%2Bb.ts",
		"a%2Bb.ts":                     "a%2Bb.ts",
		"a%2bb.ts":                     "a%2Bb.ts",
		"a%252Bb.ts":                   "a%252Bb.ts",
		"100%25.ts":                    "100%25.ts",
		"100%25zz.ts":                  "100%25zz.ts",
		"ü/日本.ts":                      "%C3%BC/%E6%97%A5%E6%9C%AC.ts",
		"%c3%bc/%E6%97%A5.ts":          "%C3%BC/%E6%97%A5.ts",
		"%FF.ts":                       "%FF.ts",
		"~a%7Eb-_.ts":                  "~a~b-_.ts",
		"a=1&b=2.ts":                   "a%3D1%26b%3D2.ts",
		"(x)!'*.ts":                    "%28x%29%21%27%2A.ts",
		"a;b,c:d@e$f.ts":               "a%3Bb%2Cc%3Ad%40e%24f.ts",
		"q%3Fm%23h.ts":                 "q%3Fm%23h.ts",
		"%5B1%5D[2]{3}|^`.ts":          "%5B1%5D%5B2%5D%7B3%7D%7C%5E%60.ts",
		`"<>".ts`:                      "%22%3C%3E%22.ts",
		"+%20%2B%25+/=%3D&%26~/i.m3u8": "%2B%20%2B%25%2B/%3D%3D%26%26~/i.m3u8",
	} {
		u, err := o.URL(path, "")
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if _, err := get(t, c, u.String(), nil); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		seen := s.requests()
		if got := seen[len(seen)-1].RequestURI; got != "/b/my%20vods/"+want {
			t.Errorf("%s is sent as %s, want /b/my%%20vods/%s", path, got, want)
		}
	}
}

func TestSignS3_NoQueryIsSent(t *testing.T) {
	s := newServer(t)
	o := signed(t, "vod", s.URL+"/b", newProvider())
	c := newClient(t, o)
	for _, query := range []string{"list-type=2", "acl", "versionId=3", "?", "X-Amz-Signature=x", "a=%zz;b"} {
		u, err := o.URL("a.ts", query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := get(t, c, u.String(), nil); err != nil {
			t.Errorf("?%s: %v", query, err)
		}
	}
	for _, r := range s.requests() {
		if r.RequestURI != "/b/a.ts" {
			t.Errorf("%s was asked for", r.RequestURI)
		}
	}
}

func TestSignS3_WhatIsNoObjectIsNotAskedFor(t *testing.T) {
	s := newServer(t)
	o := signed(t, "vod", s.URL+"/b", newProvider())
	c := newClient(t, o)
	for _, path := range []string{"", "/", "a/", "a//b", "a%2F", "a%252F", "a%2F%2Fb", "..", "../c/d", "%2E%2E/c", "a/..%2F..%2Fc"} {
		if _, err := o.URL(path, ""); !errors.Is(err, origin.ErrOutside) {
			t.Errorf("URL(%q): %v, want ErrOutside", path, err)
		}
		if _, err := get(t, c, s.URL+"/b/"+path, nil); !errors.Is(err, origin.ErrOutside) {
			t.Errorf("%q: %v, want ErrOutside", path, err)
		}
	}
	u, _ := url.Parse(s.URL + "/b/a.ts")
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPost} {
		if _, err := c.Do(t.Context(), method, u, http.Header{}); !errors.Is(err, origin.ErrOutside) {
			t.Errorf("%s: %v, want ErrOutside", method, err)
		}
	}
	if n := len(s.requests()); n > 0 {
		t.Errorf("%d requests were sent, want none", n)
	}
}

// TestSignS3_ASetHostIsSigned: the server verifies it.
func TestSignS3_ASetHostIsSigned(t *testing.T) {
	s := newServer(t)
	o := signed(t, "vod", s.URL+"/b", newProvider())
	o.Header = http.Header{"Host": {"minio.example.com"}, "Cookie": {"a=b"}}
	if body, err := get(t, newClient(t, o), s.URL+"/b/a.ts", nil); err != nil || body != "object" {
		t.Errorf("%q, %v", body, err)
	}
	if last := s.requests()[0]; last.Host != "minio.example.com" || last.Header.Get("Cookie") != "a=b" {
		t.Errorf("Host %s, Cookie %s", last.Host, last.Header.Get("Cookie"))
	}
}

// TestSignS3_AnEscapedSlashIsOneOfTheKey: S3 unescapes keys, and so does the
// signature.
func TestSignS3_AnEscapedSlashIsOneOfTheKey(t *testing.T) {
	s := newServer(t)
	c := newClient(t, signed(t, "vod", s.URL+"/b", newProvider()))
	for path, want := range map[string]string{
		"p/https%3A%2F%2Fcdn.test%2Fx.ts": "/b/p/https://cdn.test/x.ts", "a%2Fb.ts": "/b/a/b.ts", "a%252Fb.ts": "/b/a%2Fb.ts",
	} {
		if body, err := get(t, c, s.URL+"/b/"+path, nil); err != nil || body != "object" {
			t.Errorf("%s: %q, %v", path, body, err)
		}
		if all := s.requests(); len(all) == 0 || all[len(all)-1].URL.Path != want {
			t.Errorf("%s: not requested as %s", path, want)
		}
	}
}

// An endpoint whose host could be a bucket's may be an endpoint alone: then
// /BUCKET would be the list of its keys.
func TestSignS3_TheListOfABucketIsNotPassedOn(t *testing.T) {
	s := newServer(t)
	s.answer = func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<ListBucketResult>")
	}
	o := signed(t, "vod", "http://minio.example.com:9000", newProvider())
	c := origin.NewClient(redirected{s.Listener.Addr().String()}, metrics.New("test"), o)
	if body, err := get(t, c, "http://minio.example.com:9000/somebucket", nil); !errors.Is(err, origin.ErrOutside) {
		t.Errorf("%q, %v, want ErrOutside", body, err)
	}
	s.answer = nil
	if _, err := get(t, c, "http://minio.example.com:9000/object.ts", nil); err != nil {
		t.Error(err)
	}
}

// redirected sends every request to one address.
type redirected struct{ address string }

func (r redirected) RoundTrip(req *http.Request) (*http.Response, error) {
	u := *req.URL
	u.Host = r.address
	out := req.Clone(req.Context())
	out.URL = &u
	if out.Host == "" {
		out.Host = req.URL.Host
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(out)
	if err == nil {
		resp.Request = req
	}
	return resp, err
}

func TestSignS3_TheSchemesOwnPortIsNotSigned(t *testing.T) {
	s := newServer(t)
	o := signed(t, "vod", "http://my-bucket.s3.example.com:80", newProvider())
	c := origin.NewClient(redirected{s.Listener.Addr().String()}, metrics.New("test"), o)
	if _, err := get(t, c, "http://my-bucket.s3.example.com:80/a.ts", nil); err != nil {
		t.Error(err)
	}
	if host := s.requests()[0].Host; host != "my-bucket.s3.example.com" {
		t.Errorf("Host is %s, want my-bucket.s3.example.com", host)
	}
}

func TestSignS3_SignsHostAndAmzHeadersOnly(t *testing.T) {
	s := newServer(t)
	s.token = "session-token"
	p := newProvider()
	p.credentials.SessionToken = s.token
	o := signed(t, "vod", s.URL+"/b", p)
	o.Header = http.Header{"X-Amz-Request-Payer": {"requester"}, "Authorization": {"Basic eDp5"}}
	sent := http.Header{"Range": {"bytes=0-9"}, "Accept-Encoding": {"identity"}, "If-None-Match": {`"x"`}}
	if _, err := get(t, newClient(t, o), s.URL+"/b/a.ts", sent); err != nil {
		t.Fatal(err)
	}
	r := s.requests()[0]
	a, err := parseAuthorization(r.Header.Get("Authorization"))
	if err != nil || len(r.Header.Values("Authorization")) != 1 {
		t.Fatalf("%q: %v", r.Header.Values("Authorization"), err)
	}
	if got, want := strings.Join(a.signed, " "), "host x-amz-content-sha256 x-amz-date x-amz-request-payer x-amz-security-token"; got != want {
		t.Errorf("signed: %s\nwant:   %s", got, want)
	}
	for name := range sent {
		if r.Header.Get(name) != sent.Get(name) {
			t.Errorf("%s is %q, want %q", name, r.Header.Get(name), sent.Get(name))
		}
	}
	if len(sent) != 3 {
		t.Errorf("the caller's header has become %v", sent)
	}
}

func TestSignS3_RotatedCredentialsAreUsedAtOnce(t *testing.T) {
	for name, next := range map[string]aws.Credentials{
		"another secret of the same id": {AccessKeyID: id, SecretAccessKey: "second"},
		"another id":                    {AccessKeyID: "AKIDSECOND", SecretAccessKey: "second"},
		"another session":               {AccessKeyID: id, SecretAccessKey: secret, SessionToken: "second"},
	} {
		t.Run(name, func(t *testing.T) {
			s, p := newServer(t), newProvider()
			c := newClient(t, signed(t, "vod", s.URL+"/b", p))
			if _, err := get(t, c, s.URL+"/b/a.ts", nil); err != nil {
				t.Fatal(err)
			}
			s.mu.Lock()
			s.id, s.secret, s.token = next.AccessKeyID, next.SecretAccessKey, next.SessionToken
			s.mu.Unlock()
			p.next = next
			body, err := get(t, c, s.URL+"/b/a.ts", nil)
			if err != nil || body != "object" {
				t.Errorf("%q, %v after the rotation", body, err)
			}
			if n := len(s.requests()); n != 3 {
				t.Errorf("%d requests, want 3: one refused", n)
			}
		})
	}
}

func TestSignS3_WrongCredentialsAreDoubtedOnceInAWhile(t *testing.T) {
	s, p := newServer(t), newProvider()
	p.credentials.SecretAccessKey = "wrong"
	now := time.Now()
	o := newOrigin(t, "vod", s.URL+"/b")
	if err := o.SignS3(origin.S3{Region: region, Credentials: p, Now: func() time.Time { return now }}); err != nil {
		t.Fatal(err)
	}
	c := newClient(t, o)
	for range 20 {
		var status *origin.StatusError
		if _, err := get(t, c, s.URL+"/b/a.ts", nil); !errors.As(err, &status) || status.Code != http.StatusForbidden {
			t.Fatal(err)
		}
	}
	if p.invalidated != 1 {
		t.Errorf("doubted %d times, want 1", p.invalidated)
	}
	if n := len(s.requests()); n != 20 {
		t.Errorf("%d requests, want 20", n)
	}
	now = now.Add(10 * time.Second)
	_, _ = get(t, c, s.URL+"/b/a.ts", nil)
	if p.invalidated != 2 {
		t.Errorf("doubted %d times, want 2 after a while", p.invalidated)
	}
}

func TestSignS3_WithoutCredentialsNothingIsSent(t *testing.T) {
	s, p := newServer(t), newProvider()
	c := newClient(t, signed(t, "vod", s.URL+"/b", p))
	p.err = errors.New("no role is attached")
	_, err := get(t, c, s.URL+"/b/a.ts", nil)
	if !errors.Is(err, origin.ErrCredentials) || !strings.Contains(err.Error(), "no role is attached") || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
		t.Errorf("the error is %v", err)
	}
	if errors.Is(err, origin.ErrNetwork) {
		t.Error("it is called a failure of the network")
	}
	p.err, p.credentials = nil, aws.Credentials{}
	if _, err := get(t, c, s.URL+"/b/a.ts", nil); !errors.Is(err, origin.ErrCredentials) {
		t.Errorf("empty credentials: %v", err)
	}
	if n := len(s.requests()); n > 0 {
		t.Errorf("%d requests were sent, want none", n)
	}
}

func TestSignS3_CredentialsThatHangLeaveTimeToSaySo(t *testing.T) {
	s, p := newServer(t), newProvider()
	p.hang = true
	o := signed(t, "vod", s.URL+"/b", p)
	o.Timeout = 200 * time.Millisecond
	c := newClient(t, o)
	u, _ := url.Parse(s.URL + "/b/a.m3u8")
	start := time.Now()
	_, err := c.Playlist(t.Context(), u, origin.Validators{})
	if !errors.Is(err, origin.ErrCredentials) || errors.Is(err, origin.ErrTimeout) {
		t.Errorf("the error is %v, want ErrCredentials alone", err)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("it took %s of a timeout of %s", took, o.Timeout)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Playlist(ctx, u, origin.Validators{}); !errors.Is(err, context.Canceled) || errors.Is(err, origin.ErrCredentials) {
		t.Errorf("a viewer who has left: %v, want Canceled", err)
	}
}

func TestSignS3_ARedirectTakesNoSignatureAlong(t *testing.T) {
	var plain []*http.Request
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { plain = append(plain, r) }))
	defer other.Close()
	s := newServer(t)
	s.answer = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/cdn/a.ts?token=1", http.StatusFound)
	}
	private := signed(t, "vod", s.URL+"/b", newProvider())
	c := newClient(t, private, newOrigin(t, "cdn", other.URL+"/cdn"))
	if _, err := get(t, c, s.URL+"/b/a.ts", http.Header{"Range": {"bytes=0-1"}}); err != nil {
		t.Fatal(err)
	}
	if r := plain[0]; r.Header.Get("Authorization") != "" || r.Header.Get("X-Amz-Date") != "" || r.RequestURI != "/cdn/a.ts?token=1" || r.Header.Get("Range") == "" {
		t.Errorf("the next origin was asked for %s with %v", r.RequestURI, r.Header)
	}
	c = newClient(t, private)
	if _, err := get(t, c, s.URL+"/b/a.ts", nil); !errors.Is(err, origin.ErrRedirect) {
		t.Errorf("out of all origins: %v, want ErrRedirect", err)
	}
}

func TestSignS3_ARedirectToAnotherBucketIsSignedForThat(t *testing.T) {
	first, second := newServer(t), newServer(t)
	second.id, second.secret = "AKIDOTHER", "other"
	first.answer = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, second.URL+"/b/x%20y+z.ts?versionId=1", http.StatusTemporaryRedirect)
	}
	p := newProvider()
	p.credentials = aws.Credentials{AccessKeyID: second.id, SecretAccessKey: second.secret}
	c := newClient(t, signed(t, "one", first.URL+"/b", newProvider()), signed(t, "two", second.URL+"/b", p))
	if body, err := get(t, c, first.URL+"/b/a.ts", nil); err != nil || body != "object" {
		t.Errorf("%q, %v", body, err)
	}
}

// What S3 answers, and what becomes of it.
func TestSignS3_TheCauseIsForTheLog(t *testing.T) {
	for name, c := range map[string]struct {
		status   int
		code     string
		more     string
		header   http.Header
		want     error // nil: a StatusError
		contains string
	}{
		"absent key":       {404, "NoSuchKey", "", nil, origin.ErrNotFound, "NoSuchKey"},
		"absent bucket":    {404, "NoSuchBucket", "", nil, origin.ErrNotFound, "NoSuchBucket: the origin's url names no bucket"},
		"denied":           {403, "AccessDenied", "", nil, origin.ErrNotFound, "403 Forbidden: AccessDenied"},
		"wrong secret":     {403, "SignatureDoesNotMatch", "", nil, nil, "SignatureDoesNotMatch: the secret access key is wrong"},
		"unknown id":       {403, "InvalidAccessKeyId", "", nil, nil, "InvalidAccessKeyId"},
		"skewed clock":     {403, "RequestTimeTooSkewed", "", nil, nil, "the clock of this machine is wrong"},
		"expired":          {400, "ExpiredToken", "", nil, nil, "ExpiredToken"},
		"wrong region":     {400, "AuthorizationHeaderMalformed", "<Region>us-west-2</Region>", nil, nil, "the region is wrong: the bucket is in region us-west-2"},
		"wrong endpoint":   {301, "PermanentRedirect", "<Endpoint>x.s3.us-west-2.amazonaws.com</Endpoint>", http.Header{"X-Amz-Bucket-Region": {"us-west-2"}}, origin.ErrRedirect, "PermanentRedirect: the bucket has another endpoint: the bucket is in region us-west-2"},
		"moving bucket":    {307, "TemporaryRedirect", "", http.Header{"X-Amz-Bucket-Region": {"us-west-2"}, "Location": {"https://b.s3-us-west-2.amazonaws.com/a.ts"}}, origin.ErrRedirect, "us-west-2"},
		"slow down":        {503, "SlowDown", "", nil, nil, "503 Service Unavailable: SlowDown"},
		"a hostile code":   {403, "A\nB<>", "", nil, nil, "403 Forbidden"},
		"a hostile region": {400, "X", "", http.Header{"X-Amz-Bucket-Region": {"us {}\"west"}}, nil, "400 Bad Request: X"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.answer = func(w http.ResponseWriter, _ *http.Request) {
				maps.Copy(w.Header(), c.header)
				refusal(w, c.status, c.code, c.more)
			}
			_, err := get(t, newClient(t, signed(t, "vod", s.URL+"/b", newProvider())), s.URL+"/b/a.ts", nil)
			var status *origin.StatusError
			if c.want != nil && !errors.Is(err, c.want) || c.want == nil && (!errors.As(err, &status) || status.Code != c.status || errors.Is(err, origin.ErrNotFound)) {
				t.Fatalf("the error is %v", err)
			}
			if !strings.Contains(err.Error(), c.contains) {
				t.Errorf("the error is %q, want it to say %q", err, c.contains)
			}
			if text := err.Error(); strings.ContainsAny(text, "\n<{") || strings.Contains(text, secret) || strings.Contains(text, "geheim") {
				t.Errorf("the error tells too much: %q", text)
			}
		})
	}
}

func TestSignS3_WantsABucket(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://my-bucket.s3.eu-west-1.amazonaws.com":   true,
		"https://my-bucket.s3.eu-west-1.amazonaws.com/p": true,
		"https://s3-files.s3.amazonaws.com/":             true,
		"https://s3.eu-west-1.amazonaws.com":             false,
		"https://s3-eu-west-1.amazonaws.com":             false,
		"https://s3.amazonaws.com/my-bucket":             true,
		"https://s3.fr-par.scw.cloud":                    false,
		"http://127.0.0.1:9000":                          false,
		"http://127.0.0.1:9000/b":                        true,
		"http://localhost:9000":                          false,
		"http://minio:9000/b/prefix/":                    true,
		"http://[::1]:9000":                              false,
		"http://user:word@minio:9000/b":                  false,
	} {
		o, err := origin.New("vod", address, timeout)
		if err != nil {
			t.Fatal(err)
		}
		if err = o.SignS3(origin.S3{Region: region, Credentials: newProvider()}); (err == nil) != ok || err != nil && !errors.Is(err, origin.ErrS3) {
			t.Errorf("%s: %v", address, err)
		}
		if o.Signed() != ok {
			t.Errorf("%s: Signed() = %v, want %v", address, o.Signed(), ok)
		}
	}
	o := newOrigin(t, "vod", "https://my-bucket.s3.eu-west-1.amazonaws.com")
	for _, region := range []string{"", "eu west", "a/b"} {
		if err := o.SignS3(origin.S3{Region: region, Credentials: newProvider()}); !errors.Is(err, origin.ErrS3) {
			t.Errorf("region %q: %v", region, err)
		}
	}
}
