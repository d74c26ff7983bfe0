package e2e

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shortLoop is the length of a VOD that several loops of soon pass.
const shortLoop = loopLength / 2

// shortened cuts a VOD like ts to shortLoop.
func shortened(dir string) error {
	for _, rendition := range []string{"270p", "180p"} {
		playlist := filepath.Join(dir, rendition, "index.m3u8")
		if err := edit(playlist, "#EXTINF:2.000000,\nseg002.ts\n#EXTINF:2.000000,\nseg003.ts\n", ""); err != nil {
			return err
		}
	}
	return nil
}

// segmentsAt makes the addresses of the segments of a VOD like ts absolute.
func segmentsAt(address string) func(dir string) error {
	return func(dir string) error {
		for _, rendition := range []string{"270p", "180p"} {
			playlist := filepath.Join(dir, rendition, "index.m3u8")
			if err := edit(playlist, "\nseg", "\n"+address+"/"+rendition+"/seg"); err != nil {
				return err
			}
		}
		return nil
	}
}

// apart is a VOD whose playlists are at one origin and whose segments are at another, and a vod2live in front of both.
type apart struct {
	playlists, segments *nginx
	proxy               *process
	entry               string // the live stream
	cold                string // another one, that is not loaded when the outage begins
}

// newApart starts all three, which end with the test, and makes the VOD.
func newApart(t *testing.T, name string) *apart {
	t.Helper()
	s := &apart{playlists: ownNginx(t), segments: ownNginx(t)}
	newKind(name, from(ts, shortened, segmentsAt(s.segments.url+"/unkept/"+name))).ready(t)
	s.proxy = startConfigured(t, nil, fmt.Sprintf(`origins:
  a: { url: %s/vods, revalidate: 1s, timeout: 2s }
  b: { url: %s/unkept, timeout: 2s }
`, s.playlists.url, s.segments.url))
	s.entry = s.proxy.viewers + "/a/" + name + "/master.m3u8"
	s.cold = s.proxy.viewers + "/a/ts/master.m3u8"
	return s
}

// outage is what fails, and for how long.
type outage struct {
	name     string
	of       func(*apart) []*nginx
	lasts    time.Duration
	behind   time.Duration // how far behind the live edge the player is
	segments int           // how many it has asked for when the outage begins: all up to the live edge, and one more
	status   int           // of a segment during the outage
}

var outages = []outage{
	{
		"of the playlists for three loops", func(s *apart) []*nginx { return []*nginx{s.playlists} },
		3*shortLoop + time.Second, 0, 4, http.StatusOK,
	},
	{
		"of everything, shorter than the buffer", func(s *apart) []*nginx { return []*nginx{s.playlists, s.segments} },
		shortLoop, 14 * time.Second, 8, http.StatusBadGateway,
	},
}

func TestOutage_HLSJSPlaysOn(t *testing.T) {
	t.Parallel()
	for i, o := range outages {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			s := newApart(t, fmt.Sprintf("apart-%d", i))
			var stream tracks
			var back time.Time
			seen := shared.chromium.run(t, play{
				name:    fileName(t),
				player:  "hls",
				source:  s.entry,
				loop:    shortLoop,
				advance: 28 * time.Second,
				behind:  o.behind,
				meanwhile: func() (err error) {
					if err := s.proxy.awaitLogged(o.segments, `"msg":"request"`, `"/b/`); err != nil {
						return err
					}
					if stream, err = tracksOf(s.entry); err != nil {
						return err
					}
					back, err = s.suffer(o, stream)
					return err
				},
			})
			checkPlay(t, seen, busy)
			checkFragments(t, seen, s.proxy.loopOf(t, s.entry))
			if n := len(seen.Fragments); n > 0 && seen.Fragments[n-1].Date < float64(back.UnixMilli()) {
				t.Errorf("the last fragment on screen is of %s, before the end of the outage", clock(seen.Fragments[n-1].Date))
			}
			for _, r := range stream {
				if err := checkVersions(r.versions); err != nil {
					t.Errorf("%s: %v", r.address, err)
				}
			}
			if len(s.proxy.logged("stream not revalidated; it plays on")) == 0 {
				t.Error("the log does not say that the stream plays on")
			}
		})
	}
}

// suffer goes through an outage while it polls the stream, until all is as before; it returns when the outage ended.
func (s *apart) suffer(o outage, stream tracks) (time.Time, error) {
	for _, n := range o.of(s) {
		n.stop()
	}
	began := time.Now()
	if err := wantStatus(s.cold, http.StatusServiceUnavailable); err != nil {
		return began, err
	}
	if err := stream.wantNewest(o.status); err != nil {
		return began, err
	}
	if err := stream.poll(time.Until(began.Add(o.lasts))); err != nil {
		return began, err
	}
	for _, n := range o.of(s) {
		if err := n.start(); err != nil {
			return began, err
		}
	}
	back := time.Now()
	if err := await(func() error { return wantStatus(s.cold, http.StatusOK) }); err != nil {
		return back, err
	}
	if took := time.Since(back); took > 6*time.Second {
		return back, fmt.Errorf("a stream that was not loaded is to be had after %v", took)
	}
	if err := stream.poll(shortLoop); err != nil {
		return back, err
	}
	return back, stream.wantNewest(http.StatusOK)
}

// tracks are the media playlists of one live stream.
type tracks []*track

func tracksOf(entry string) (tracks, error) {
	addresses, err := renditions(entry)
	if err != nil {
		return nil, err
	}
	var all tracks
	for _, address := range addresses {
		all = append(all, &track{address: address})
	}
	return all, all.poll(0)
}

// poll polls all for a while.
func (all tracks) poll(total time.Duration) (err error) {
	every(pollInterval, total, func() bool {
		for _, r := range all {
			if err = r.poll(); err != nil {
				return true
			}
		}
		return false
	})
	return err
}

// wantNewest asks for the last segment of each.
func (all tracks) wantNewest(status int) error {
	for _, r := range all {
		segments := r.segments()
		address, err := resolve(r.address, segments[len(segments)-1].uri)
		if err != nil {
			return err
		}
		if err := wantStatus(address, status); err != nil {
			return err
		}
	}
	return nil
}

// wantStatus asks for an address.
func wantStatus(address string, status int) error {
	got, err := fetch(address, "")
	if err != nil {
		return err
	}
	if got.status != status {
		return fmt.Errorf("%s: status %d, want %d: %s", address, got.status, status, strings.TrimSpace(string(got.body[:min(len(got.body), 200)])))
	}
	return nil
}
