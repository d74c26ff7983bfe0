package proxy

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
)

// TestLoad_AContentEncodingThatIsNoneIsIgnored: S3 work-alikes keep aws-chunked
// from an upload by AWS CLI, over a plain body.
func TestLoad_AContentEncodingThatIsNoneIsIgnored(t *testing.T) {
	plain := short("p.m3u8")["p.m3u8"]
	for said, c := range map[string]struct {
		body   string
		status int
	}{
		"aws-chunked":       {plain, 200},
		"utf-8":             {plain, 200},
		"br":                {plain, 200},
		"zstd":              {"\ufeff" + plain, 200},
		"aws-chunked,gzip":  {string(packed(plain)), 200},
		"gzip, aws-chunked": {string(packed(plain)), 200},
		"GZip":              {string(packed(plain)), 200},
		"deflate":           {"?" + plain, 502},
	} {
		t.Run(said, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs()
				files.fail("p.m3u8", func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Encoding", said)
					fmt.Fprint(w, c.body)
				})
				r := newRig(t, files)
				if a := r.get("/live/p.m3u8"); a.status != c.status {
					t.Errorf("%d %s", a.status, a.body)
				}
				r.rest()
				if used := r.station.Room().Used(); used != 0 {
					t.Errorf("%d bytes of loads are not given back", used)
				}
			})
		})
	}
}
