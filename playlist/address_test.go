package playlist

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestResolve_AsPlayersDo(t *testing.T) {
	base, _ := url.Parse("https://origin.test/vod/movie/index.m3u8?token=1")
	for ref, want := range map[string]string{
		"seg.ts":                 "https://origin.test/vod/movie/seg.ts",
		"../seg.ts":              "https://origin.test/vod/seg.ts",
		"/seg.ts":                "https://origin.test/seg.ts",
		"//cdn.test/seg.ts":      "https://cdn.test/seg.ts",
		"http://cdn.test/seg.ts": "http://cdn.test/seg.ts",
		"?part=2":                "https://origin.test/vod/movie/index.m3u8?part=2",
		"?at=10:00":              "https://origin.test/vod/movie/index.m3u8?at=10:00",
		"10:00:00.ts":            "https://origin.test/vod/movie/10:00:00.ts",
		"a_b:c.ts":               "https://origin.test/vod/movie/a_b:c.ts",
		"a b.ts":                 "https://origin.test/vod/movie/a%20b.ts",
		"a%20b.ts":               "https://origin.test/vod/movie/a%20b.ts",
		"a%2Fb.ts":               "https://origin.test/vod/movie/a%2Fb.ts",
		"%2e%2E/seg.ts":          "https://origin.test/vod/seg.ts",
		"100%.ts":                "https://origin.test/vod/movie/100%25.ts",
		"a.ts?sig=a%2Bb+c%":      "https://origin.test/vod/movie/a.ts?sig=a%2Bb+c%25",
		"skd://key":              "skd://key",
		"data:,x":                "data:,x",
	} {
		got, err := Resolve(base, ref)
		if err != nil || got.String() != want {
			t.Errorf("Resolve(%s) = %v, %v; want %s", ref, got, err, want)
		}
	}
}

// What the short way takes is what net/url says.
func TestResolve_PlainAddressesAreThoseOfTheLibrary(t *testing.T) {
	text := func(of string) *rapid.Generator[string] { return rapid.StringMatching(of) }
	rapid.Check(t, func(t *rapid.T) {
		base, err := url.Parse("https://user@origin.test" + text(`(/([a.é ]|%2F|%20|\.\.)*){0,3}(\?q|#f)?`).Draw(t, "base"))
		if err != nil {
			t.Skip(err)
		}
		ref := text(`[a-c0-9_./-]{1,8}`).Draw(t, "ref")
		want, err := base.Parse(ref)
		if err != nil {
			t.Skip(err)
		}
		if got, err := Resolve(base, ref); err != nil || *got != *want {
			t.Errorf("Resolve(%s, %s) = %#v, %v; want %#v", base, ref, got, err, want)
		}
	})
}

// What the writer takes from the previous address's folder is what resolving gives.
func TestWriter_AddressesInOneFolderAreAsIfEachWereResolved(t *testing.T) {
	text := func(some ...string) *rapid.Generator[string] { return rapid.SampledFrom(some) }
	ref := rapid.Custom(func(t *rapid.T) string {
		return text("", "a/", "a/b/", "../", "/", "/vod/a/", "https://b.test/", "https://origin.test/vod/a/", "b?/").Draw(t, "folder") +
			text("a", "b.ts", "c_1-2.m4s", "", ".", "..", ".a", "a..", "a:b", "a b", "%2e", "%zz", "b?x=/1", "#").Draw(t, "name")
	})
	rapid.Check(t, func(t *rapid.T) {
		base, err := url.Parse("https://origin.test" + text("", "/", "/vod", "/vod/a", "/vod/a/b", "/vod/a/../b", "/vod/é a/b", "/vod/a%2Fb/c", "//a/b", "/vod/./a/%41/b").Draw(t, "base"))
		if err != nil {
			t.Fatal(err)
		}
		addresses := rapid.SampledFrom([]Addresses{mirror{folder: "a"}, mirror{single: true}, plain{}, inPlace{}}).Draw(t, "addresses")
		w := writer{renderer: &renderer{addresses: addresses}, base: base}
		refs := rapid.SliceOfN(ref, 30, 60).Draw(t, "refs")
		for _, ref := range refs {
			want := resource(addresses, 0, base, ref)
			if got := string(w.address(nil, &Segment{URI: ref})); got != want {
				t.Fatalf("in %s, %s of %q is written as %s, want %s", base, ref, refs, got, want)
			}
		}
	})
}

// noting counts how often it is asked.
type noting struct {
	plain
	asked *int
	each  bool
}

func (n noting) NotesEach() bool { return n.each }

func (n noting) Resource(_ int, address *url.URL) string {
	*n.asked++
	return address.String()
}

