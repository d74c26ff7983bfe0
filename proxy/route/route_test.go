package route

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"vod2live/proxy/origin"
)

// parsePath reads a path beneath a mount without patterns, or with those given.
func parsePath(path string, names ...string) (Target, bool) {
	mount, rest, ok := SplitMount(path)
	if !ok {
		return Target{}, false
	}
	return Parse(mount, rest, names), true
}

func TestParse(t *testing.T) {
	for path, want := range map[string]Target{
		"/live/movie/master.m3u8":                   {Stream, "live", "movie/master.m3u8", 0, "", 0},
		"/live/m.m3u":                               {Stream, "live", "m.m3u", 0, "", 0},
		"/live/M.M3U8":                              {Stream, "live", "M.M3U8", 0, "", 0},
		"/live/m%2Em3u8":                            {Stream, "live", "m.m3u8", 0, "", 0},
		"/live/a%2Fm.m3u8":                          {Stream, "live", "a%2Fm.m3u8", 0, "", 0},
		"/live/master.m3u8/0.m3u8":                  {Rendition, "live", "master.m3u8", 0, "", 0},
		"/live/a/master.M3u8/17.m3u8":               {Rendition, "live", "a/master.M3u8", 17, "", 0},
		"/live/master.m3u8/00.m3u8":                 {Stream, "live", "master.m3u8/00.m3u8", 0, "", 0},
		"/live/master.m3u8/-1.m3u8":                 {Stream, "live", "master.m3u8/-1.m3u8", 0, "", 0},
		"/live/master.m3u8/1.M3U8":                  {Stream, "live", "master.m3u8/1.M3U8", 0, "", 0},
		"/live/master.m3u8/12345678.m3u8":           {Stream, "live", "master.m3u8/12345678.m3u8", 0, "", 0},
		"/live/folder/1.m3u8":                       {Stream, "live", "folder/1.m3u8", 0, "", 0},
		"/live/1.m3u8":                              {Stream, "live", "1.m3u8", 0, "", 0},
		"/live/master.m3u8/1.m3u8/12.vtt":           {Resource, "live", "master.m3u8/1.m3u8/12.vtt", 0, "", 0},
		"/live/master.m3u8/1.m3u8/0a1b2c3d-12.vtt":  {Slice, "live", "master.m3u8", 1, "0a1b2c3d", 12},
		"/live/master.m3u8/1.m3u8/0a1b2c3d-012.vtt": {Resource, "live", "master.m3u8/1.m3u8/0a1b2c3d-012.vtt", 0, "", 0},
		"/live/master.m3u8/1.m3u8/3-12.vtt":         {Resource, "live", "master.m3u8/1.m3u8/3-12.vtt", 0, "", 0},
		"/live/master.m3u8/1.m3u8/gap":              {Gap, "live", "master.m3u8/1.m3u8/gap", 0, "", 0},
		"/live/1.m3u8/gap":                          {Resource, "live", "1.m3u8/gap", 0, "", 0},
		"/live/seg7.ts":                             {Resource, "live", "seg7.ts", 0, "", 0},
		"/live/movie.m3u8.key":                      {Resource, "live", "movie.m3u8.key", 0, "", 0},
		"/live/.m3u8":                               {Resource, "live", ".m3u8", 0, "", 0},
		"/live/%41%2d%7E%2B":                        {Resource, "live", "A-~%2B", 0, "", 0},
		"/live/%c3%bc%2b.ts":                        {Resource, "live", "%C3%BC%2B.ts", 0, "", 0},
		"/live/%4":                                  {Resource, "live", "%4", 0, "", 0},
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
	for path, want := range map[string]Target{
		"/live/a.ism/manifest(format=m3u8-aapl)":          {Stream, "live", "a.ism/manifest(format=m3u8-aapl)", 0, "", 0},
		"/live/a.ism/manifest(format=m3u8-aapl)/2.m3u8":   {Rendition, "live", "a.ism/manifest(format=m3u8-aapl)", 2, "", 0},
		"/live/a.ism/manifest%28x%29":                     {Stream, "live", "a.ism/manifest%28x%29", 0, "", 0},
		"/live/stream.php":                                {Stream, "live", "stream.php", 0, "", 0},
		"/live/stream.php/0.m3u8":                         {Rendition, "live", "stream.php", 0, "", 0},
		"/live/stream.php/0.m3u8/00112233-7.vtt":          {Slice, "live", "stream.php", 0, "00112233", 7},
		"/live/stream.php/0.m3u8/gap":                     {Gap, "live", "stream.php/0.m3u8/gap", 0, "", 0},
		"/live/stream.php/a.ts":                           {Resource, "live", "stream.php/a.ts", 0, "", 0},
		"/live/stream.php/00.m3u8":                        {Stream, "live", "stream.php/00.m3u8", 0, "", 0},
		"/live/stream.phpx":                               {Resource, "live", "stream.phpx", 0, "", 0},
		"/live/m.m3u8/0.m3u8":                             {Rendition, "live", "m.m3u8", 0, "", 0},
		"/live/a.ism/QualityLevels(1)/Fragments(video=0)": {Resource, "live", "a.ism/QualityLevels(1)/Fragments(video=0)", 0, "", 0},
	} {
		if got, ok := parsePath(path, "manifest(*)", "stream.php"); !ok || got != want {
			t.Errorf("parse(%q) = %+v, %v; want %+v", path, got, ok, want)
		}
	}
}

// FuzzParsePath: whatever a viewer's path is, what the origin is asked for lies
// beneath its prefix, however often a server on the way unescapes it.
func FuzzParsePath(f *testing.F) {
	for _, path := range []string{"/live/../x", "/live/%2e%2e/x", "/live/%252e%252e/x", "/live/a/..%2fx", "/live//x", "/live/%5c..%5cx", "/live/a%00.m3u8", "/live/.", "/", "//live/x"} {
		f.Add(path)
	}
	f.Add("/live/a%2Fm.m3u8/0.m3u8")
	f.Add("/live/%2525252e./x")
	o, err := origin.New("live", "http://origin.test/vod", 10*time.Second)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return
		}
		path = u.EscapedPath()
		target, ok := parsePath(path)
		if !ok || target.Mount != "live" || !origin.SafePath(path) {
			return
		}
		address, err := o.URL(target.Path, "")
		if err != nil {
			t.Fatalf("%q is safe, but %q is not", path, target.Path)
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
