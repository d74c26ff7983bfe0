package playlist

import (
	"math/big"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"vod2live/loop"
)

// FuzzAttributes reads a list, replaces every value and finds the same names.
func FuzzAttributes(f *testing.F) {
	f.Add(`#EXT-X-KEY:METHOD=AES-128,URI="a,b=c",IV=0x1`)
	f.Add(`#T:A,B==,"C"=1,D="open`)
	f.Add(`#T:=,,=",",,`)
	f.Fuzz(func(t *testing.T, line string) {
		list := attributes(line)
		end := 0
		for _, a := range list {
			if a.from < end || a.to < a.from || a.to > len(line) {
				t.Fatalf("%q: %+v after %d", line, a, end)
			}
			end = a.to
		}
		none := func(attribute) (string, bool) { return "", false }
		if got := replaceAttributes(line, none); got != line {
			t.Fatalf("%q became %q", line, got)
		}
		replaced := replaceAttributes(line, func(attribute) (string, bool) { return `"x,=y"`, true })
		again := attributes(replaced)
		if len(again) != len(list) && !strings.Contains(line, `"`) {
			t.Fatalf("%q has %d attributes, %q has %d", line, len(list), replaced, len(again))
		}
		for i, a := range again {
			if !strings.Contains(line, `"`) && (a.name != list[i].name || a.value != "x,=y") {
				t.Fatalf("%q: %+v, want %s", replaced, a, list[i].name)
			}
		}
	})
}

// FuzzParseDuration holds durations against exact fractions.
func FuzzParseDuration(f *testing.F) {
	for _, seed := range []string{"6", "6.006", ".5", "5.", "0.0000000019", "9999999.999999999", "10000000", "1e3", "-1", "NaN", "+2", "-2e0", "1.1e-05", "0.00012e+4", "1e-12", "1e9999999", "-", "e1", "1e", "1e+-1", " 4 ", "", "."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, ok := parseDuration(text)
		if !ok {
			return
		}
		trimmed := strings.TrimSpace(text)
		if _, exponent, _ := strings.Cut(strings.ToLower(trimmed), "e"); len(strings.TrimLeft(exponent, "+-")) > 3 {
			t.Skip("fractions of so many digits take long")
		}
		exact, number := new(big.Rat).SetString(trimmed)
		if !number || strings.ContainsFunc(trimmed, func(r rune) bool { return !strings.ContainsRune("0123456789.+-eE", r) }) {
			t.Fatalf("parseDuration(%q) = %s", text, d)
		}
		if exact.Sign() < 0 {
			exact.SetInt64(0)
		}
		exact.Mul(exact, big.NewRat(int64(time.Second), 1))
		want := new(big.Int).Quo(exact.Num(), exact.Denom())
		if most := big.NewInt(int64(maxDuration)); want.Cmp(most) > 0 {
			want = most
		}
		if want.Int64() != int64(d) {
			t.Fatalf("parseDuration(%q) = %d, want %d", text, d, want)
		}
		written := string(appendSeconds(nil, d))
		if again, ok := parseDuration(written); !ok || again != d {
			t.Fatalf("%s written as %s is %s", d, written, again)
		}
	})
}

var reference = regexp.MustCompile(`\{\$([^}]*)\}`)

// FuzzDefine replaces variables in lines and holds them against a plain
// replacement by pattern.
func FuzzDefine(f *testing.F) {
	f.Add("a", "1", "#EXT-X-KEY:URI=\"{$a}/{$b}\"\n{$a}.ts\n# {$a}\n#EXTINF:1,{$a}", "b=2")
	f.Add("b", "{$q}", "{$b}\n{$", "q=%22%0a")
	f.Fuzz(func(t *testing.T, name, value, text, query string) {
		values, err := url.ParseQuery(query)
		if err != nil || strings.ContainsAny(name+value, "\"\r\n") || len(text) > 4096 {
			t.Skip("no such tag")
		}
		lines := append([]string{
			tagM3U,
			tagDefine + `:NAME="` + name + `",VALUE="` + value + `"`,
			tagDefine + `:QUERYPARAM="q"`,
			tagDefine + `:IMPORT="b"`,
		}, strings.Split(text, "\n")...)
		out, defined, err := substitute(lines, Variables{"b": "imported"}, strings.ReplaceAll(values.Encode(), "+", "%20"), nil)
		if err != nil {
			codeOf(t, err)
			return
		}
		if strings.ContainsFunc(defined["q"], unicode.IsControl) || defined["b"] != "imported" {
			t.Fatalf("variables %q", defined)
		}
		n := 0
		for _, line := range lines {
			tag, _ := splitTag(line)
			if tag == tagDefine {
				continue
			}
			want := line
			if !strings.HasPrefix(line, "#") || tag != "" && tag != tagInf {
				want = reference.ReplaceAllStringFunc(line, func(ref string) string { return defined[ref[2:len(ref)-1]] })
			}
			if name, _ := splitTag(want); name == tagDefine {
				return // the references made a definition
			}
			if out.lines[n] != want {
				t.Fatalf("%q became %q, want %q", line, out.lines[n], want)
			}
			n++
		}
		if n != len(out.lines) {
			t.Fatalf("%d lines, want %d", len(out.lines), n)
		}
	})
}

// nobody leaves a rendition out.
func nobody(int) *loop.Refusal { return nil }
