package preflight

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/proxy"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
	"vod2live/proxy/problem"
)

// files of an origin by path; the content "403" is answered as a status, and so
// on, and "302 ADDRESS" as a redirect.
type files map[string]string

func (f files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, has := f[strings.TrimPrefix(r.URL.Path, "/")]
	if to, redirects := strings.CutPrefix(content, "302 "); redirects {
		http.Redirect(w, r, to, http.StatusFound)
		return
	}
	status, err := strconv.Atoi(content)
	switch {
	case !has:
		http.NotFound(w, r)
	case err == nil:
		http.Error(w, "no", status)
	default:
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(content))
	}
}

func check(t *testing.T, f files, segments bool) *Report {
	t.Helper()
	return checker(t, f, segments, time.Now().Add(-time.Hour)).Check(t.Context())
}

func checker(t *testing.T, f files, segments bool, epoch time.Time) *Checker {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	o, err := origin.New("live", server.URL, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	found, err := onair.Find(&onair.Config{
		Origins: []*origin.Origin{o}, Transport: proxy.NewTransport(5 * time.Second), Metrics: metrics.New("test"),
		Options: playlist.Options{Window: time.Minute, Epoch: epoch},
	}, server.URL+"/master.m3u8")
	if err != nil {
		t.Fatal(err)
	}
	return &Checker{VOD: found, Now: time.Now, Segments: segments}
}

// media is a media playlist of four-second segments.
func playlistOf(lines ...string) string {
	return "#EXTM3U\n#EXT-X-TARGETDURATION:4\n" + strings.Join(lines, "\n") + "\n#EXT-X-ENDLIST\n"
}

func segments(count int, name string) (lines []string) {
	for i := range count {
		lines = append(lines, "#EXTINF:4.0,", name+strconv.Itoa(i)+".ts")
	}
	return lines
}

const twoVariants = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=2,RESOLUTION=2x2\na.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1x1\nb.m3u8\n"

// two is a VOD of two variant streams.
func two(a, b string) files { return files{"master.m3u8": twoVariants, "a.m3u8": a, "b.m3u8": b} }

// withSubtitles is a VOD of a variant stream and subtitles.
func withSubtitles(video, text string) files {
	return files{"a.m3u8": video, "s.m3u8": text, "master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=2,SUBTITLES=\"s\"\na.m3u8\n" +
		"#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"s\",URI=\"s.m3u8\"\n"}
}

func withFile(f files, name, content string) files {
	f[name] = content
	return f
}

func codesOf(problems []problem.Problem) (all []string) {
	for _, p := range problems {
		all = append(all, string(p.Severity)+" "+p.Code+" "+strconv.Itoa(number(p)))
	}
	return all
}

func TestCheck_ProblemsHaveStableCodes(t *testing.T) {
	good := playlistOf(segments(4, "https://elsewhere.test/a")...)
	for name, c := range map[string]struct {
		files files
		want  string
		loops bool
	}{
		"no VOD":                 {files{}, "error not-found -1", false},
		"forbidden":              {files{"master.m3u8": "401"}, "error forbidden -1", false},
		"failing":                {files{"master.m3u8": "500"}, "error unreachable -1", false},
		"a page":                 {files{"master.m3u8": "<html>"}, "error not-a-playlist -1", false},
		"live":                   {files{"master.m3u8": strings.TrimSuffix(good, "#EXT-X-ENDLIST\n")}, "error no-endlist -1", false},
		"no segment":             {files{"master.m3u8": playlistOf()}, "error empty -1", false},
		"absent rendition":       {two(good, "404"), "error missing-rendition 1", false},
		"forbidden rendition":    {two(good, "401"), "error forbidden 1", false},
		"live rendition":         {two(good, "#EXTM3U\n#EXTINF:4,\nx.ts\n"), "error no-endlist 1", false},
		"foreign rendition":      {files{"master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://elsewhere.test/a.m3u8\n"}, "error foreign-rendition 0", false},
		"shorter":                {two(good, playlistOf(segments(2, "https://elsewhere.test/b")...)), "warning ragged-tail 1,warning unequal-lengths 1", true},
		"over the target":        {files{"master.m3u8": playlistOf("#EXTINF:9,", "https://elsewhere.test/a.ts")}, "warning segment-over-target 0", true},
		"no EXT-X-MAP":           {files{"master.m3u8": playlistOf("#EXTINF:4,", "https://elsewhere.test/a.m4s")}, "error map-missing 0", true},
		"signed addresses":       {files{"master.m3u8": playlistOf("#EXTINF:4,", "https://elsewhere.test/a.ts?X-Amz-Expires=60")}, "warning address-expires 0", true},
		"discontinuity":          {two(playlistOf("#EXTINF:4,", "https://elsewhere.test/a.ts", "#EXT-X-DISCONTINUITY", "#EXTINF:4,", "https://elsewhere.test/b.ts"), playlistOf(segments(2, "https://elsewhere.test/b")...)), "warning discontinuities-differ 1", true},
		"odd subtitles":          {withSubtitles(playlistOf("#EXTINF:4,", "https://elsewhere.test/a.ts", "#EXT-X-DISCONTINUITY", "#EXTINF:4,", "https://elsewhere.test/b.ts"), playlistOf("#EXTINF:8,", "a.vtt")), "warning discontinuities-differ 1", true},
		"foreign subtitles":      {withSubtitles(good, playlistOf("#EXTINF:8,", "https://elsewhere.test/a.vtt")), "warning webvtt-foreign 1", true},
		"unreadable subtitles":   {withFile(withSubtitles(good, playlistOf("#EXTINF:4,", "a.vtt")), "a.vtt", "<html>"), "warning webvtt-unreadable 1", true},
		"absent subtitles":       {withSubtitles(good, playlistOf("#EXTINF:4,", "a.vtt")), "warning segment-missing 1", true},
		"nothing wrong":          {two(good, good), "", true},
		"odd discontinuity":      {two(playlistOf("#EXTINF:3,", "https://elsewhere.test/a.ts", "#EXT-X-DISCONTINUITY", "#EXTINF:5,", "https://elsewhere.test/b.ts"), playlistOf(segments(2, "https://elsewhere.test/b")...)), "error discontinuity-mismatch 1", false},
		"both absent":            {two("404", "404"), "error missing-rendition 0,error missing-rendition 1", false},
		"absent, with subtitles": {withSubtitles("404", "404"), "error missing-rendition 0,warning missing-rendition 1", false},
	} {
		r := check(t, c.files, false)
		if got := strings.Join(codesOf(r.Problems), ","); !strings.Contains(got, c.want) || c.want == "" && got != "" || r.Loops != c.loops {
			t.Errorf("%s: loops %t, problems %q; want %t, %q", name, r.Loops, got, c.loops, c.want)
		}
	}
}

func TestCheck_ManyShortLoopsSinceTheEpochAreTold(t *testing.T) {
	f := files{"master.m3u8": playlistOf(segments(4, "https://elsewhere.test/a")...)}
	for years, want := range map[int]string{1: "", 10: "warning short-loop -1"} {
		c := checker(t, f, false, time.Now().AddDate(-years, 0, 0))
		r := c.Check(t.Context())
		if got := strings.Join(codesOf(r.Problems), ","); got != want {
			t.Errorf("16 s loops for %d years: problems %q, want %q", years, got, want)
		}
	}
}

// TestCheck_AnOddPathIsSaid: such a rendition lies at the origin, but is never
// asked for.
func TestCheck_AnOddPathIsSaid(t *testing.T) {
	for path, why := range map[string]string{"a//v.m3u8": "an empty element", "a%2F..%2Fv.m3u8": "escaped or not", "a%01v.m3u8": "a control character"} {
		r := check(t, files{"master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n" + path + "\n"}, false)
		if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Text, why) || strings.Contains(r.Problems[0].Text, "outside") {
			t.Errorf("%s: problems %v", path, r.Problems)
		}
	}
}

