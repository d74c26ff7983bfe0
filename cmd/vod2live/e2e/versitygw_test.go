package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// versitygwPath is where `make bin/versitygw` leaves it.
const versitygwPath = "../../../bin/versitygw"

// The account that owns all of a versitygw. Others are made by user.
const (
	rootID     = "root-of-the-tests"
	rootSecret = "secret-of-the-root"
	s3Region   = "us-east-1"
)

// versitygw is a running S3 server that checks signatures as strictly as AWS does.
type versitygw struct {
	url string // http://127.0.0.1:…, without a path
	log string // a file with a line for each request
}

// startVersitygw starts an empty S3 server, which ends with the test.
func startVersitygw(t *testing.T) *versitygw {
	t.Helper()
	if _, err := os.Stat(versitygwPath); err != nil {
		t.Fatalf("%v: make bin/versitygw", err)
	}
	addr, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"buckets", "metadata", "users"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	v := &versitygw{url: "http://" + addr, log: filepath.Join(dir, "access.log")}
	cmd := exec.Command(versitygwPath, "--quiet", "--port", addr, "--region", s3Region, "--access-log", v.log,
		"--iam-dir", filepath.Join(dir, "users"), "--iam-cache-disable", "posix", "--sidecar", filepath.Join(dir, "metadata"), filepath.Join(dir, "buckets"))
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+rootID, "ROOT_SECRET_KEY="+rootSecret)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("versitygw said:\n%s", output.Bytes())
		}
	})
	if err := awaitPort(addr); err != nil {
		t.Fatalf("start versitygw: %v", err)
	}
	return v
}

// admin runs a command of its own for the administrator.
func (v *versitygw) admin(t *testing.T, args ...string) {
	t.Helper()
	args = append([]string{"admin", "--access", rootID, "--secret", rootSecret, "--endpoint-url", v.url}, args...)
	if out, err := exec.Command(versitygwPath, args...).CombinedOutput(); err != nil {
		t.Fatalf("versitygw %v: %v\n%s", args, err, out)
	}
}

// put makes a bucket (/bucket), an object (/bucket/key) or sets a property (/bucket?policy=) as the owner of all. The
// path is not escaped.
func (v *versitygw) put(t *testing.T, path, query string, body []byte) {
	t.Helper()
	got, err := v.send(http.MethodPut, path, query, nil, body)
	if err == nil && got.status >= 300 {
		err = fmt.Errorf("PUT %s: %d %s", path, got.status, got.body)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// send sends a request of the owner of all. The path is not escaped; the headers are not signed.
func (v *versitygw) send(method, path, query string, header http.Header, body []byte) (answer, error) {
	u, err := url.Parse(v.url)
	if err != nil {
		return answer{}, err
	}
	u.Path, u.RawPath, u.RawQuery = path, s3Escaped(path), query
	request, err := http.NewRequest(method, u.String(), bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	request.Header.Set("X-Amz-Content-Sha256", hash)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	keys := aws.Credentials{AccessKeyID: rootID, SecretAccessKey: rootSecret}
	if err := signer.SignHTTP(request.Context(), keys, request, hash, "s3", s3Region, time.Now()); err != nil {
		return answer{}, err
	}
	maps.Copy(request.Header, header)
	return answerTo(request)
}

// s3Escaped escapes all of a path that S3's canonical form does.
func s3Escaped(path string) string {
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-._~/", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// requests are the log's lines of what vod2live has asked for, once one of them is about a key.
func (v *versitygw) requests(t *testing.T, key string) (lines []string) {
	t.Helper()
	err := await(func() error {
		text, err := os.ReadFile(v.log)
		if err != nil {
			return err
		}
		lines = nil
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, " vod2live ") {
				lines = append(lines, line)
			}
		}
		if !strings.Contains(strings.Join(lines, ""), s3Escaped(key)+" ") {
			return fmt.Errorf("no request for %s in\n%s", key, text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}
