package onair

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy/origin"
)

// clientOf mounts origins by name.
func clientOf(t testing.TB, mounts ...string) *origin.Client {
	t.Helper()
	var all []*origin.Origin
	for i := 0; i < len(mounts); i += 2 {
		all = append(all, newOrigin(t, mounts[i], mounts[i+1]))
	}
	return origin.NewClient(nil, metrics.New("test"), all...)
}

// TestAddresses_Absolute: what players get by themselves is where the origin is
// for them.
func TestAddresses_Absolute(t *testing.T) {
	internal := newOrigin(t, "live", "http://10.0.0.5:9000/bucket")
	if err := internal.SetPublic("https://cdn.test/vod/"); err != nil {
		t.Fatal(err)
	}
	plain := newOrigin(t, "plain", "https://plain.test/b")
	if err := plain.AddURL("https://second.test/b"); err != nil {
		t.Fatal(err)
	}
	a := &addresses{client: origin.NewClient(nil, metrics.New("test"), internal, plain), own: "live", mount: "live", path: "movie/master.m3u8"}
	for address, want := range map[string]string{
		"http://10.0.0.5:9000/bucket/ads/list.json?x=1": "https://cdn.test/vod/ads/list.json?x=1",
		"https://plain.test/b/ads/list.json?x=1":        "https://plain.test/b/ads/list.json?x=1",
		"https://second.test/b/ads/list.json":           "https://second.test/b/ads/list.json",
		"https://ads.test/list.json?x=1#y":              "https://ads.test/list.json?x=1#y",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Absolute(u); got != want {
			t.Errorf("%s is written as %s, want %s", address, got, want)
		}
	}
}

