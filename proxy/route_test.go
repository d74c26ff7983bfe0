package proxy

import (
	"net/url"
	"strings"
	"testing"

	"vod2live/proxy/origin"
)

// parsePath reads a path beneath a mount without patterns, or with those given.
func parsePath(path string, names ...string) (target, bool) {
	mount, rest, ok := splitMount(path)
	if !ok {
		return target{}, false
	}
	return parse(mount, rest, names), true
}

func TestParse(t *testing.T) {
	for path, want := range map[string]target{
		"/live/movie/master.m3u8":                   {kindStream, "live", "movie/master.m3u8", 0, "", 0},
		"/live/m.m3u":                               {kindStream, "live", "m.m3u", 0, "", 0},
		"/live/M.M3U8":                              {kindStream, "live", "M.M3U8", 0, "", 0},
		"/live/m%2Em3u8":                            {kindStream, "live", "m.m3u8", 0, "", 0},
		"/live/a%2Fm.m3u8":                          {kindStream, "live", "a%2Fm.m3u8", 0, "", 0},
		"/live/master.m3u8/0.m3u8":                  {kindRendition, "live", "master.m3u8", 0, "", 0},
		"/live/a/master.M3u8/17.m3u8":               {kindRendition, "live", "a/master.M3u8", 17, "", 0},
		"/live/master.m3u8/00.m3u8":                 {kindStream, "live", "master.m3u8/00.m3u8", 0, "", 0},
		"/live/master.m3u8/-1.m3u8":                 {kindStream, "live", "master.m3u8/-1.m3u8", 0, "", 0},
		"/live/master.m3u8/1.M3U8":                  {kindStream, "live", "master.m3u8/1.M3U8", 0, "", 0},
		"/live/master.m3u8/12345678.m3u8":           {kindStream, "live", "master.m3u8/12345678.m3u8", 0, "", 0},
		"/live/folder/1.m3u8":                       {kindStream, "live", "folder/1.m3u8", 0, "", 0},
		"/live/1.m3u8":                              {kindStream, "live", "1.m3u8", 0, "", 0},
		"/live/master.m3u8/1.m3u8/12.vtt":           {kindResource, "live", "master.m3u8/1.m3u8/12.vtt", 0, "", 0},
		"/live/master.m3u8/1.m3u8/0a1b2c3d-12.vtt":  {kindSlice, "live", "master.m3u8", 1, "0a1b2c3d", 12},
		"/live/master.m3u8/1.m3u8/0a1b2c3d-012.vtt": {kindResource, "live", "master.m3u8/1.m3u8/0a1b2c3d-012.vtt", 0, "", 0},
		"/live/master.m3u8/1.m3u8/3-12.vtt":         {kindResource, "live", "master.m3u8/1.m3u8/3-12.vtt", 0, "", 0},
		"/live/master.m3u8/1.m3u8/gap":              {kindGap, "live", "master.m3u8/1.m3u8/gap", 0, "", 0},
		"/live/1.m3u8/gap":                          {kindResource, "live", "1.m3u8/gap", 0, "", 0},
		"/live/seg7.ts":                             {kindResource, "live", "seg7.ts", 0, "", 0},
		"/live/movie.m3u8.key":                      {kindResource, "live", "movie.m3u8.key", 0, "", 0},
		"/live/.m3u8":                               {kindResource, "live", ".m3u8", 0, "", 0},
		"/live/%41%2d%7E%2B":                        {kindResource, "live", "A-~%2B", 0, "", 0},
		"/live/%c3%bc%2b.ts":                        {kindResource, "live", "%C3%BC%2B.ts", 0, "", 0},
		"/live/%4":                                  {kindResource, "live", "%4", 0, "", 0},
	} {
		if got, ok := parsePath(path); !ok || got != want {
			t.Errorf("parse(%q) = %+v, %v; want %+v", path, got, ok, want)
		}
	}
	for _, path := range []string{"", "/", "live/x.ts", "/live", "/live/", "/live/x/", "/live/x.m3u8/", "*"} {
		if got, ok := parsePath(path); ok {
			t.Errorf("parse(%q) = %+v, want none", path, got)
		}
	}
}