func TestWriter_AsksOnceForAFolderUnlessEachAddressIsNoted(t *testing.T) {
	for each, want := range map[bool]int{false: 3, true: 5} {
		asked := 0
		w := writer{renderer: &renderer{addresses: noting{asked: &asked, each: each}}, base: origin}
		for _, ref := range []string{"a/1.ts", "a/2.ts", "b/2.ts", "b/3.ts", "b/4.ts?x"} {
			w.address(nil, &Segment{URI: ref})
		}
		if asked != want {
			t.Errorf("each noted: %t: Resource is called %d times, want %d", each, asked, want)
		}
	}
}

// leaving leaves folders to the viewer, as no origin serves them.
type leaving struct{ mirror }

func (l leaving) Resource(n int, address *url.URL) string {
	if strings.HasSuffix(address.Path, "/") {
		return address.String()
	}
	return l.mirror.Resource(n, address)
}

func TestWriter_AnAddressBelowOneWithoutAFileIsNotLeftToTheViewer(t *testing.T) {
	addresses := leaving{mirror{folder: "a"}}
	w := writer{renderer: &renderer{addresses: addresses}, base: origin}
	for _, ref := range []string{"b/", "b/1.ts", "b/", "b/2.ts"} {
		want := resource(addresses, 0, origin, ref)
		if got := string(w.address(nil, &Segment{URI: ref})); got != want {
			t.Errorf("%s is written as %s, want %s", ref, got, want)
		}
	}
}

func TestAddresses_WhatIsAbsoluteAndStaysSoIsUntouched(t *testing.T) {
	for ref, want := range map[string]string{
		"https://cdn.test/a|b/%2e/c?x=%zz^": "https://cdn.test/a|b/%2e/c?x=%zz^",
		"HTTPS://cdn.test/a":                "https://cdn.test/a",
		"https://cdn.test/a b":              "https://cdn.test/a%20b",
		"skd://some key":                    "skd://some key",
		"data:text/plain;base64,AA==":       "data:text/plain;base64,AA==",
		"urn:x:y":                           "urn:x:y",
	} {
		if got := resource(plain{}, 0, origin, ref); got != want {
			t.Errorf("%s is written as %s, want %s", ref, got, want)
		}
	}
}

// TestDateWriter_WritesWhatTheLibraryDoes, whatever it wrote before.
func TestDateWriter_WritesWhatTheLibraryDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w dateWriter
		at := rapid.SampledFrom([]int64{0, 1_795_000_000_000, -60_000_000_000_000}).Draw(t, "milliseconds")
		for range 20 {
			at += rapid.OneOf(rapid.Int64Range(-5000, 5000), rapid.Int64Range(-2*86_400_000, 2*86_400_000)).Draw(t, "step")
			want := time.UnixMilli(at).UTC().Format(dateLayout)
			if got := string(w.append(nil, time.UnixMilli(at))); got != want {
				t.Fatalf("%d is written as %s, want %s", at, got, want)
			}
		}
	})
}

func TestDateWriter_FloorsToMilliseconds(t *testing.T) {
	var w dateWriter
	for _, c := range []struct{ at, want string }{
		{"2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z"},
		{"2026-02-28T23:59:59.9999999Z", "2026-02-28T23:59:59.999Z"},
		{"2026-03-01T12:34:56.001+02:00", "2026-03-01T10:34:56.001Z"},
		{"1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"},
		{"1899-12-31T00:00:00.0009Z", "1899-12-31T00:00:00.000Z"},
		{"2312-06-01T00:00:00Z", "2312-06-01T00:00:00.000Z"},
	} {
		at, err := time.Parse(time.RFC3339Nano, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(w.append(nil, at)); got != c.want {
			t.Errorf("%s is written as %s, want %s", c.at, got, c.want)
		}
	}
}

// A range's dates are what its author wrote, however far off: they stay dates.
func TestDateRange_DatesFarOffStayDates(t *testing.T) {
	for _, line := range []string{
		`#EXT-X-DATERANGE:ID="a",START-DATE="0001-01-01T00:00:01Z",DURATION=99999999999`,
		`#EXT-X-DATERANGE:ID="a",START-DATE="9999-12-31T23:59:59Z",END-DATE="0001-01-01T00:00:01Z"`,
	} {
		live := liveOf(t, []byte(vodOf("#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00Z\n"+line)), time.Minute)
		w, err := live.Timeline.Window(0, epoch.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range listen(string(live.AppendMedia(nil, 0, w)), origin).ranges {
			if _, err := time.Parse("2006-01-02T15:04:05.000Z", r["START-DATE"]); err != nil {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
}
