package proxy

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"vod2live/proxy/origin"
)

// sickRig is a Server whose origin is well until it is made sick.
type sickRig struct {
	*rig
	hosts *hosts
	files *vods
	fault fault
}

func newSickRig(t *testing.T, f fault) *sickRig {
	s := &sickRig{hosts: newHosts(), files: newVODs(seed()), fault: f}
	change := func(*Config) {}
	if f.tls == "" {
		s.hosts.serve(t, "origin.test", s.files)
	} else {
		s.hosts.serveTLS(t, "origin.test", s.files)
		change = func(c *Config) {
			c.Origins = []*origin.Origin{newOrigin(t, "live", strings.Replace(originURL, "http:", "https:", 1))}
		}
	}
	s.rig = newRig(t, nil, s.hosts.use(t), change)
	return s
}

func (s *sickRig) begin() {
	if s.fault.answer != nil {
		s.files.fail("", s.fault.answer(newVODs(seed())))
	}
	if s.fault.tls != "" {
		s.hosts.show(s.fault.tls)
	}
	s.hosts.silence(s.fault.silent)
	s.hosts.fail("origin.test", s.fault.dial)
}

func (s *sickRig) end() {
	s.files.fail("", nil)
	s.hosts.show("origin.test")
	s.hosts.silence(false)
	s.hosts.fail("origin.test", nil)
}

// visit is what one viewer sees of one request.
type visit struct {
	seen  string
	took  time.Duration
	retry string // Retry-After
}

func (v visit) String() string {
	text := v.seen + " after " + v.took.Round(100*time.Millisecond).String()
	if v.took < 100*time.Millisecond {
		text = v.seen + " at once"
	}
	if v.retry != "" {
		text += ", Retry-After " + v.retry
	}
	return text
}

func (s *sickRig) visit(path string) visit {
	ctx, leave := context.WithTimeout(s.t.Context(), viewerStays)
	defer leave()
	start := time.Now()
	a := s.serveOne(request(http.MethodGet, path).WithContext(ctx))
	v := visit{fmt.Sprint(a.status), time.Since(start), a.header.Get("Retry-After")}
	switch {
	case v.took >= viewerStays:
		v.seen = "slow"
	case a.cut:
		v.seen = "cut"
	}
	return v
}

// recovers says after how long an address is answered again with what the well
// origin has.
func (s *sickRig) recovers(path string) time.Duration {
	s.end()
	start := time.Now()
	for s.visit(path).seen != "200" {
		if time.Since(start) > time.Minute {
			s.t.Errorf("%s: no answer a minute after the fault", path)
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	return time.Since(start)
}