func TestParse_PatternsNamePlaylists(t *testing.T) {
	for path, want := range map[string]target{
		"/live/a.ism/manifest(format=m3u8-aapl)":          {kindStream, "live", "a.ism/manifest(format=m3u8-aapl)", 0, "", 0},
		"/live/a.ism/manifest(format=m3u8-aapl)/2.m3u8":   {kindRendition, "live", "a.ism/manifest(format=m3u8-aapl)", 2, "", 0},
		"/live/a.ism/manifest%28x%29":                     {kindStream, "live", "a.ism/manifest%28x%29", 0, "", 0},
		"/live/stream.php":                                {kindStream, "live", "stream.php", 0, "", 0},
		"/live/stream.php/0.m3u8":                         {kindRendition, "live", "stream.php", 0, "", 0},
		"/live/stream.php/0.m3u8/00112233-7.vtt":          {kindSlice, "live", "stream.php", 0, "00112233", 7},
		"/live/stream.php/0.m3u8/gap":                     {kindGap, "live", "stream.php/0.m3u8/gap", 0, "", 0},
		"/live/stream.php/a.ts":                           {kindResource, "live", "stream.php/a.ts", 0, "", 0},
		"/live/stream.php/00.m3u8":                        {kindStream, "live", "stream.php/00.m3u8", 0, "", 0},
		"/live/stream.phpx":                               {kindResource, "live", "stream.phpx", 0, "", 0},
		"/live/m.m3u8/0.m3u8":                             {kindRendition, "live", "m.m3u8", 0, "", 0},
		"/live/a.ism/QualityLevels(1)/Fragments(video=0)": {kindResource, "live", "a.ism/QualityLevels(1)/Fragments(video=0)", 0, "", 0},
	} {
		if got, ok := parsePath(path, "manifest(*)", "stream.php"); !ok || got != want {
			t.Errorf("parse(%q) = %+v, %v; want %+v", path, got, ok, want)
		}
	}
}

// FuzzParsePath: whatever a viewer's path is, what the origin is asked for lies
// beneath its prefix, however often a server on the way unescapes it.
func FuzzParsePath(f *testing.F) {
	for path := range badPaths {
		f.Add(path)
	}
	f.Add("/live/a%2Fm.m3u8/0.m3u8")
	f.Add("/live/%2525252e./x")
	o := newOrigin(f, "live", "http://origin.test/vod")
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		path = u.EscapedPath()
		target, ok := parsePath(path)
		if !ok || target.mount != "live" || !origin.SafePath(path) {
			return
		}
		address, err := o.URL(target.path, "")
		if err != nil {
			t.Fatalf("%q is safe, but %q is not", path, target.path)
		}
		within(t, address)
	})
}

func within(t *testing.T, address *url.URL) {
	t.Helper()
	if address.Scheme != "http" || address.Host != "origin.test" || address.User != nil {
		t.Fatalf("%s is elsewhere", address)
	}
	path := address.EscapedPath()
	for range 8 {
		if strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Fatalf("%q has a control character", path)
		}
		for element := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '\\' }) {
			if element == ".." || element == "." {
				t.Fatalf("%s leaves the origin as %q", address, path)
			}
		}
		if !strings.HasPrefix(path, "/vod/") {
			t.Fatalf("%s is beside the origin as %q", address, path)
		}
		next, err := url.PathUnescape(path)
		if err != nil {
			return
		}
		path = next
	}
}

// FuzzIdentity: what of a viewer's query becomes part of a stream's identity, and
// of addresses in its playlists.
func FuzzIdentity(f *testing.F) {
	for _, query := range []string{"", "token=a", "a=1&_HLS_msn=7&CMCD=x&b=2", "&&=&", "%43MCD=1", "a=\"\r\n#EXTM3U", "\x00=\xff", "_HLS_", "a=1;b=2"} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, policy := range []origin.Query{{}, {Names: []string{"token", "a"}}, {Ignore: true}} {
			kept := identity(query, policy)
			if i := strings.IndexFunc(kept, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '"' }); i >= 0 {
				t.Errorf("identity(%q) = %q", query, kept)
			}
			if again := identity(kept, policy); again != kept {
				t.Errorf("identity(%q) = %q, and of that %q", query, kept, again)
			}
			for pair := range strings.SplitSeq(kept, "&") {
				if name, _, _ := strings.Cut(pair, "="); name == "CMCD" || strings.HasPrefix(name, "_HLS_") {
					t.Errorf("identity(%q) = %q", query, kept)
				}
			}
		}
	})
}