func TestCheck_AnAbsentTargetDurationIsSaid(t *testing.T) {
	r := check(t, files{"master.m3u8": "#EXTM3U\n#EXTINF:9,\nhttps://elsewhere.test/a.ts\n#EXT-X-ENDLIST\n"}, false)
	if len(r.Problems) != 1 || r.Problems[0].Text != "it has no EXT-X-TARGETDURATION above zero" {
		t.Errorf("problems %v", r.Problems)
	}
}

func TestCheck_StatusGoesBySeverity(t *testing.T) {
	for want, severities := range [][]problem.Severity{{}, {problem.Warning, problem.Warning}, {problem.Warning, problem.Error}} {
		r := Report{}
		for _, s := range severities {
			r.problem(s, "x", 0, "")
		}
		if got := r.Status(); got != want {
			t.Errorf("status of %v = %d, want %d", severities, got, want)
		}
	}
}

func TestCheck_RepairsAreTold(t *testing.T) {
	a := playlistOf(append([]string{"#EXT-X-START:TIME-OFFSET=1", "#EXT-X-KEY:METHOD=AES-128,URI=\"https://elsewhere.test/k\"", "#EXT-X-PROGRAM-DATE-TIME:2020-01-01T00:00:00Z"},
		segments(4, "https://elsewhere.test/a")...)...)
	b := playlistOf(append(segments(4, "https://elsewhere.test/b"), "#EXTINF:0.05,", "https://elsewhere.test/tail.ts")...)
	r := check(t, two(a, b), false)
	var got []string
	for _, f := range r.Repairs {
		got = append(got, f.Code+" "+strconv.Itoa(number(f)))
	}
	for _, want := range []string{"start-dropped 0", "implied-iv 0", "dates-replaced 0"} {
		if !slices.Contains(got, want) {
			t.Errorf("repairs %v lack %s", got, want)
		}
	}
	if !slices.Equal(r.Renditions[0].Encryption, []string{"AES-128"}) {
		t.Errorf("encryption %v", r.Renditions[0].Encryption)
	}
}

