package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
)

// The VOD in the bucket: every name is odd in another way, and is escaped as little as a playlist may.
const (
	oddFolder = "films/My Film (1)=ü & 100%+"
	oddURL    = "films/My%20Film%20(1)=ü%20&%20100%25+"
)

var oddSegments = []struct{ key, uri string }{
	{"plain.ts", "plain.ts"},
	{"with space.ts", "with%20space.ts"},
	{"a+b.ts", "a+b.ts"},
	{"a%2Bb.ts", "a%252Bb.ts"},
	{"50%.ts", "50%25.ts"},
	{"日本/ü~.ts", "日本/%C3%BC~.ts"},
	{"k=v&w=(x)!'*;$@,.ts", "k=v&w=(x)!'*;$@,.ts"},
	{"what?#.ts", "what%3F%23.ts"},
}

// Accounts: viewer may read the films, other may read nothing.
const (
	viewerID     = "viewer-id"
	viewerSecret = "viewer-secret"
	otherID      = "other-id"
	otherSecret  = "other-secret"
	newSecret    = "rotated-secret"
)

const s3Policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["` + viewerID + `"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::vods/films/*"]}]}`

// privateBucket starts an S3 server with a VOD in a private bucket and returns the segments by their keys.
func privateBucket(t *testing.T) (*versitygw, map[string][]byte) {
	t.Helper()
	v := startVersitygw(t)
	v.put(t, "/vods", "", nil)
	v.admin(t, "create-user", "--access", viewerID, "--secret", viewerSecret, "--role", "user")
	v.admin(t, "create-user", "--access", otherID, "--secret", otherSecret, "--role", "user")
	v.put(t, "/vods", "policy=", []byte(s3Policy))
	media := "#EXTM3U\n#EXT-X-TARGETDURATION:1\n"
	objects := map[string][]byte{}
	for _, s := range oddSegments {
		media += "#EXTINF:1.0,\n" + s.uri + "\n"
		data := make([]byte, 200<<10)
		for i := range data {
			data[i] = byte(rand.Uint32())
		}
		objects[s.key] = data
		v.put(t, "/vods/"+oddFolder+"/v+1/"+s.key, "", data)
	}
	v.put(t, "/vods/"+oddFolder+"/v+1/index.m3u8", "", []byte(media+"#EXT-X-ENDLIST\n"))
	v.put(t, "/vods/"+oddFolder+"/master.m3u8", "", []byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000000,RESOLUTION=640x360\nv+1/index.m3u8?acl\n"))
	v.put(t, "/vods/private/secret.ts", "", []byte("secret"))
	return v, objects
}

// s3Proxy is a Server with one signed origin, and its log.
type s3Proxy struct {
	url  string
	logs *observer.ObservedLogs
}

// proxyOf makes a Server for what is beneath a URL.
func proxyOf(t *testing.T, address string, settings origin.S3) *s3Proxy {
	t.Helper()
	o, err := origin.New("live", address, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.SignS3(settings); err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zapcore.InfoLevel)
	transport := proxy.NewTransport(10 * time.Second)
	server := proxy.New(proxy.Config{Config: onair.Config{
		Origins: []*origin.Origin{o}, Transport: transport, Now: time.Now, Log: zap.New(core), Metrics: metrics.New("test"),
		Options:    playlist.Options{Window: 8 * time.Second, Epoch: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)},
		Revalidate: time.Second, GoneAfter: time.Minute, Timeout: 10 * time.Second, CacheBytes: 1 << 20,
	}})
	viewers := httptest.NewServer(server)
	t.Cleanup(func() {
		viewers.Close()
		server.Close()
		transport.CloseIdleConnections()
	})
	return &s3Proxy{viewers.URL, logs}
}

// log is all that was logged, a JSON object a line.
func (p *s3Proxy) log() string {
	var b strings.Builder
	for _, entry := range p.logs.All() {
		line, _ := json.Marshal(entry.ContextMap())
		fmt.Fprintln(&b, entry.Message, string(line))
	}
	return b.String()
}

func keysOf(id, secret string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: id, SecretAccessKey: secret}, nil
	})
}

func TestS3_APrivateBucketPlays(t *testing.T) {
	t.Parallel()
	v, objects := privateBucket(t)
	p := proxyOf(t, v.url+"/vods", origin.S3{Region: s3Region, Credentials: keysOf(viewerID, viewerSecret)})
	multivariant := p.url + "/live/" + oddURL + "/master.m3u8"
	live, err := renditions(multivariant)
	if err != nil {
		t.Fatal(err)
	}
	text, err := fetchText(live[0])
	if err != nil {
		t.Fatal(err)
	}
	segments := parseMedia(text).segments
	if len(segments) < len(oddSegments) {
		t.Fatalf("%d segments in\n%s", len(segments), text)
	}
	for _, s := range segments {
		address, err := resolve(live[0], s.uri)
		if err != nil {
			t.Fatal(err)
		}
		for _, odd := range oddSegments {
			if strings.HasSuffix(address, "/"+odd.uri) || strings.HasSuffix(address, "/"+strings.ReplaceAll(odd.uri, "日本", "%E6%97%A5%E6%9C%AC")) {
				checkObject(t, address, objects[odd.key])
				delete(objects, odd.key)
			}
		}
	}
	for key := range objects {
		t.Errorf("%s is not among the segments of\n%s", key, text)
	}
}

// checkObject asks for an object in every way that players do.
func checkObject(t *testing.T, address string, want []byte) {
	t.Helper()
	if want == nil {
		return // of another loop, checked
	}
	whole, err := fetch(address, "")
	if err != nil || whole.status != http.StatusOK || !bytes.Equal(whole.body, want) {
		t.Errorf("%s: %d, %d bytes, want %d: %v", address, whole.status, len(whole.body), len(want), err)
	}
	part, err := fetch(address, "bytes=1000-1999")
	if err != nil || part.status != http.StatusPartialContent || !bytes.Equal(part.body, want[1000:2000]) || part.header.Get("Content-Range") == "" {
		t.Errorf("%s: %d, %d bytes of a range: %v", address, part.status, len(part.body), err)
	}
	beyond, err := fetch(address, "bytes=99999999-")
	if err != nil || beyond.status != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("%s: %d beyond the end: %v", address, beyond.status, err)
	}
	head, err := client.Head(address)
	if err != nil {
		t.Fatal(err)
	}
	_ = head.Body.Close()
	if head.StatusCode != http.StatusOK || head.ContentLength != int64(len(want)) || head.Header.Get("ETag") == "" {
		t.Errorf("HEAD %s: %d, %d bytes, ETag %s", address, head.StatusCode, head.ContentLength, head.Header.Get("ETag"))
	}
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	request.Header.Set("If-None-Match", head.Header.Get("ETag"))
	again, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Body.Close()
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("%s with its ETag: %d, want 304", address, again.StatusCode)
	}
}

// What viewers get when the bucket does not give, and what the log says. The viewer's line is the whole body.
func TestS3_WhatViewersGetAndWhatTheLogSays(t *testing.T) {
	t.Parallel()
	v, _ := privateBucket(t)
	right := origin.S3{Region: s3Region, Credentials: keysOf(viewerID, viewerSecret)}
	skewed := func(by time.Duration) func() time.Time { return func() time.Time { return time.Now().Add(by) } }
	film := "/vods/" + oddURL + "/master.m3u8"
	const (
		nothing   = "The origin has nothing at this address."
		forbidden = "The origin denies access to this server."
	)
	for _, c := range []struct {
		name     string
		settings origin.S3
		bucket   string
		path     string
		status   int
		line     string
		log      string
	}{
		{"wrong secret", origin.S3{Region: s3Region, Credentials: keysOf(viewerID, "wrong")}, "/vods", film, 502, forbidden, "403 Forbidden: SignatureDoesNotMatch: the secret access key is wrong"},
		{"wrong secret, segment", origin.S3{Region: s3Region, Credentials: keysOf(viewerID, "wrong")}, "/vods", "/vods/films/a.ts", 502, forbidden, "SignatureDoesNotMatch"},
		{"unknown id", origin.S3{Region: s3Region, Credentials: keysOf("nobody", "x")}, "/vods", film, 502, forbidden, "403 Forbidden: InvalidAccessKeyId"},
		{"wrong region", origin.S3{Region: "eu-west-1", Credentials: right.Credentials}, "/vods", film, 502, forbidden, "400 Bad Request: AuthorizationHeaderMalformed: the region is wrong: the bucket is in region us-east-1"},
		{"clock an hour behind", origin.S3{Region: s3Region, Credentials: right.Credentials, Now: skewed(-time.Hour)}, "/vods", film, 502, forbidden, "403 Forbidden: RequestTimeTooSkewed: the clock of this machine is wrong"},
		{"clock an hour ahead", origin.S3{Region: s3Region, Credentials: right.Credentials, Now: skewed(time.Hour)}, "/vods", film, 502, forbidden, "RequestTimeTooSkewed"},
		{"clock a minute ahead", origin.S3{Region: s3Region, Credentials: right.Credentials, Now: skewed(time.Minute)}, "/vods", film, 200, "", "stream loaded"},
		{"absent key", right, "/vods", "/vods/films/absent.m3u8", 404, nothing, "NoSuchKey"},
		{"absent segment", right, "/vods", "/vods/films/absent.ts", 404, nothing, "NoSuchKey"},
		{"denied key", right, "/vods", "/vods/private/secret.ts", 404, nothing, "403 Forbidden: AccessDenied: the credentials may not read it"},
		{"denied account", origin.S3{Region: s3Region, Credentials: keysOf(otherID, otherSecret)}, "/vods", film, 404, nothing, "403 Forbidden: AccessDenied"},
		{"absent bucket", right, "/no-such-bucket", "/no-such-bucket/a.m3u8", 404, nothing, "NoSuchBucket: the origin's url names no bucket that exists"},
		{"no credentials", origin.S3{Region: s3Region, Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, errors.New("no role is attached")
		})}, "/vods", film, 502, "The server has no credentials for the origin.", "no credentials to sign with: set AWS_ACCESS_KEY_ID"},
		{"a folder", right, "/vods", "/vods/films/", 404, "Nothing is here. A stream's address is /MOUNT/PATH, such as /live/movie/master.m3u8.", "nothing is mounted"},
		{"the bucket", right, "/vods", "/vods/", 404, "Nothing is here. A stream's address is /MOUNT/PATH, such as /live/movie/master.m3u8.", "nothing is mounted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := proxyOf(t, v.url+c.bucket, c.settings)
			got, err := fetch(p.url+"/live"+strings.TrimPrefix(c.path, c.bucket), "")
			if err != nil || got.status != c.status {
				t.Fatalf("%d %s: %v", got.status, got.body, err)
			}
			if c.status != http.StatusOK && string(got.body) != c.line+"\n" {
				t.Errorf("viewers read %q, want %q", got.body, c.line)
			}
			log := p.log()
			if !strings.Contains(log, c.log) {
				t.Errorf("the log lacks %q:\n%s", c.log, log)
			}
			for _, hidden := range []string{viewerSecret, otherSecret, "Signature=", "SignatureProvided", "StringToSign"} {
				if strings.Contains(log, hidden) || bytes.Contains(got.body, []byte(hidden)) {
					t.Errorf("%s is shown:\n%s%s", hidden, got.body, log)
				}
			}
		})
	}
}

func TestS3_NeitherQueriesNorFoldersReachTheBucket(t *testing.T) {
	t.Parallel()
	v, objects := privateBucket(t)
	// With the rights of the owner of all, who could list and read everything.
	p := proxyOf(t, v.url+"/vods", origin.S3{Region: s3Region, Credentials: keysOf(rootID, rootSecret)})
	for _, query := range []string{"list-type=2", "acl", "versionId=1", "uploads", "policy", "X-Amz-Algorithm=AWS4-HMAC-SHA256", "prefix=private/"} {
		got, err := fetch(p.url+"/live/"+oddURL+"/v+1/plain.ts?"+query, "")
		if err != nil || got.status != http.StatusOK || !bytes.Equal(got.body, objects["plain.ts"]) {
			t.Errorf("?%s: %d, %d bytes: %v", query, got.status, len(got.body), err)
		}
		stream, err := fetch(p.url+"/live/"+oddURL+"/master.m3u8?"+query, "")
		if err != nil || stream.status != http.StatusOK || bytes.Contains(stream.body, []byte(query)) {
			t.Errorf("stream?%s: %d %s: %v", query, stream.status, stream.body, err)
		}
	}
	for _, path := range []string{"", "films/", "films/?list-type=2", "?list-type=2", "%2F", "films%2F", "films/..", "films/%2E%2E", "..%2Fvods", "films//", "./"} {
		got, err := fetch(p.url+"/live/"+path, "")
		if err != nil || got.status < 400 || bytes.Contains(got.body, []byte("ListBucket")) {
			t.Errorf("%q: %d %s: %v", path, got.status, got.body, err)
		}
	}
	if last, err := fetch(p.url+"/live/"+oddURL+"/v+1/50%25.ts", ""); err != nil || last.status != http.StatusOK {
		t.Fatalf("%d: %v", last.status, err)
	}
	asked := v.requests(t, "/50%.ts")
	if len(asked) != 10 { // seven times the segment, two playlists once, and the last
		t.Errorf("%d requests, want 10", len(asked))
	}
	for _, line := range asked {
		if strings.Contains(line, "?") || !strings.Contains(line, " s3_GetObject ") || !strings.Contains(line, " /vods/films/My%20Film") {
			t.Errorf("this reached the bucket: %s", line)
		}
	}
}

// Credentials in the shared file, rotated under the running Server: viewers don't notice, old ones are of no use any
// more. It sets the environment, so it runs by itself.
func TestS3_RotatedCredentialsAreTakenUpWithoutRestart(t *testing.T) {
	v, _ := privateBucket(t)
	file := filepath.Join(t.TempDir(), "credentials")
	write := func(secret string) {
		text := "[default]\naws_access_key_id = " + viewerID + "\naws_secret_access_key = " + secret + "\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
		"AWS_SHARED_CREDENTIALS_FILE": file, "AWS_CONFIG_FILE": file + ".absent", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	write(viewerSecret)
	p := proxyOf(t, v.url+"/vods", origin.S3{Region: s3Region, Credentials: origin.DefaultCredentials(s3Region)})
	stays := proxyOf(t, v.url+"/vods", origin.S3{Region: s3Region, Credentials: keysOf(viewerID, viewerSecret)})
	status := func(p *s3Proxy, path string) int {
		t.Helper()
		got, err := fetch(p.url+"/live/"+oddURL+path, "")
		if err != nil {
			t.Fatal(err)
		}
		return got.status
	}
	for _, p := range []*s3Proxy{p, stays} {
		if got := status(p, "/master.m3u8"); got != http.StatusOK {
			t.Fatalf("before: %d\n%s", got, p.log())
		}
	}
	v.admin(t, "update-user", "--access", viewerID, "--secret", newSecret)
	write(newSecret)
	for _, path := range []string{"/v+1/plain.ts", "/v+1/a+b.ts", "/master.m3u8", "/v+1/index.m3u8"} {
		if got := status(p, path); got != http.StatusOK {
			t.Errorf("%s: %d after the rotation\n%s", path, got, p.log())
		}
	}
	if strings.Contains(p.log(), "SignatureDoesNotMatch") {
		t.Errorf("viewers have noticed:\n%s", p.log())
	}
	// Old credentials stop segments, and leave a loaded stream on air.
	if got := status(stays, "/v+1/plain.ts"); got != http.StatusBadGateway {
		t.Errorf("old credentials: %d", got)
	}
	err := await(func() error {
		if got := status(stays, "/master.m3u8/0.m3u8"); got != http.StatusOK {
			t.Errorf("a loaded stream: %d", got)
		}
		if log := stays.log(); !strings.Contains(log, "plays on") || !strings.Contains(log, "SignatureDoesNotMatch") {
			return fmt.Errorf("the log does not say why the stream is not revalidated:\n%s", log)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
