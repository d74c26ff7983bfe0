package timeshift

import (
	"errors"
	"strings"
	"testing"
	"time"

	"vod2live/loop"
)

var now = time.Date(2026, 11, 22, 20, 0, 7, 5, time.UTC)

func at(h, s int) time.Time { return time.Date(2026, 11, 22, h, 0, s, 0, time.UTC) }

func TestParse_ReadsInstantsAndDurations(t *testing.T) {
	for query, want := range map[string]View{
		"":                                {},
		"start=2026-11-22T18:00:00Z":      {View: loop.View{From: at(18, 0)}},
		"start=2026-11-22T19:00:00+01:00": {View: loop.View{From: at(18, 0)}}, // a + in a query is a blank
		"start=2026-11-22T19%3A00%3A00%2B01%3A00&end=1795377600": {View: loop.View{From: at(18, 0), To: at(20, 0)}},
		"utc=1795377600&lutc=1795377607":                         {View: loop.View{From: at(20, 0)}},
		"start=1795377600&utc=5":                                 {View: loop.View{From: at(20, 0)}},
		"start=1795377600.000000001":                             {View: loop.View{From: at(20, 0).Add(1)}},
		"start=1795377600.5&end=1795377602":                      {View: loop.View{From: at(20, 0).Add(time.Second / 2), To: at(20, 2)}},
		"dvr=2h":                                                 {View: loop.View{Span: 2 * time.Hour}},
		"dvr=61":                                                 {View: loop.View{Span: 2 * time.Minute}},
		"delay=11":                                               {View: loop.View{Delay: 20 * time.Second}},
		"delay=3h&dvr=30m&_HLS_skip=YES":                         {View: loop.View{Delay: 3 * time.Hour, Span: 30 * time.Minute}, Skip: true},
		"_HLS_skip=v2&_HLS_msn=7":                                {Skip: true},
		"_HLS_skip=no":                                           {},
		"_HLS_msn=7&_HLS_msn=8&_HLS_part=1":                      {},
		"dvr=99999999999":                                        {View: loop.View{Span: mostDuration}},
	} {
		if got, err := Parse(query, false, now); err != nil || got != want {
			t.Errorf("Parse(%q) = %+v, %v, want %+v", query, got, err, want)
		}
	}
}

func TestParse_RelativeInstantsOnlyWhereAllowed(t *testing.T) {
	got, err := Parse("start=-2h&end=-3600", true, now)
	if want := (View{View: loop.View{From: at(18, 0), To: at(19, 0)}, Relative: true}); err != nil || got != want {
		t.Errorf("Parse = %+v, %v, want %+v", got, err, want)
	}
	if _, err := Parse("start=-2h", false, now); codeOf(err) != CodeBadTime {
		t.Errorf("on a media playlist: %v", err)
	}
}

func codeOf(err error) string {
	if e, is := errors.AsType[*Error](err); is {
		return e.Code
	}
	return ""
}

func TestParse_RejectsWhatIsDoubledMixedOrMalformed(t *testing.T) {
	for _, query := range []string{
		"start=1&start=1", "dvr=2h&dvr=2h", "start=1&st%61rt=1", "utc=1&utc=2", "_HLS_skip=YES&_HLS_skip=YES",
		"start=1&dvr=2h", "start=1&delay=2h", "end=1&delay=2h", "end=1", "utc=1&dvr=1",
		"start=", "start=x", "start=123456789012", "start=99999999999", "start=1e3", "start=1.", "start=1.0123456789", "start=%zz",
		"start=0001-01-01T00:00:00Z", "start=1969-12-31T23:59:59Z", "start=9999-12-31T23:59:59Z", "start=2026-02-30T00:00:00Z",
		"start=2026-02-20T00:00:00.0000000000000000Z",
		"dvr=", "dvr=0", "dvr=-1", "dvr=-2h", "dvr=%2B2h", "dvr=2x", "delay=0s", "delay=1.5", "dvr=100000000000",
	} {
		if v, err := Parse(query, true, now); codeOf(err) != CodeBadTime {
			t.Errorf("Parse(%q) = %+v, %v, want %s", query, v, err, CodeBadTime)
		}
	}
}

