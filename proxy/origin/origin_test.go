package origin

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"vod2live/metrics"
)

func mustNew(t testing.TB, name, address string) *Origin {
	t.Helper()
	o, err := New(name, address, time.Second)
	if err != nil {
		t.Fatalf("New(%q): %v", address, err)
	}
	return o
}

func TestNew_RefusesWhatIsNoOrigin(t *testing.T) {
	for _, address := range []string{
		"", "origin.test", "origin.test/vod", "ftp://origin.test/", "file:///vod", "http://", "http:///vod", "http:origin.test", "//origin.test/",
		"http://origin.test/vod?x=1", "http://origin.test/vod?", "http://origin.test/#x", "http://origin.test/a/../b", "http://origin.test/a//b",
		"http://origin.test/%2e%2e/b", "http://origin.test/%00", "http://[::1", "http://origin.test:port/", "http://user:hunter2@origin.test/\x7f", "http://user:hunter2@origin.test/a/..", "http://hunter2@origin.test/#x", "http://origin.test/?sig=hunter2",
	} {
		o, err := New("live", address, time.Second)
		if err == nil {
			t.Errorf("New(%q) = %+v", address, o)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("New(%q): the error tells the password: %v", address, err)
		}
	}
}

func TestNew_APasswordBecomesAHeader(t *testing.T) {
	o := mustNew(t, "live", "https://user:p%40ss@origin.test/vod/")
	if got := o.places[0].header.Get("Authorization"); got != "Basic dXNlcjpwQHNz" {
		t.Errorf("Authorization: %s", got)
	}
	u, err := o.URL("1.ts", "")
	if err != nil || u.String() != "https://origin.test/vod/1.ts" {
		t.Errorf("URL: %s, %v", u, err)
	}
	if o := mustNew(t, "live", "https://origin.test"); o.Header != nil {
		t.Errorf("without a password: %v", o.Header)
	}
}

func TestURL(t *testing.T) {
	for _, c := range []struct{ origin, path, query, want string }{
		{"http://origin.test", "a/1.ts", "", "http://origin.test/a/1.ts"},
		{"http://origin.test/", "a/1.ts", "x=1&y", "http://origin.test/a/1.ts?x=1&y"},
		{"http://Origin.test:80/vod/", "1.ts", "", "http://Origin.test:80/vod/1.ts"},
		{"http://[::1]:8080/vod", "1.ts", "", "http://[::1]:8080/vod/1.ts"},
		{"http://origin.test/my vod/é", "a%20b.ts", "", "http://origin.test/my%20vod/%C3%A9/a%20b.ts"},
		{"http://origin.test/my%20vod", "a:b.ts", "", "http://origin.test/my%20vod/a:b.ts"},
		{"http://origin.test/vod", "a%2Fb.ts", "", "http://origin.test/vod/a%2Fb.ts"},
		{"http://origin.test/vod", "a%2F..%2Fb.ts", "", ""},
		{"http://origin.test/group%2Fvod", "a.ts", "", "http://origin.test/group%2Fvod/a.ts"},
		{"http://origin.test/vod", "100%25.ts", "", "http://origin.test/vod/100%25.ts"},
		{"http://origin.test/vod", "http://elsewhere.test/1.ts", "", ""},
		{"http://origin.test/vod", "../1.ts", "", ""},
		{"http://origin.test/vod", "/1.ts", "", ""},
		{"http://origin.test/vod", "a/%2e%2e/1.ts", "", ""},
		{"http://origin.test/vod", "", "", ""},
		{"http://origin.test/vod", "a/", "", ""},
	} {
		u, err := mustNew(t, "live", c.origin).URL(c.path, c.query)
		if (err == nil) != (c.want != "") || err == nil && u.String() != c.want {
			t.Errorf("URL of %s beneath %s: %v, %v; want %s", c.path, c.origin, u, err, c.want)
		}
	}
}