// TestCheck_AGapAtTheBeginningIsNoMissingSegment: it need not be there.
func TestCheck_AGapAtTheBeginningIsNoMissingSegment(t *testing.T) {
	f := files{"master.m3u8": playlistOf("#EXT-X-GAP", "#EXTINF:4,", "gap.ts", "#EXTINF:4,", "a.ts"), "a.ts": "media"}
	if got := strings.Join(codesOf(check(t, f, false).Problems), ","); got != "warning first-segment-no-pat 0" {
		t.Errorf("problems %q, want that of the second segment", got)
	}
}

func TestCheck_SegmentsThatAreMissingOrShortAreNamed(t *testing.T) {
	f := files{
		"master.m3u8": playlistOf("#EXTINF:4,", "there.ts", "#EXTINF:4,", "gone.ts", "#EXT-X-BYTERANGE:10@5", "#EXTINF:4,", "short.ts",
			"#EXTINF:4,", "https://elsewhere.test/a.ts", "#EXT-X-GAP", "#EXTINF:4,", "gap.ts"),
		"there.ts": "media", "short.ts": "fourteen bytes",
	}
	got := codesOf(check(t, f, true).Problems)
	for _, want := range []string{"error segment-missing 0", "error segment-size 0", "warning segment-elsewhere 0"} {
		if !slices.Contains(got, want) {
			t.Errorf("problems %v lack %q", got, want)
		}
	}
	var details []string
	for _, p := range check(t, f, true).Problems {
		details = append(details, p.Text)
	}
	if all := strings.Join(details, "\n"); strings.Contains(all, "gap.ts") || !strings.Contains(all, "gone.ts") {
		t.Errorf("the gap is called missing, or what is missing is not named: %s", all)
	}
}

// TestCheck_AnAddressWithoutAPlaylistsNameIsShownWhole, with the remedy for it.
func TestCheck_AnAddressWithoutAPlaylistsNameIsShownWhole(t *testing.T) {
	c := checker(t, files{}, false, time.Now())
	c.VOD.Path, c.VOD.Query = "movie", "token=secret"
	r := c.Check(t.Context())
	if got := codesOf(r.Problems); !slices.Equal(got, []string{"error not-a-playlist -1"}) || !strings.Contains(r.Problems[0].Advice, "master.m3u8") {
		t.Errorf("%v", r.Problems)
	}
	address, err := c.VOD.Client.Mounted("live").URL("movie", "")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	r.WriteText(&text)
	if shown := "VOD     " + address.String() + "?***\n"; !strings.Contains(text.String(), shown) {
		t.Errorf("%s\nlacks %s", text.String(), shown)
	}
}

// TestReport_ItsFirstLineKnowsOfErrors: an operator who reads no further is not misled.
func TestReport_ItsFirstLineKnowsOfErrors(t *testing.T) {
	for want, f := range map[string]files{
		"This VOD can be a live stream: a loop of 160 s":                            {"master.m3u8": playlistOf(segments(40, "https://elsewhere.test/a")...)},
		"This VOD loops, but viewers will notice the errors below: a loop of 160 s": {"master.m3u8": strings.ReplaceAll(playlistOf(segments(40, "https://elsewhere.test/a")...), ".ts", ".m4s")},
		"This VOD can't be a live stream.\n":                                        {},
	} {
		var text strings.Builder
		check(t, f, false).WriteText(&text)
		if !strings.HasPrefix(text.String(), want) {
			t.Errorf("%s\ndoes not begin with %s", text.String(), want)
		}
	}
}