// TestAddresses_Resource: what a playlist at the origin points at, as its live
// playlists point at it, and where a player then goes.
func TestAddresses_Resource(t *testing.T) {
	const base = "https://cdn.test/vod/movie/720p/index.m3u8"
	client := clientOf(t, "live", "https://cdn.test/vod", "other", "https://other.test:8443/a/b")
	for _, c := range []struct{ ref, live, goes string }{
		// As rendition 0 of /live/movie/master.m3u8 sees it.
		{"seg7.ts", "../720p/seg7.ts", "/live/movie/720p/seg7.ts"},
		{"./seg7.ts", "../720p/seg7.ts", "/live/movie/720p/seg7.ts"},
		{"../audio/1.aac", "../audio/1.aac", "/live/movie/audio/1.aac"},
		{"../../1.ts", "../../1.ts", "/live/1.ts"},
		{"/vod/1.ts", "../../1.ts", "/live/1.ts"},
		{"//cdn.test/vod/1.ts", "../../1.ts", "/live/1.ts"},
		{"https://cdn.test/vod/movie/1.ts", "../1.ts", "/live/movie/1.ts"},
		{"https://CDN.test:443/vod/1.ts", "../../1.ts", "/live/1.ts"},
		{"HTTPS://cdn.test/%76od/1.ts", "../../1.ts", "/live/1.ts"},
		{"https://other.test:8443/a/b/1.ts", "../../../other/1.ts", "/other/1.ts"},
		{"https://Other.test:8443/a/b/c/1.ts?x=1", "../../../other/c/1.ts?x=1", "/other/c/1.ts?x=1"},
		{"seg7.ts?token=a&b=c%20d", "../720p/seg7.ts?token=a&b=c%20d", "/live/movie/720p/seg7.ts?token=a&b=c%20d"},
		{"seg 7.ts", "../720p/seg%207.ts", "/live/movie/720p/seg%207.ts"},
		{"seg%207.ts", "../720p/seg%207.ts", "/live/movie/720p/seg%207.ts"},
		{"100%.ts", "../720p/100%25.ts", "/live/movie/720p/100%25.ts"},
		{"sèg.ts", "../720p/s%C3%A8g.ts", "/live/movie/720p/s%C3%A8g.ts"},
		{"./00:07.ts", "../720p/00:07.ts", "/live/movie/720p/00:07.ts"},
		{"../master.m3u8/0:7.ts", "./0:7.ts", "/live/movie/master.m3u8/0:7.ts"},
		{"a%2Fb.ts", "../720p/a%2Fb.ts", "/live/movie/720p/a%2Fb.ts"},
		{"/vod/p/https%3A%2F%2Fcdn.example.com%2Fa.key", "../../p/https%3A%2F%2Fcdn.example.com%2Fa.key", "/live/p/https%3A%2F%2Fcdn.example.com%2Fa.key"},
		// Not ours: the player goes there itself.
		{"https://elsewhere.test/vod/1.ts", "https://elsewhere.test/vod/1.ts", ""},
		{"http://cdn.test/vod/1.ts", "http://cdn.test/vod/1.ts", ""},
		{"https://cdn.test:444/vod/1.ts", "https://cdn.test:444/vod/1.ts", ""},
		{"https://a:b@cdn.test/vod/1.ts", "https://a:b@cdn.test/vod/1.ts", ""},
		{"https://cdn.test/vod2/1.ts", "https://cdn.test/vod2/1.ts", ""},
		{"https://cdn.test/vod", "https://cdn.test/vod", ""},
		{"https://other.test:8443/a/bb/1.ts", "https://other.test:8443/a/bb/1.ts", ""},
		{"../../../1.ts", "https://cdn.test/1.ts", ""},
		{"/1.ts", "https://cdn.test/1.ts", ""},
		{"%2e%2e/%2e%2e/../1.ts", "https://cdn.test/1.ts", ""},
		{"a%252f..%252f1.ts", "https://cdn.test/vod/movie/720p/a%252f..%252f1.ts", ""},
		{"a%2F..%2Fb.ts", "https://cdn.test/vod/movie/720p/a%2F..%2Fb.ts", ""},
		{"folder/", "https://cdn.test/vod/movie/720p/folder/", ""},
		{"//cdn.test/vod//1.ts", "https://cdn.test/vod//1.ts", ""},
	} {
		a := &addresses{client: client, mount: "live", path: "movie/master.m3u8"}
		from, _ := url.Parse(base)
		address, err := playlist.Resolve(from, c.ref)
		if err != nil {
			t.Fatalf("%s: %v", c.ref, err)
		}
		live := a.Resource(0, address)
		if live != c.live {
			t.Errorf("%s becomes %s, want %s", c.ref, live, c.live)
			continue
		}
		for _, prefix := range []string{"", "/added/in/front"} { // by something that strips it again
			viewer, _ := url.Parse("http://viewers.test" + prefix + "/live/movie/master.m3u8/0.m3u8")
			goes, err := viewer.Parse(live)
			if err != nil {
				t.Fatalf("%s: %v", live, err)
			}
			if c.goes != "" && goes.String() != "http://viewers.test"+prefix+c.goes {
				t.Errorf("%s leads to %s, want %s", c.ref, goes, c.goes)
			}
		}
	}
}

