package proxy

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"vod2live/proxy/measure"
	"vod2live/proxy/media"
	"vod2live/proxy/onair"
	"vod2live/proxy/problem"
)

func continuous(c *Config) { c.Options.Continuous = true }

// newContinuousVOD is one of three segments of MPEG-TS, whose media lasts as long as the
// loop.
func newContinuousVOD(t *testing.T) *measuredVOD {
	t.Helper()
	v := newMeasuredVOD(t)
	v.segments["/vod/middle.ts"] = v.segments["/vod/first.ts"]
	return v
}

// segmentsOf are the addresses of the segments in the playlist at a path.
func (r *rig) segmentsOf(path string) (p livePlaylist, addresses []string) {
	r.t.Helper()
	p = readView(r.t, r.ok(path).body, nil).livePlaylist
	base, _ := url.Parse(path)
	for _, s := range p.segments {
		address, err := base.Parse(s.uri)
		if err != nil {
			r.t.Fatal(err)
		}
		addresses = append(addresses, address.RequestURI())
	}
	return p, addresses
}

// begins is the lowest presentation time of video in a segment, and all that is known of
// its media.
func begins(t *testing.T, body string) (int64, *media.Segment) {
	t.Helper()
	s, err := media.Read(strings.NewReader(body), media.TS, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.Track(media.Video).Shown, s
}

func TestContinuous_TimestampsGoOnOverLoops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newContinuousVOD(t), continuous)
		p, addresses := r.segmentsOf("/live/p.m3u8")
		length := r.length("p.m3u8")
		var last *media.Segment
		starts, begun := int64(0), int64(0)
		for n, address := range addresses {
			s := p.segments[n]
			if s.tagged {
				t.Errorf("number %d has a discontinuity", s.number)
			}
			if !strings.HasPrefix(address, fmt.Sprintf("/live/p.m3u8/0.m3u8/%d-", s.number)) || !strings.HasSuffix(address, ".ts") {
				t.Fatalf("number %d is at %s", s.number, address)
			}
			begin, segment := begins(t, r.ok(address).body)
			if s.number%3 == 0 {
				k := s.number / 3 // of the loop
				if want := begun + int64(length.Seconds()*90000); begun > 0 && (begin < want-1 || begin > want+1) {
					t.Errorf("loop %d begins at %d, want %d", k, begin, want)
				}
				if last != nil {
					if jumps := media.Gains(segment, last); len(jumps) > 0 {
						t.Errorf("at loop %d continuity counters jump: %v", k, jumps)
					}
				}
				begun = begin
				starts++
			}
			if s.number%3 == 2 {
				last = segment
			}
		}
		if starts < 3 {
			t.Errorf("only %d loops are in %v", starts, addresses)
		}
	})
}

func TestContinuous_AResetCarriesATag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newContinuousVOD(t), continuous, func(c *Config) { c.Options.Epoch = epoch })
		time.Sleep(12*time.Hour - time.Second)
		length := r.length("p.m3u8")
		loops := int64(12 * time.Hour / length)
		tagged := 0
		for range 20 {
			p, addresses := r.segmentsOf("/live/p.m3u8")
			for n, s := range p.segments {
				if want := s.number == 3*loops; n > 0 && s.tagged != want {
					t.Fatalf("number %d has a tag: %v; the timestamps begin anew at %d", s.number, s.tagged, 3*loops)
				}
				if s.tagged {
					tagged++
					if begin, _ := begins(t, r.ok(addresses[n]).body); begin != 10*90000 {
						t.Errorf("after a reset timestamps begin at %d", begin)
					}
				}
				if want := s.number / 3 / loops; s.discontinuity != want {
					t.Fatalf("number %d has the discontinuity sequence number %d, want %d", s.number, s.discontinuity, want)
				}
			}
			time.Sleep(time.Second)
		}
		if tagged == 0 {
			t.Error("no reset was seen")
		}
	})
}

func TestContinuous_PartsAreThoseOfTheWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newContinuousVOD(t), continuous)
		_, addresses := r.segmentsOf("/live/p.m3u8")
		address := addresses[len(addresses)/2]
		whole := r.ok(address)
		size := len(whole.body)
		for _, c := range [][2]int{{0, 1}, {0, 188}, {1, 2}, {187, 190}, {1000, 5000}, {size - 1, size}, {0, size}, {188 * 3, size}} {
			a := r.get(address, "Range", fmt.Sprintf("bytes=%d-%d", c[0], c[1]-1))
			if want := fmt.Sprintf("bytes %d-%d/%d", c[0], c[1]-1, size); a.status != http.StatusPartialContent || a.header.Get("Content-Range") != want {
				t.Fatalf("%v: %d, Content-Range %q, want %q", c, a.status, a.header.Get("Content-Range"), want)
			}
			if a.body != whole.body[c[0]:c[1]] || a.header.Get("Content-Length") != fmt.Sprint(c[1]-c[0]) || a.header.Get("Etag") != whole.header.Get("Etag") {
				t.Errorf("%v: %d bytes, Content-Length %s", c, len(a.body), a.header.Get("Content-Length"))
			}
		}
		if a := r.get(address, "Range", "bytes=100-"); a.status != http.StatusPartialContent || a.body != whole.body[100:] {
			t.Errorf("from 100 on: %d, %d bytes of %d", a.status, len(a.body), size)
		}
		if a := r.get(address, "Range", fmt.Sprintf("bytes=%d-", size)); a.status != http.StatusRequestedRangeNotSatisfiable {
			t.Errorf("beyond the end: %d", a.status)
		}
		if a := r.get(address, "Range", "bytes=-5"); a.status != http.StatusOK || a.body != whole.body {
			t.Errorf("the last bytes: %d", a.status)
		}
		if a := r.do(http.MethodHead, address); a.status != http.StatusOK || a.header.Get("Content-Length") != fmt.Sprint(size) || a.header.Get("Etag") != whole.header.Get("Etag") {
			t.Errorf("HEAD: %d %v", a.status, a.header)
		}
	})
}

// TestContinuous_OtherAddressesAreNotFound: neither a wrong sum nor a number that nothing
// lists costs a request to the origin.
func TestContinuous_OtherAddressesAreNotFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newContinuousVOD(t)
		r := newRig(t, files, continuous)
		p, addresses := r.segmentsOf("/live/p.m3u8")
		before := files.requests.Load()
		good := addresses[0]
		name := good[strings.LastIndexByte(good, '/')+1:]
		number, rest, _ := strings.Cut(name, "-")
		sum, _, _ := strings.Cut(rest, ".")
		for _, bad := range []string{
			strings.Replace(good, sum, "00000000", 1), strings.Replace(good, number+"-", fmt.Sprint(p.newest().number+1000, "-"), 1),
			strings.Replace(good, number+"-", "0-", 1), strings.Replace(good, number+"-", "9223372036854775807-", 1),
			strings.Replace(good, ".ts", ".m4s", 1), strings.Replace(good, "/0.m3u8/", "/1.m3u8/", 1),
		} {
			if a := r.get(bad); a.status != http.StatusNotFound {
				t.Errorf("%s: %d", bad, a.status)
			}
		}
		if n := files.requests.Load() - before; n != 0 {
			t.Errorf("%d requests to the origin", n)
		}
		time.Sleep(10 * time.Minute)
		if a := r.get(good); a.status != http.StatusNotFound {
			t.Errorf("long after it was listed: %d", a.status)
		}
	})
}

func TestContinuous_ReplicasAndARestartAgree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newContinuousVOD(t)
		first := newRig(t, files, continuous)
		first.ok("/live/p.m3u8")
		time.Sleep(time.Hour)
		second := newRig(t, files, continuous)
		for range 20 {
			a, b := first.ok("/live/p.m3u8"), second.ok("/live/p.m3u8")
			if a.body != b.body || a.header.Get("Etag") != b.header.Get("Etag") {
				t.Fatalf("%s\n%s", a.body, b.body)
			}
			_, addresses := first.segmentsOf("/live/p.m3u8")
			one, other := first.ok(addresses[1]), second.ok(addresses[1])
			if one.body != other.body || one.header.Get("Etag") != other.header.Get("Etag") {
				t.Fatalf("%s differs", addresses[1])
			}
			time.Sleep(1300 * time.Millisecond)
		}
	})
}

func TestContinuous_ALoadFailsWhereItsMeasurementFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newContinuousVOD(t)
		r := newRig(t, files, continuous)
		files.failing.Store(true)
		if a := r.get("/live/p.m3u8"); a.status < 500 {
			t.Errorf("%d %s", a.status, a.body)
		}
		files.failing.Store(false)
		time.Sleep(time.Minute)
		r.ok("/live/p.m3u8")
	})
}

func TestContinuous_WhatCantGoOnStaysTaggedByName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newContinuousVOD(t)
		files.playlist = strings.ReplaceAll(files.playlist, ".ts", ".ts?token=5")
		var found *measure.Tagged
		r := newRig(t, files, func(c *Config) {
			continuous(c)
			c.Examine = func(in *onair.Inspection) []problem.Problem {
				found = in.Tagged
				return nil
			}
		})
		p, _ := r.segmentsOf("/live/p.m3u8")
		tags := 0
		for _, s := range p.segments {
			if s.tagged {
				tags++
			}
		}
		if tags < 3 {
			t.Errorf("%d discontinuities", tags)
		}
		if found == nil || found.Code != measure.CodeSegmentQuery {
			t.Errorf("the reason is %+v", found)
		}
		if n := r.logs.FilterMessage("stream loaded").FilterField(zap.Strings("timestamps_restart", []string{measure.CodeSegmentQuery})).Len(); n != 1 {
			t.Errorf("the reason is in %d lines of the log", n)
		}
	})
}

