package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/proxy/origin"
)

// with changes the origin at /live.
func with(change func(*origin.Origin)) func(*Config) {
	return func(c *Config) { change(c.Origins[0]) }
}

func TestPolicy_WhichOfAQueryGoesToTheOrigin(t *testing.T) {
	for name, c := range map[string]struct {
		query             origin.Query
		playlist, segment string // what the origin gets
		forms             int    // of those asked for
	}{
		"forward": {origin.Query{}, "token=s3cr3t&user=7", "token=s3cr3t&user=7", 3},
		"ignore":  {origin.Query{Ignore: true}, "", "token=s3cr3t&user=7", 1},
		"names":   {origin.Query{Names: []string{"user", "other"}}, "user=7", "token=s3cr3t&user=7", 2},
		"none":    {origin.Query{Names: []string{}}, "", "token=s3cr3t&user=7", 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := newVODs(seed())
				r := newRig(t, files, with(func(o *origin.Origin) { o.Query = c.query }))
				a := r.ok("/live/master.m3u8?token=s3cr3t&user=7&CMCD=x")
				if got := files.last(t, "master.m3u8").URL.RawQuery; got != c.playlist {
					t.Errorf("the playlist was asked for with ?%s, want ?%s", got, c.playlist)
				}
				want := "master.m3u8/0.m3u8"
				if c.playlist != "" {
					want += "?" + c.playlist
				}
				if got := addressesIn(a.body)[0]; got != want {
					t.Errorf("rendition 0 is at %s, want %s", got, want)
				}
				r.ok("/live/master.m3u8?token=other&user=7")
				r.ok("/live/master.m3u8?user=8&token=s3cr3t&user=7")
				if all := r.station.Snapshots(); len(all) != 1 || all[0].Forms != c.forms {
					t.Errorf("%d streams are loaded, want one of %d forms", len(all), c.forms)
				}
				r.ok(aSegment + "?token=s3cr3t&user=7")
				if got := files.last(t, "master_Layer1_001.ts").URL.RawQuery; got != c.segment {
					t.Errorf("the segment was asked for with ?%s, want ?%s", got, c.segment)
				}
			})
		})
	}
}

// ofAllKinds is a VOD with everything that a playlist can point at, and a
// rendition that is padded with gaps.
func ofAllKinds() map[string]string {
	video := "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXT-X-KEY:METHOD=AES-128,URI=\"key.bin?k=1\"\n"
	for n := range 6 {
		video += fmt.Sprintf("#EXTINF:4,\nv%d.m4s?n=%d\n", n, n)
	}
	audio := "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"
	for n := range 4 {
		audio += fmt.Sprintf("#EXTINF:4,\na%d.aac\n", n)
	}
	subs := "#EXTM3U\n#EXT-X-TARGETDURATION:24\n#EXTINF:24,\nall.vtt\n#EXT-X-ENDLIST\n"
	return map[string]string{
		"v/master.m3u8": "#EXTM3U\n#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"key.bin\"\n" +
			"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",URI=\"audio.m3u8\"\n" +
			"#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"s\",URI=\"subs.m3u8\"\n" +
			"#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=2x2,AUDIO=\"a\",SUBTITLES=\"s\"\nvideo.m3u8\n",
		"v/video.m3u8": video + "#EXT-X-ENDLIST\n",
		"v/audio.m3u8": audio + "#EXT-X-ENDLIST\n",
		"v/subs.m3u8":  subs,
		"v/all.vtt":    "WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n",
	}
}