// TestAddresses_OfOneFolderDifferInTheLastElement: package playlist asks for one address
// of a folder only.
func TestAddresses_OfOneFolderDifferInTheLastElement(t *testing.T) {
	moved, direct, secret := newOrigin(t, "moved", "http://10.0.0.5/bucket"), newOrigin(t, "direct", "https://direct.test/b/c"), newOrigin(t, "secret", "http://10.0.0.6")
	direct.Direct = true
	if err := moved.SetPublic("https://public.test/vod"); err != nil {
		t.Fatal(err)
	}
	client := origin.NewClient(nil, metrics.New("test"), newOrigin(t, "live", "https://cdn.test/vod"), moved, direct, secret)
	folders := []string{
		"https://cdn.test/", "https://cdn.test/vod/", "https://cdn.test/vod/movie/", "https://cdn.test/vod/movie/master.m3u8/", "https://cdn.test/vod//",
		"https://cdn.test/vod/a:b/", "https://cdn.test/vod/%C3%A8 /", "https://cdn.test/v/", "http://10.0.0.5/", "http://10.0.0.5/bucket/a/", "https://10.0.0.5/bucket/a/",
		"https://direct.test/b/", "https://direct.test/b/c/", "https://direct.test/b/c/d/", "http://10.0.0.6/a/", "https://elsewhere.test/a/", "https://elsewhere.test/a/../",
	}
	names := []string{"1.ts", "master.m3u8", "vod", "bucket", "c", "0.m3u8", "a-b_c.m4s"}
	for _, folder := range folders {
		for _, n := range []int{-1, 0} {
			a := &addresses{client: client, own: "live", mount: "live", path: "movie/master.m3u8"}
			first := ""
			for _, name := range names {
				address, err := url.Parse(folder + name)
				if err != nil {
					t.Fatal(err)
				}
				live, is := strings.CutSuffix(a.Resource(n, address), name)
				if first == "" {
					first = live
				}
				if !is || live != first {
					t.Errorf("from rendition %d, %s%s is beneath %q, and %s beneath %q", n, folder, names[0], first, name, live)
				}
			}
		}
	}
}

func TestAddresses_NoteEachOfAChannelOrAnOriginThatListsThem(t *testing.T) {
	listing := newOrigin(t, "live", "https://cdn.test")
	listing.Listed = true
	client, address := origin.NewClient(nil, metrics.New("test"), listing), &url.URL{Scheme: "https", Host: "cdn.test", Path: "/1.ts"}
	for name, a := range map[string]*addresses{"of a channel": {named: named{}, client: clientOf(t, "live", "https://cdn.test")}, "listed": {client: client}} {
		if a.Resource(0, address); !a.NotesEach() {
			t.Errorf("%s: not each address is noted", name)
		}
	}
}

// TestAddresses_AreRightFromEveryPlaylist: the multivariant playlist and the
// only media playlist stand a folder higher.
func TestAddresses_AreRightFromEveryPlaylist(t *testing.T) {
	client := clientOf(t, "live", "http://cdn.test/")
	segment, _ := url.Parse("http://cdn.test/movie/1.ts")
	for _, c := range []struct {
		path, query string
		single      bool
		rendition   int
		want        string
	}{
		{"movie/master.m3u8", "", false, -1, "1.ts"},
		{"movie/master.m3u8", "", false, 2, "../1.ts"},
		{"movie/master.m3u8", "", true, 0, "1.ts"},
		{"master.m3u8", "", true, 0, "movie/1.ts"},
		{"master.m3u8", "q=1", false, 0, "../movie/1.ts"},
		{"movie/a/b/c.m3u8", "", true, 0, "../../1.ts"},
	} {
		a := &addresses{client: client, mount: "live", path: c.path, query: asked(c.query), single: c.single}
		if got := a.Resource(c.rendition, segment); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestAddresses_Rendition(t *testing.T) {
	for _, c := range []struct{ path, query, want string }{
		{"master.m3u8", "", "master.m3u8/3.m3u8"},
		{"a/b/master.M3U8", "", "master.M3U8/3.m3u8"},
		{"a/b/m.m3u", "x=1&y=2", "m.m3u/3.m3u8?x=1&y=2"},
		{"a/12:30.m3u8", "", "./12:30.m3u8/3.m3u8"},
		{"a/s%20p.m3u8", "", "s%20p.m3u8/3.m3u8"},
	} {
		if got := (&addresses{mount: "live", path: c.path, query: asked(c.query)}).Rendition(3); got != c.want {
			t.Errorf("rendition 3 of %s is at %s, want %s", c.path, got, c.want)
		}
	}
}

func newOrigin(t testing.TB, name, address string) *origin.Origin {
	t.Helper()
	o, err := origin.New(name, address, 10*time.Second)
	if err != nil {
		t.Fatalf("origin.New(%q): %v", address, err)
	}
	return o
}

var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