func TestReport_JSONHasListsAndNoQuery(t *testing.T) {
	f := files{"master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8?token=secret\n", "a.m3u8": playlistOf(segments(2, "x")...)}
	text, err := json.Marshal(check(t, f, false))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("null")) || bytes.Contains(text, []byte("secret")) {
		t.Errorf("%s", text)
	}
}

func TestExpiry_KnowsSignedAddresses(t *testing.T) {
	for query, want := range map[string]bool{"": false, "v=3": false, "Expires=1": true, "X-Amz-Signature=a&X-Amz-Expires=3": true, "hdnts=x": true} {
		if _, got := expiry(&url.URL{RawQuery: query}); got != want {
			t.Errorf("expiry(%q) = %t, want %t", query, got, want)
		}
	}
}

// TestReport_ShowsNoSecretOfTheVOD: in its playlists a secret is a query, a
// password or the value of a variable.
func TestReport_ShowsNoSecretOfTheVOD(t *testing.T) {
	const define = "#EXT-X-DEFINE:NAME=\"t\",VALUE=\"s3cr3t\"\n"
	good := playlistOf(segments(2, "x")...)
	for name, f := range map[string]files{
		"of renditions":        {"master.m3u8": "#EXTM3U\n" + define + "#EXT-X-STREAM-INF:BANDWIDTH=1\n{$t}/a.m3u8?s3cr3t\n", "s3cr3t/a.m3u8": good},
		"of absent ones":       {"master.m3u8": "#EXTM3U\n" + define + "#EXT-X-STREAM-INF:BANDWIDTH=1\n{$t}/a.m3u8?s3cr3t\n"},
		"of foreign ones":      {"master.m3u8": "#EXTM3U\n" + define + "#EXT-X-STREAM-INF:BANDWIDTH=1\nhttps://u:s3cr3t@elsewhere.test/{$t}.m3u8?s3cr3t\n"},
		"of odd ones":          {"master.m3u8": "#EXTM3U\n" + define + "#EXT-X-STREAM-INF:BANDWIDTH=1\n{$t}//a.m3u8?s3cr3t\n"},
		"of segments":          {"master.m3u8": playlistOf(define + "#EXTINF:4,\n{$t}/a.ts?s3cr3t\n#EXTINF:4,\nhttps://u:s3cr3t@elsewhere.test/a.ts?s3cr3t")},
		"of signed ones":       {"master.m3u8": playlistOf(define + "#EXTINF:4,\n{$t}/a.ts?Expires=s3cr3t&token=s3cr3t")},
		"of subtitles":         withSubtitles(good, playlistOf(define+"#EXTINF:4,\n{$t}.vtt?s3cr3t")),
		"of foreign ones, cut": withSubtitles(good, playlistOf(define+"#EXTINF:16,\nhttps://u:s3cr3t@elsewhere.test/{$t}.vtt?s3cr3t")),
		"of private ones":      {"master.m3u8": playlistOf(define + "#EXTINF:4,\n{$t}//a.ts?s3cr3t")},
		"of private keys":      {"master.m3u8": playlistOf(define + "#EXT-X-KEY:METHOD=AES-128,URI=\"{$t}//k?s3cr3t\"\n#EXTINF:4,\na.ts")},
		"of what is broken":    {"master.m3u8": playlistOf(define + "#EXTINF:4,\n{$t}.ts?s3cr3t\n{$t}.ts?s3cr3t")},
	} {
		report := check(t, f, true)
		text, err := json.Marshal(report)
		if err != nil {
			t.Fatal(err)
		}
		var people bytes.Buffer
		report.WriteText(&people)
		if len(report.Problems) == 0 || bytes.Contains(text, []byte("s3cr3t")) || strings.Contains(people.String(), "s3cr3t") {
			t.Errorf("%s: %s\n%s", name, text, people.String())
		}
	}
}

// TestCheck_SegmentsOfARenditionThatIsLeftOutAreNotMissed: nobody plays them.
func TestCheck_SegmentsOfARenditionThatIsLeftOutAreNotMissed(t *testing.T) {
	text := playlistOf("#EXT-X-MAP:URI=\"init.mp4\"", "#EXTINF:16,", "absent.mp4")
	for _, all := range []bool{false, true} {
		found := codesOf(check(t, withSubtitles(playlistOf(segments(4, "v")...), text), all).Problems)
		if slices.Contains(found, "error segment-missing 1") || !slices.Contains(found, "warning target-duration-exceeded 1") {
			t.Errorf("%v", found)
		}
	}
}