// TestContinuous_PartsOfThePastHaveTheSegmentsThatWereLive: under the same names, with the
// same bytes.
func TestContinuous_PartsOfThePastHaveTheSegmentsThatWereLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const address = "/live/a.m3u8"
		r := newRig(t, newContinuousVOD(t), continuous, beginsNow, goesBack(time.Hour))
		time.Sleep(10 * time.Minute)
		p, addresses := r.segmentsOf(address)
		was := map[int64]string{}
		for n, s := range p.segments {
			was[s.number] = r.ok(addresses[n]).body
		}
		from := time.Now()
		time.Sleep(50 * time.Minute)
		for _, query := range []string{"?dvr=55m", "?delay=50m", "?" + startingAt(from.Add(-30*time.Second), time.Minute), "?" + startingAt(from.Add(-5*time.Minute), 0)} {
			p, addresses := r.segmentsOf(address + query)
			known := 0
			for n, s := range p.segments {
				if n%50 == 0 {
					r.ok(addresses[n])
				}
				if want, live := was[s.number]; live {
					known++
					if got := r.ok(addresses[n]).body; got != want {
						t.Errorf("%s: number %d has other bytes", query, s.number)
					}
				}
			}
			if known < 10 {
				t.Errorf("%s: it has %d of the segments that were live", query, known)
			}
		}
	})
}

// TestContinuous_ALoopOfOneItemOfAChannelGoesOn: what else the channel plays is tagged,
// and has the addresses of its VODs.
func TestContinuous_ALoopOfOneItemOfAChannelGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bare := func(name string) onair.Item { return onair.Item{Clip: onair.Clip{Origin: "live", Path: name}} }
		began := time.Now()
		r := newRig(t, newContinuousVOD(t), continuous, func(c *Config) {
			c.Channels = []onair.Channel{{Name: "news", Origin: "live", Path: "a.m3u8", Options: c.Options, Target: 2 * time.Second, Eras: []onair.Era{
				{At: began.Add(-time.Minute), Loop: []onair.Item{bare("a.m3u8"), bare("b.m3u8")}},
				{At: began.Add(40 * time.Second), Play: []onair.Item{bare("a.m3u8")}, Loop: []onair.Item{bare("a.m3u8")}},
				{At: began.Add(80 * time.Second), Loop: []onair.Item{bare("a.m3u8"), bare("a.m3u8")}},
			}}}
		})
		const each = 3 // segments of an item
		seen, loops, last := map[int64]bool{}, 0, int64(-1)
		for time.Since(began) < 2*time.Minute {
			p, addresses := r.segmentsOf("/news/master.m3u8")
			for n, s := range p.segments {
				if n == 0 || seen[s.number] {
					continue
				}
				seen[s.number] = true
				goesOn := strings.HasPrefix(addresses[n], "/news/master.m3u8/0.m3u8/")
				if want := s.number%each == 0 && (!goesOn || last < 0); s.tagged != want {
					t.Fatalf("number %d at %s has a tag: %v", s.number, addresses[n], s.tagged)
				}
				switch begin, _ := begins(t, r.ok(addresses[n]).body); {
				case !goesOn:
					last = -1
				case s.number%each == 0:
					if last >= 0 && begin <= last+each*90000 {
						t.Errorf("number %d begins at %d, the loop before at %d", s.number, begin, last)
					}
					last = begin
					loops++
				}
			}
			time.Sleep(time.Second)
		}
		if loops < 10 {
			t.Errorf("only %d loops have gone on", loops)
		}
	})
}

// TestContinuous_TheReasonOutlastsNewAddresses: a VOD whose addresses are signed anew, or
// differ by the viewer's token, is not measured again.
func TestContinuous_TheReasonOutlastsNewAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newContinuousVOD(t)
		signed := 0
		files.playlists = func() string {
			signed++
			return strings.ReplaceAll(files.playlist, ".ts", fmt.Sprintf(".ts?signature=%d", signed))
		}
		looks := 0
		r := newRig(t, files, func(c *Config) {
			continuous(c)
			c.Examine = func(in *onair.Inspection) []problem.Problem {
				if looks++; in.Tagged == nil || in.Tagged.Code != measure.CodeSegmentQuery {
					t.Errorf("look %d: the reason is %+v", looks, in.Tagged)
				}
				return nil
			}
		})
		for n := range 60 {
			r.ok(fmt.Sprintf("/live/p.m3u8?token=%d", n%3))
			time.Sleep(10 * time.Second)
		}
		if looks < 5 {
			t.Errorf("the VOD was examined %d times", looks)
		}
	})
}