func TestSplit_NamesOfTheOriginStayTheOrigins(t *testing.T) {
	for _, test := range []struct {
		query        string
		origins      []string
		ours, theirs string
	}{
		{"", nil, "", ""},
		{"token=a&start=1&b=%20&end=2", nil, "start=1&end=2", "token=a&b=%20"},
		{"start=1&_HLS_skip=YES", []string{"start"}, "_HLS_skip=YES", "start=1"},
		{"starts=1&x", nil, "", "starts=1&x"},
		{"st%61rt=1", nil, "st%61rt=1", ""},
	} {
		if ours, theirs := Split(test.query, test.origins); ours != test.ours || theirs != test.theirs {
			t.Errorf("Split(%q) = %q, %q, want %q, %q", test.query, ours, theirs, test.ours, test.theirs)
		}
	}
}

func TestView_CheckNamesTheBound(t *testing.T) {
	b := Bounds{Back: 24 * time.Hour, Target: 6 * time.Second}
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for _, test := range []struct {
		view loop.View
		want string
	}{
		{loop.View{}, ""},
		{loop.View{From: ago(0)}, ""},
		{loop.View{From: ago(-1)}, CodeInFuture},
		{loop.View{From: ago(24 * time.Hour)}, ""},
		{loop.View{From: ago(24*time.Hour + 1)}, CodeTooOld},
		{loop.View{From: ago(time.Hour), To: ago(time.Hour - 6*time.Second)}, ""},
		{loop.View{From: ago(time.Hour), To: ago(time.Hour - 6*time.Second + 1)}, CodeTooShort},
		{loop.View{From: ago(time.Hour), To: ago(2 * time.Hour)}, CodeTooShort},
		{loop.View{From: ago(time.Hour), To: ago(-23 * time.Hour)}, ""},
		{loop.View{From: ago(time.Hour), To: ago(-23*time.Hour - 1)}, CodeTooLong},
		{loop.View{From: ago(time.Hour), To: now.AddDate(100, 0, 0)}, CodeTooLong},
		{loop.View{Span: 24 * time.Hour}, ""},
		{loop.View{Span: 23 * time.Hour, Delay: time.Hour + time.Minute}, ""},
		{loop.View{Span: 23 * time.Hour, Delay: time.Hour + time.Minute + 1}, CodeTooOld},
		{loop.View{Delay: 25 * time.Hour}, CodeTooOld},
	} {
		if err := (View{View: test.view}).Check(b, now); codeOf(err) != test.want {
			t.Errorf("%+v: %v, want %q", test.view, err, test.want)
		}
	}
}

func TestView_QuerySelectsTheSame(t *testing.T) {
	for query, want := range map[string]string{
		"":                                "",
		"start=-2h":                       "start=1795370400.000000000",
		"start=-2h&end=-1h":               "start=1795370400.000000000&end=1795374000",
		"start=1795370400&end=1795374000": "start=1795370400.000000000&end=1795374000",
		"utc=1795370400&end=2026-11-22T19:00:00+00:00": "start=1795370400.000000000&end=2026-11-22T19%3A00%3A00+00%3A00",
		"dvr=2h":         "dvr=7200",
		"delay=21&dvr=1": "dvr=60&delay=30",
	} {
		v, err := Parse(query, true, now)
		if err != nil {
			t.Fatal(err)
		}
		got := v.Query(query, v.From)
		if got != want {
			t.Errorf("Query(%q) = %q, want %q", query, got, want)
		}
		v.Relative = false
		if again, err := Parse(got, false, now); err != nil || again != v {
			t.Errorf("%q selects %+v, %v, want %+v", got, again, err, v)
		}
	}
}

// FuzzParse: every query is rejected with a code, or selects what its renditions'
// query selects.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"start=-2h&end=-1h", "start=1795370400.5", "utc=2026-11-22T19:00:00+01:00", "dvr=2h&delay=1&_HLS_skip=v2", "start=%zz", "a&b=c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		ours, theirs := Split(query, []string{"end"})
		if again, rest := Split(theirs, []string{"end"}); again != "" || rest != theirs {
			t.Fatalf("of the origin's %q, %q is ours", theirs, again)
		}
		v, err := Parse(ours, true, now)
		if err != nil {
			if codeOf(err) != CodeBadTime || strings.ContainsAny(err.Error(), "\n\r") {
				t.Fatalf("Parse(%q): %v", ours, err)
			}
			return
		}
		v.Relative, v.Skip = false, false
		if again, err := Parse(v.Query(ours, v.From), false, now); err != nil || again != v {
			t.Fatalf("%q selects %+v, its renditions %+v, %v", ours, v, again, err)
		}
	})
}
