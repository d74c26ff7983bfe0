package negotiate

import "testing"

func TestAcceptsGzip_ReadsWeights(t *testing.T) {
	for _, c := range []struct {
		values []string
		want   bool
	}{
		{nil, false},
		{[]string{""}, false},
		{[]string{"gzip"}, true},
		{[]string{"deflate, GZip;q=0.5"}, true},
		{[]string{"x-gzip"}, true},
		{[]string{"gzip;q=0"}, false},
		{[]string{"gzip; q=0.000"}, false},
		{[]string{"gzip ; Q = 1"}, true},
		{[]string{"gzip;q=x"}, false},
		{[]string{"*"}, true},
		{[]string{"*;q=0"}, false},
		{[]string{"gzip;q=0, *"}, false},
		{[]string{"*;q=0", "br, gzip"}, true},
		{[]string{"br", "identity"}, false},
		{[]string{"gzipped"}, false},
	} {
		if got := AcceptsGzip(c.values); got != c.want {
			t.Errorf("AcceptsGzip(%q) = %v", c.values, got)
		}
	}
}

func TestNames_ComparesWeakly(t *testing.T) {
	for _, c := range []struct {
		values []string
		tag    string
		want   bool
	}{
		{nil, `"a"`, false},
		{[]string{`"a"`}, `"a"`, true},
		{[]string{`W/"a"`}, `"a"`, true},
		{[]string{`"a"`}, `W/"a"`, true},
		{[]string{`"b", W/"c"`, `,, "a"`}, `"a"`, true},
		{[]string{`"b","c"`}, `"a"`, false},
		{[]string{`a`}, `"a"`, false},
		{[]string{`*`}, `"a"`, true},
		{[]string{`*`}, ``, true},
		{[]string{``, `,`, `""`}, ``, false},
		{[]string{`"a,b"`}, `"a,b"`, true},
		{[]string{`"x,"a",y"`}, `"a"`, false},
		{[]string{`"b, "a"`}, `"a"`, false},
		{[]string{`"a`}, `"a"`, false},
	} {
		if got := Names(c.values, c.tag); got != c.want {
			t.Errorf("Names(%q, %s) = %v", c.values, c.tag, got)
		}
	}
}
