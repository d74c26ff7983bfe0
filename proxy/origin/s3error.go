package origin

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// s3Error is the error body of S3. There is none for HEAD.
type s3Error struct {
	code   string // such as NoSuchKey; empty: the answer is not one of S3
	region string // where the bucket is, if it seems to be elsewhere
	empty  bool   // the answer has no body
	https  bool   // the answer is that of a server that requires HTTPS
}

var (
	codeForm     = regexp.MustCompile(`<Code>([A-Za-z0-9.]{1,64})</Code>`)
	regionInBody = regexp.MustCompile(`<Region>([a-z0-9-]{1,32})</Region>`)
	httpsForm    = regexp.MustCompile(`HTTPS|SSL-enabled`) // nginx, Go and Apache
	regionForm   = regexp.MustCompile(`^[A-Za-z0-9-]{1,32}$`)
)

// maxS3Error is how much of an error's body is read.
const maxS3Error = 4 << 10

// says reads the error body of an unsuccessful answer, and puts back what it
// has read. The rest of the body is not used: it repeats the signature and
// the access key.
func says(resp *http.Response) (e s3Error) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusBadRequest:
		if region := resp.Header.Get("X-Amz-Bucket-Region"); regionForm.MatchString(region) {
			e.region = region
		}
	}
	isXML := resp.StatusCode >= 300 && strings.Contains(resp.Header.Get("Content-Type"), "xml")
	if !isXML && resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusBadRequest {
		return e
	}
	head, err := io.ReadAll(io.LimitReader(resp.Body, maxS3Error))
	resp.Body = &resumed{io.MultiReader(bytes.NewReader(head), resp.Body), resp.Body}
	e.https = resp.StatusCode == http.StatusBadRequest && resp.Request.URL.Scheme == "http" && httpsForm.Match(head)
	e.empty = err == nil && len(bytes.TrimSpace(head)) == 0
	if m := codeForm.FindSubmatch(head); m != nil {
		e.code = string(m[1])
	}
	if m := regionInBody.FindSubmatch(head); m != nil {
		e.region = string(m[1])
	}
	return e
}

// resumed is a body that was read a little.
type resumed struct {
	io.Reader
	io.Closer
}

// deniesAbsent reports whether a 403 is S3's answer for keys that don't exist
// if listing the bucket is not allowed: AccessDenied, or no body (for HEAD).
func (e s3Error) deniesAbsent() bool { return e.empty || e.code == "AccessDenied" }

func (e s3Error) refusesCredentials() bool {
	switch e.code {
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired":
		return true
	}
	return false
}

// remedies are the hints for codes that may puzzle on their own.
var remedies = map[string]string{
	"AccessDenied":                 "the credentials may not read it, or it does not exist and they may not list the bucket; without s3: under the origin, requests have no credentials",
	"AuthorizationHeaderMalformed": "the region is wrong",
	"ExpiredToken":                 "the credentials have expired and nobody has renewed them",
	"InvalidAccessKeyId":           "the access key id is not known there",
	"InvalidToken":                 "the session token is wrong",
	"NoSuchBucket":                 "the origin's url names no bucket that exists",
	"PermanentRedirect":            "the bucket has another endpoint",
	"RequestTimeTooSkewed":         "the clock of this machine is wrong",
	"SignatureDoesNotMatch":        "the secret access key is wrong, or something on the way changes requests",
	"TemporaryRedirect":            "the bucket has another endpoint",
}

// String is for the log. It is empty without an error body.
func (e s3Error) String() string {
	var parts []string
	if e.code != "" {
		parts = append(parts, e.code)
	}
	if remedy := remedies[e.code]; remedy != "" {
		parts = append(parts, remedy)
	}
	if e.region != "" {
		parts = append(parts, "the bucket is in region "+e.region+", which belongs in the origin's url and in s3: region")
	}
	if e.https {
		parts = append(parts, wantsHTTPS)
	}
	return strings.Join(parts, ": ")
}

// explain adds the error body of S3 to an error.
func (e s3Error) explain(err error) error {
	if text := e.String(); text != "" {
		return fmt.Errorf("%w: %s", err, text)
	}
	return err
}
