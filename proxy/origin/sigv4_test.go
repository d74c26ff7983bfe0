package origin_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// This is the server's side of AWS Signature Version 4, written from its
// specification ("Authenticating Requests: Using the Authorization Header"),
// with nothing of the SDK.

// uriEncode is the specification's UriEncode.
func uriEncode(s string, encodeSlash bool) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0, c == '/' && !encodeSlash:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// uriDecode decodes percent signs and nothing else.
func uriDecode(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", errors.New("a cut escape")
		}
		c, err := hex.DecodeString(s[i+1 : i+3])
		if err != nil {
			return "", err
		}
		b.Write(c)
		i += 2
	}
	return b.String(), nil
}

func mac(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}

// authorization is the header of that name, taken apart.
type authorization struct {
	id, date, region string
	signed           []string // names of headers
	signature        string
}

func parseAuthorization(header string) (a authorization, err error) {
	rest, is := strings.CutPrefix(header, "AWS4-HMAC-SHA256 ")
	if !is {
		return a, fmt.Errorf("Authorization %q", header)
	}
	for part := range strings.SplitSeq(rest, ", ") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "Credential":
			scope := strings.Split(value, "/")
			if len(scope) != 5 || scope[3] != "s3" || scope[4] != "aws4_request" {
				return a, fmt.Errorf("credential scope %q", value)
			}
			a.id, a.date, a.region = scope[0], scope[1], scope[2]
		case "SignedHeaders":
			a.signed = strings.Split(value, ";")
		case "Signature":
			a.signature = value
		}
	}
	return a, nil
}

// bucket is the server of a private bucket.
type bucket struct {
	id, secret, token, region string
	now                       func() time.Time
}

// refuse returns S3's code for a request that is not signed as it should be,
// with the reason, or "".
func (b *bucket) refuse(r *http.Request) (code, reason string) {
	a, err := parseAuthorization(r.Header.Get("Authorization"))
	if err != nil {
		return "AccessDenied", err.Error()
	}
	sent, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	skew := b.now().Sub(sent).Abs()
	switch {
	case err != nil || sent.Format("20060102") != a.date:
		return "AccessDenied", "a wrong X-Amz-Date"
	case skew > 15*time.Minute:
		return "RequestTimeTooSkewed", skew.String()
	case a.region != b.region:
		return "AuthorizationHeaderMalformed", "the region is " + a.region
	case a.id != b.id:
		return "InvalidAccessKeyId", a.id
	case r.Header.Get("X-Amz-Security-Token") != b.token:
		return "InvalidToken", r.Header.Get("X-Amz-Security-Token")
	case !b.signsEnough(r, a):
		return "AccessDenied", fmt.Sprintf("signed are only %v", a.signed)
	}
	want, err := b.signature(r, a)
	if err != nil || want != a.signature {
		return "SignatureDoesNotMatch", fmt.Sprintf("%s %s: %v", r.Method, r.RequestURI, err)
	}
	return "", ""
}

// signsEnough: the host and every x-amz header must be signed, in order.
func (b *bucket) signsEnough(r *http.Request, a authorization) bool {
	if !slices.IsSorted(a.signed) || !slices.Contains(a.signed, "host") {
		return false
	}
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && !slices.Contains(a.signed, name) {
			return false
		}
	}
	return true
}

func (b *bucket) signature(r *http.Request, a authorization) (string, error) {
	path, query, _ := strings.Cut(r.RequestURI, "?") // as it came over the wire
	key, err := uriDecode(path)
	if err != nil {
		return "", err
	}
	if uriEncode(key, false) != path {
		return "", fmt.Errorf("the path came as %s, is signed as %s", path, uriEncode(key, false))
	}
	if query != "" {
		return "", fmt.Errorf("a query: %s", query)
	}
	canonical := r.Method + "\n" + path + "\n" + query + "\n"
	for _, name := range a.signed {
		value := strings.Join(r.Header.Values(name), ",")
		if name == "host" {
			value = r.Host
		}
		canonical += name + ":" + strings.Join(strings.Fields(value), " ") + "\n"
	}
	canonical += "\n" + strings.Join(a.signed, ";") + "\n" + r.Header.Get("X-Amz-Content-Sha256")
	sum := sha256.Sum256([]byte(canonical))
	toSign := "AWS4-HMAC-SHA256\n" + r.Header.Get("X-Amz-Date") + "\n" + a.date + "/" + a.region + "/s3/aws4_request\n" + hex.EncodeToString(sum[:])
	k := mac(mac(mac(mac([]byte("AWS4"+b.secret), a.date), a.region), "s3"), "aws4_request")
	return hex.EncodeToString(mac(k, toSign)), nil
}