func TestSafePath(t *testing.T) {
	for path, want := range map[string]bool{
		"/a": true, "/a/b.ts": true, "/a..b": true, "/...": true, "/..a/.b": true, "/100%25": true, "/a%20b": true, "/a;b=c": true, "/a%2fb": true, "/a%2Fb": true, "/a%252Fb": true, "/a%25252fb": true, "/p/https%3A%2F%2Fcdn.test%2Fa.key": true, "/p/https:%2f%2fcdn.test": true,
		"/p/https%253A%252F%252Fcdn.test": true, "/p/https:/%2Fcdn.test": true, "/%": true, "/%zz": true, "/a%252520b": true,
		"": false, "a": false, "/": false, "/a/": false, "//a": false, "/a//b": false, "/.": false, "/..": false, "/a/../b": false, "/a/.": false,
		"/%2e": false, "/%2E%2e/b": false, "/a/%252e%252e": false, "/a/%25252e%25252e": false, "/a/%2525252e%2525252e": false, "/a%2f": false, "/%2fa": false, "/a%2f%2fb": false, "/a%252f%252fb": false, "/a%2f..%2fb": false, "/a%2f%2e%2e%2fb": false, "/a%252f..%252fb": false, "/a%2f.%2fb": false, "/a/..%2fb": false, "/a%2f..": false,
		"/p/https://cdn.test": false, "/p/https%3A%2F%2F": false, "/p/https%3A%2F%2F%2Fa": false, "/p/https%3A%2F%2F..%2Fa": false, "/p/https%3A%2F%2Fa%2F%2Fb": false,
		`/a\..\b`: false, `/..\b`: false, `/a%5c..`: false, `/a%255c..%255cb`: false, `\a`: false, `/a\`: false, "/a\x00": false, "/a%00": false, "/a%2500": false, "/a%0d%0ab": false, "/\x7f": false, "/%7f": false,
		"/%25zz/%252e%252e": false, "/%zz/%2e%2e": false, "/%/..": false,
		"/%" + strings.Repeat("25", 50) + "2e": false,
	} {
		if got := SafePath(path); got != want {
			t.Errorf("SafePath(%q) = %v, want %v", path, got, want)
		}
	}
}

func TestLocate(t *testing.T) {
	c := NewClient(nil, metrics.New("test"),
		mustNew(t, "live", "http://origin.test/vod"), mustNew(t, "deep", "http://origin.test/vod/deep"), mustNew(t, "again", "http://ORIGIN.test:80/vod/"),
		mustNew(t, "tls", "https://origin.test"), mustNew(t, "port", "http://origin.test:8080/vod"), mustNew(t, "odd", "http://origin.test/my vod/é"))
	for _, c2 := range []struct{ address, own, name, path string }{
		{"http://origin.test/vod/a/1.ts", "", "live", "a/1.ts"},
		{"http://origin.test:80/vod/1.ts", "", "live", "1.ts"},
		{"HTTP://ORIGIN.TEST/vod/1.ts", "", "live", "1.ts"},
		{"http://origin.test/vod/1.ts", "again", "again", "1.ts"},
		{"http://origin.test/vod/deep/1.ts", "", "deep", "1.ts"},
		{"http://origin.test/vod/deep/1.ts", "live", "live", "deep/1.ts"},
		{"http://origin.test/vod/deep/1.ts", "tls", "deep", "1.ts"},
		{"http://origin.test/vod/deep", "", "live", "deep"},
		{"http://origin.test/%76od/1.ts", "", "live", "1.ts"},
		{"http://origin.test/vod/a%2Bb.ts?x=1#y", "", "live", "a%2Bb.ts"},
		{"http://origin.test/vod/a%2Fb.ts", "", "live", "a%2Fb.ts"},
		{"http://origin.test/vod/a%2F..%2Fb.ts", "", "", ""},
		{"https://origin.test/anything.ts", "", "tls", "anything.ts"},
		{"https://origin.test:443/1.ts", "", "tls", "1.ts"},
		{"http://origin.test:8080/vod/1.ts", "", "port", "1.ts"},
		{"http://origin.test/my%20vod/%C3%A9/1.ts", "", "odd", "1.ts"},
		{"http://origin.test/vod2/1.ts", "", "", ""},
		{"http://origin.test/vo/1.ts", "", "", ""},
		{"http://origin.test/VOD/1.ts", "", "", ""},
		{"http://origin.test/vod", "", "", ""},
		{"http://origin.test/vod/", "", "", ""},
		{"http://origin.test/vod/../1.ts", "", "", ""},
		{"http://origin.test/vod/%2e%2e/1.ts", "", "", ""},
		{"http://origin.test/vod%2F1.ts", "", "", ""},
		{"http://origin.test/vod//1.ts", "", "", ""},
		{"http://origin.test:81/vod/1.ts", "", "", ""},
		{"https://origin.test:80/1.ts", "", "", ""},
		{"http://a@origin.test/vod/1.ts", "", "", ""},
		{"http://origin.test.evil.test/vod/1.ts", "", "", ""},
		{"http://evil.test/http://origin.test/vod/1.ts", "", "", ""},
		{"skd://origin.test/vod/key", "", "", ""},
		{"data:text/plain,/vod/1.ts", "", "", ""},
		{"/vod/1.ts", "", "", ""},
	} {
		u, err := url.Parse(c2.address)
		if err != nil {
			t.Fatal(err)
		}
		o, path, ok := c.Locate(u, c2.own)
		name := ""
		if ok {
			name = o.Name
		}
		if name != c2.name || ok && path != c2.path {
			t.Errorf("Locate(%s, %q) = %q, %q; want %q, %q", c2.address, c2.own, name, path, c2.name, c2.path)
		}
	}
}

// FuzzLocate: what is located in an origin is asked there and nowhere else, and
// its own address leads back to it.
func FuzzLocate(f *testing.F) {
	f.Add("http://origin.test/vod/a/1.ts", "a/1.ts")
	f.Add("http://origin.test/%76od/..%252f1.ts?x#y", "%2e%2e/x")
	f.Add("http://a:b@origin.test:80/vod//x", `\..\x?y#z`)
	f.Add("//origin.test/vod/%zz", "100%25")
	o := mustNew(f, "live", "http://origin.test/vod")
	c := NewClient(nil, metrics.New("test"), o)
	base, _ := url.Parse("http://origin.test/vod/movie/index.m3u8")
	f.Fuzz(func(t *testing.T, ref, path string) {
		if u, err := base.Parse(ref); err == nil {
			if _, rest, ok := c.Locate(u, ""); ok {
				checkWithin(t, o, rest)
			}
		}
		if strings.ContainsAny(path, "?#") { // no escaped path has them
			return
		}
		if u, err := o.URL(path, "q=1"); err == nil {
			_, rest, ok := c.Locate(u, "")
			if !ok || u.RawQuery != "q=1" {
				t.Fatalf("URL(%q) = %s is outside the origin", path, u)
			}
			checkWithin(t, o, rest)
		}
	})
}

func checkWithin(t *testing.T, o *Origin, rest string) {
	t.Helper()
	u, err := o.URL(rest, "")
	if err != nil {
		t.Fatalf("%q is located, but can't be asked for: %v", rest, err)
	}
	plain, err := url.PathUnescape(u.EscapedPath())
	if err != nil || u.Host != "origin.test" || u.User != nil || !strings.HasPrefix(plain, "/vod/") {
		t.Fatalf("%q is asked for at %s", rest, u)
	}
	if cleaned := u.JoinPath().EscapedPath(); cleaned != u.EscapedPath() && !strings.HasPrefix(cleaned, "/vod/") {
		t.Fatalf("%q is cleaned to %s", rest, cleaned)
	}
}
