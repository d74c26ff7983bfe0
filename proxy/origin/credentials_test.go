package origin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vod2live/proxy/origin"
)

// noCredentials takes away all that the machine of the tests may have.
func noCredentials(t *testing.T) {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	folder := t.TempDir()
	t.Setenv("HOME", folder)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(folder, "credentials"))
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(folder, "config"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func writeKeys(t *testing.T, secret string) {
	t.Helper()
	text := fmt.Sprintf("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", id, secret)
	if err := os.WriteFile(os.Getenv("AWS_SHARED_CREDENTIALS_FILE"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func wantSecret(t *testing.T, want string) {
	t.Helper()
	got, err := origin.DefaultCredentials(region).Retrieve(t.Context())
	if err != nil || got.AccessKeyID != id || got.SecretAccessKey != want {
		t.Errorf("credentials %s %s, %v, want the secret %s", got.AccessKeyID, got.SecretAccessKey, err, want)
	}
}

func TestDefaultCredentials_Environment(t *testing.T) {
	noCredentials(t)
	writeKeys(t, "of-the-file")
	t.Setenv("AWS_ACCESS_KEY_ID", id)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "of-the-environment")
	wantSecret(t, "of-the-environment")
}

func TestDefaultCredentials_AFileIsReadAgainWhenItsCredentialsAreRefused(t *testing.T) {
	noCredentials(t)
	writeKeys(t, secret)
	s := newServer(t)
	c := newClient(t, signed(t, "vod", s.URL+"/b", origin.DefaultCredentials(region)))
	if _, err := get(t, c, s.URL+"/b/a.ts", nil); err != nil {
		t.Fatal(err)
	}
	writeKeys(t, "second")
	s.mu.Lock()
	s.secret = "second"
	s.mu.Unlock()
	if _, err := get(t, c, s.URL+"/b/a.ts", nil); err != nil {
		t.Errorf("after the file was replaced: %v", err)
	}
}

func TestDefaultCredentials_ThoseThatDontExpireAreReadAgain(t *testing.T) {
	noCredentials(t)
	writeKeys(t, secret)
	got, err := origin.DefaultCredentials(region).Retrieve(t.Context())
	if left := time.Until(got.Expires); err != nil || !got.CanExpire || left > 2*time.Minute {
		t.Errorf("they are kept for %s: %v", left, err)
	}
}

func TestDefaultCredentials_NoneAreToldSoon(t *testing.T) {
	noCredentials(t)
	start := time.Now()
	if got, err := origin.DefaultCredentials(region).Retrieve(t.Context()); err == nil {
		t.Errorf("credentials out of nothing: %v", got.Source)
	}
	t.Setenv("AWS_PROFILE", "absent")
	if _, err := origin.DefaultCredentials(region).Retrieve(t.Context()); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("an absent profile: %v", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
}

const roleKeys = `{"Code":"Success","AccessKeyId":"` + id + `","SecretAccessKey":"of-the-role","Token":"t","Expiration":"2199-01-01T00:00:00Z"}`

func TestDefaultCredentials_InstanceMetadata(t *testing.T) {
	noCredentials(t)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
	metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/latest/api/token":
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
			fmt.Fprint(w, "token")
		case "/latest/meta-data/iam/security-credentials/":
			fmt.Fprint(w, "role")
		case "/latest/meta-data/iam/security-credentials/role":
			fmt.Fprint(w, roleKeys)
		default:
			http.NotFound(w, r)
		}
	}))
	defer metadata.Close()
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.URL)
	wantSecret(t, "of-the-role")
}

// Metadata that hangs must hold up neither a start nor a request.
func TestDefaultCredentials_InstanceMetadataMayHang(t *testing.T) {
	noCredentials(t)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
	over := make(chan struct{})
	metadata := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	defer metadata.Close()
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.URL)
	start := time.Now()
	credentials := origin.DefaultCredentials(region)
	if took := time.Since(start); took > 100*time.Millisecond {
		t.Errorf("to begin took %s", took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := credentials.Retrieve(ctx); err == nil {
		t.Error("credentials out of nothing")
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
	close(over)
	_, _ = credentials.Retrieve(t.Context()) // waits for the end of what goes on
}

func TestDefaultCredentials_WebIdentity(t *testing.T) {
	noCredentials(t)
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("WebIdentityToken") != "jwt" || r.FormValue("RoleArn") != "arn:aws:iam::1:role/vod" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprintf(w, `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>
			<AccessKeyId>%s</AccessKeyId><SecretAccessKey>of-the-identity</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2199-01-01T00:00:00Z</Expiration>
			</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`, id)
	}))
	defer sts.Close()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("jwt"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token)
	t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/vod")
	t.Setenv("AWS_ENDPOINT_URL_STS", sts.URL)
	wantSecret(t, "of-the-identity")
}

func TestDefaultCredentials_Container(t *testing.T) {
	noCredentials(t)
	agent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, roleKeys) }))
	defer agent.Close()
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.URL+"/keys")
	wantSecret(t, "of-the-role")
}

// TestDefaultCredentials_OutputOfAProcessIsNotShown where it can't be read: it has
// the keys.
func TestDefaultCredentials_OutputOfAProcessIsNotShown(t *testing.T) {
	for name, printed := range map[string]string{
		"no JSON":         "hunter2 hunter2",
		"cut off":         `{"Version": 1, "AccessKeyId": "hunter2", "SecretAccessKey": "hunter2"`,
		"an odd date":     `{"Version": 1, "AccessKeyId": "hunter2", "SecretAccessKey": "hunter2", "Expiration": "hunter2"}`,
		"another version": `{"Version": 2, "AccessKeyId": "hunter2", "SecretAccessKey": "hunter2"}`,
	} {
		t.Run(name, func(t *testing.T) {
			noCredentials(t)
			output := filepath.Join(t.TempDir(), "output")
			for path, text := range map[string]string{output: printed, os.Getenv("AWS_CONFIG_FILE"): "[default]\ncredential_process = cat " + output + "\n"} {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			c := newClient(t, signed(t, "vod", "http://origin.test/b", origin.DefaultCredentials(region)))
			u, err := url.Parse("http://origin.test/b/m.m3u8")
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Playlist(t.Context(), u, origin.Validators{})
			if !errors.Is(err, origin.ErrCredentials) || !strings.Contains(err.Error(), "process") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v", err)
			}
		})
	}
}