// TestPolicy_DirectSegmentsComeFromTheOrigin: keys and init sections too; what
// is made here stays here.
func TestPolicy_DirectSegmentsComeFromTheOrigin(t *testing.T) {
	secret := secrets
	secrets = secrets[1:] // players are told where the origin is
	defer func() { secrets = secret }()
	for public, base := range map[string]string{"": "http://origin.test/vod/v/", "https://cdn.test/a/b": "https://cdn.test/a/b/v/"} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, newVODs(ofAllKinds()), with(func(o *origin.Origin) {
				o.Direct = true
				if public != "" {
					if err := o.SetPublic(public); err != nil {
						t.Fatal(err)
					}
				}
			}))
			multivariant := r.ok("/live/v/master.m3u8").body
			if !strings.Contains(multivariant, `URI="`+base+`key.bin"`) {
				t.Errorf("the session key:\n%s", multivariant)
			}
			for n := range 3 {
				if !strings.Contains(multivariant, fmt.Sprintf("master.m3u8/%d.m3u8", n)) {
					t.Errorf("rendition %d is not ours:\n%s", n, multivariant)
				}
			}
			video, audio := r.ok("/live/v/master.m3u8/2.m3u8").body, r.ok("/live/v/master.m3u8/0.m3u8").body
			for _, want := range []string{`URI="` + base + `key.bin?k=1"`, `URI="` + base + `init.mp4"`, "\n" + base + "v0.m4s?n=0\n"} {
				if !strings.Contains(video, want) {
					t.Errorf("no %s in\n%s", want, video)
				}
			}
			if !strings.Contains(audio, "\n"+base+"a3.aac\n") || !strings.Contains(audio, "\n0.m3u8/gap\n") {
				t.Errorf("audio:\n%s", audio)
			}
			subs := r.ok("/live/v/master.m3u8/1.m3u8").body
			if strings.Contains(subs, base) || !slicePrefix.MatchString(subs) {
				t.Errorf("subtitles:\n%s", subs)
			}
			if a := r.ok(r.slice("/live/v/master.m3u8/1.m3u8", 0)); !strings.Contains(a.body, "hello") {
				t.Errorf("a slice: %s", a.body)
			}
		})
	}
}

// TestPolicy_EachOriginHasItsOwnIntervals for asking again, and for giving up.
func TestPolicy_EachOriginHasItsOwnIntervals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, brief, long := newHosts(), newVODs(short("p.m3u8")), newVODs(short("p.m3u8"))
		h.serve(t, "brief.test", brief)
		h.serve(t, "long.test", long)
		r := newRig(t, nil, h.use(t), func(c *Config) {
			a, b := newOrigin(t, "brief", "http://user:hunter2@brief.test/vod"), newOrigin(t, "long", "http://user:hunter2@long.test/vod")
			a.Revalidate, a.GoneAfter = 5*time.Second, 30*time.Second
			b.Revalidate, b.GoneAfter = 5*time.Minute, time.Hour
			c.Origins = []*origin.Origin{a, b}
		})
		ends := map[string]time.Duration{}
		play := func(d time.Duration) {
			for range d / time.Second {
				for _, mount := range []string{"brief", "long"} {
					if a := r.get("/" + mount + "/p.m3u8"); a.status != 200 && ends[mount] == 0 {
						ends[mount] = time.Since(epoch)
					}
				}
				time.Sleep(time.Second)
			}
		}
		play(10 * time.Minute)
		if a, b := brief.count(""), long.count(""); a != 120 || b != 2 {
			t.Errorf("asked %d and %d times in ten minutes, want 120 and 2", a, b)
		}
		if a, b := r.ok("/brief/p.m3u8").maxAge(t), r.ok("/long/p.m3u8").maxAge(t); a > 4*time.Second || b > 4*time.Second {
			t.Errorf("media playlists are kept for %s and %s", a, b)
		}
		brief.fail("", status(http.StatusNotFound, ""))
		long.fail("", status(http.StatusNotFound, ""))
		play(2 * time.Hour)
		if a := ends["brief"] - 10*time.Minute; a < 30*time.Second || a > 45*time.Second {
			t.Errorf("the first ended after %s, want 30s", a)
		}
		if b := ends["long"] - 10*time.Minute; b < time.Hour || b > time.Hour+11*time.Minute {
			t.Errorf("the second ended after %s, want an hour", b)
		}
	})
}

// TestPolicy_SlicesAreFetchedAsTheirVODIs: where another origin has the same
// address, without the password.
func TestPolicy_SlicesAreFetchedAsTheirVODIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, newVODs(ofAllKinds()), func(c *Config) {
			c.Origins = append([]*origin.Origin{newOrigin(t, "open", "http://origin.test/vod")}, c.Origins...)
		})
		if a := r.ok(r.slice("/live/v/master.m3u8/1.m3u8", 0)); !strings.Contains(a.body, "hello") {
			t.Errorf("a slice: %s", a.body)
		}
	})
}
