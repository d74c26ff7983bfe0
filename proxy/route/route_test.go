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
		"/live/master.m3u8/1.m3u8/120-0a1b2c3d.m4s":  {Kind: Moved, Mount: "live", Path: "master.m3u8", Rendition: 1, Number: 120, Name: "120-0a1b2c3d.m4s"},
		"/live/master.m3u8/1.m3u8/0120-0a1b2c3d.m4s": {Kind: Resource, Mount: "live", Path: "master.m3u8/1.m3u8/0120-0a1b2c3d.m4s"},
		"/live/master.m3u8/1.m3u8/120-0a1b2c3.m4s":   {Kind: Resource, Mount: "live", Path: "master.m3u8/1.m3u8/120-0a1b2c3.m4s"},
		"/live/movie/master.m3u8":                    {Kind: Stream, Mount: "live", Path: "movie/master.m3u8"},
		"/live/m.m3u":                                {Kind: Stream, Mount: "live", Path: "m.m3u"},
		"/live/M.M3U8":                               {Kind: Stream, Mount: "live", Path: "M.M3U8"},
		"/live/m%2Em3u8":                             {Kind: Stream, Mount: "live", Path: "m.m3u8"},
		"/live/a%2Fm.m3u8":                           {Kind: Stream, Mount: "live", Path: "a%2Fm.m3u8"},
		"/live/master.m3u8/0.m3u8":                   {Kind: Rendition, Mount: "live", Path: "master.m3u8"},
		"/live/a/master.M3u8/17.m3u8":                {Kind: Rendition, Mount: "live", Path: "a/master.M3u8", Rendition: 17},
		"/live/master.m3u8/00.m3u8":                  {Kind: Stream, Mount: "live", Path: "master.m3u8/00.m3u8"},
		"/live/master.m3u8/-1.m3u8":                  {Kind: Stream, Mount: "live", Path: "master.m3u8/-1.m3u8"},
		"/live/master.m3u8/1.M3U8":                   {Kind: Stream, Mount: "live", Path: "master.m3u8/1.M3U8"},
		"/live/master.m3u8/12345678.m3u8":            {Kind: Stream, Mount: "live", Path: "master.m3u8/12345678.m3u8"},
		"/live/folder/1.m3u8":                        {Kind: Stream, Mount: "live", Path: "folder/1.m3u8"},
		"/live/1.m3u8":                               {Kind: Stream, Mount: "live", Path: "1.m3u8"},
		"/live/master.m3u8/1.m3u8/12.vtt":            {Kind: Resource, Mount: "live", Path: "master.m3u8/1.m3u8/12.vtt"},
		"/live/master.m3u8/1.m3u8/0a1b2c3d-12.vtt":   {Kind: Slice, Mount: "live", Path: "master.m3u8", Rendition: 1, Sum: "0a1b2c3d", Slice: 12},
		"/live/master.m3u8/1.m3u8/0a1b2c3d-012.vtt":  {Kind: Resource, Mount: "live", Path: "master.m3u8/1.m3u8/0a1b2c3d-012.vtt"},
		"/live/master.m3u8/1.m3u8/3-12.vtt":          {Kind: Resource, Mount: "live", Path: "master.m3u8/1.m3u8/3-12.vtt"},
		"/live/master.m3u8/1.m3u8/gap":               {Kind: Gap, Mount: "live", Path: "master.m3u8/1.m3u8/gap"},
		"/live/1.m3u8/gap":                           {Kind: Resource, Mount: "live", Path: "1.m3u8/gap"},
		"/live/seg7.ts":                              {Kind: Resource, Mount: "live", Path: "seg7.ts"},
		"/live/movie.m3u8.key":                       {Kind: Resource, Mount: "live", Path: "movie.m3u8.key"},
		"/live/.m3u8":                                {Kind: Resource, Mount: "live", Path: ".m3u8"},
		"/live/%41%2d%7E%2B":                         {Kind: Resource, Mount: "live", Path: "A-~%2B"},
		"/live/%c3%bc%2b.ts":                         {Kind: Resource, Mount: "live", Path: "%C3%BC%2B.ts"},
		"/live/%4":                                   {Kind: Resource, Mount: "live", Path: "%4"},
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
		"/live/a.ism/manifest(format=m3u8-aapl)":          {Kind: Stream, Mount: "live", Path: "a.ism/manifest(format=m3u8-aapl)"},
		"/live/a.ism/manifest(format=m3u8-aapl)/2.m3u8":   {Kind: Rendition, Mount: "live", Path: "a.ism/manifest(format=m3u8-aapl)", Rendition: 2},
		"/live/a.ism/manifest%28x%29":                     {Kind: Stream, Mount: "live", Path: "a.ism/manifest%28x%29"},
		"/live/stream.php":                                {Kind: Stream, Mount: "live", Path: "stream.php"},
		"/live/stream.php/0.m3u8":                         {Kind: Rendition, Mount: "live", Path: "stream.php"},
		"/live/stream.php/0.m3u8/00112233-7.vtt":          {Kind: Slice, Mount: "live", Path: "stream.php", Sum: "00112233", Slice: 7},
		"/live/stream.php/0.m3u8/gap":                     {Kind: Gap, Mount: "live", Path: "stream.php/0.m3u8/gap"},
		"/live/stream.php/a.ts":                           {Kind: Resource, Mount: "live", Path: "stream.php/a.ts"},
		"/live/stream.php/00.m3u8":                        {Kind: Stream, Mount: "live", Path: "stream.php/00.m3u8"},
		"/live/stream.phpx":                               {Kind: Resource, Mount: "live", Path: "stream.phpx"},
		"/live/m.m3u8/0.m3u8":                             {Kind: Rendition, Mount: "live", Path: "m.m3u8"},
		"/live/a.ism/QualityLevels(1)/Fragments(video=0)": {Kind: Resource, Mount: "live", Path: "a.ism/QualityLevels(1)/Fragments(video=0)"},
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
