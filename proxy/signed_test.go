package proxy

import (
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/proxy/onair"
)

// signing is an origin that signs the addresses of segments at each request for a
// playlist, and serves them for a while. With nested, addresses of media playlists
// are signed, too.
type signing struct {
	*vods
	life   time.Duration
	nested bool
}

func (o *signing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token, err := strconv.ParseInt(r.URL.Query().Get("token"), 10, 64)
	fresh := err == nil && time.Since(time.Unix(0, token)) < o.life
	switch name := path.Base(r.URL.Path); {
	case name == "master.m3u8" && o.nested, strings.HasPrefix(name, "master_") && path.Ext(name) == ".m3u8":
		o.mu.Lock()
		text := o.files[name]
		o.asked = append(o.asked, r)
		o.mu.Unlock()
		fmt.Fprint(w, sign(text, time.Now().UnixNano()))
	case name == "master.m3u8":
		o.vods.ServeHTTP(w, r)
	case fresh:
		fmt.Fprint(w, "media")
	default:
		http.Error(w, "expired", http.StatusNotFound)
	}
}

func sign(text string, token int64) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line[0] != '#' {
			line = fmt.Sprintf("%s?token=%d\n", strings.TrimSpace(line), token)
		}
		b.WriteString(line)
	}
	return b.String()
}

// even is a VOD of two bit rates with segments of four seconds.
func even(length time.Duration) map[string]string {
	seconds := []int{4, 4, 2}
	for len(seconds)*4 < int(length/time.Second) {
		seconds = append(seconds, 4)
	}
	files := bitrates("master", seconds...)
	files["master.m3u8"] = seed()["master.m3u8"]
	return files
}

// playAll polls a stream and fetches all that is listed, at once and just before the
// next poll.
func (r *rig) playAll(d, every time.Duration) {
	r.t.Helper()
	for range d / every {
		for _, address := range seedAddresses[1:] {
			p := readPlaylist(r.t, r.ok(address).body)
			for _, s := range p.segments {
				r.ok(path.Join(path.Dir(address), s.uri[:strings.IndexByte(s.uri, '?')]) + s.uri[strings.IndexByte(s.uri, '?'):])
			}
			time.Sleep(every / 2)
			newest := p.newest().uri
			r.ok(path.Join(path.Dir(address), newest[:strings.IndexByte(newest, '?')]) + newest[strings.IndexByte(newest, '?'):])
		}
	}
}

func TestSigned_AListedAddressIsNeverExpired(t *testing.T) {
	for _, life := range []time.Duration{20 * time.Second, time.Minute, time.Hour} {
		for _, length := range []time.Duration{10 * time.Second, 2 * time.Minute, 2 * time.Hour} {
			for _, nested := range []bool{false, true} {
				t.Run(fmt.Sprintf("tokens of %s, VOD of %s, nested %t", life, length, nested), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						origin := &signing{newVODs(even(length)), life, nested}
						r := newRig(t, origin)
						r.ok("/live/master.m3u8")
						r.playAll(5*time.Minute, 4*time.Second)
						before := readPlaylist(t, r.ok(seedAddresses[1]).body)
						time.Sleep(2 * time.Hour)
						r.playAll(time.Minute, 2*time.Second)
						time.Sleep(time.Minute)
						r.playAll(8*time.Second, 4*time.Second)
						if n := r.eras(metrics.EraBegun) + r.eras(metrics.EraRefused); n != 0 {
							t.Errorf("%d eras", n)
						}
						if after := readPlaylist(t, r.ok(seedAddresses[1]).body); after.sequence <= before.sequence {
							t.Errorf("EXT-X-MEDIA-SEQUENCE:%d after %d", after.sequence, before.sequence)
						}
					})
				})
			}
		}
	}
}

// TestSigned_LongTokensAreRenewedAtTheRevalidationInterval, once it is known how
// long they are good.
func TestSigned_LongTokensAreRenewedAtTheRevalidationInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		origin := &signing{newVODs(even(time.Minute)), time.Hour, false}
		r := newRig(t, origin)
		r.ok("/live/master.m3u8")
		r.playAll(10*time.Minute, 4*time.Second)
		origin.forget()
		r.playAll(10*time.Minute, 4*time.Second)
		if n := origin.count("master_Layer1.m3u8"); n < 9 || n > 11 {
			t.Errorf("%d requests in ten minutes, want 10", n)
		}
	})
}

// TestSigned_AnEditOfASignedVODTakesOver though no two looks find equal bytes.
func TestSigned_AnEditOfASignedVODTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		origin := &signing{newVODs(even(time.Minute)), time.Hour, false}
		r := newRig(t, origin)
		r.ok("/live/master.m3u8")
		r.playAll(time.Minute, 4*time.Second)
		origin.putAll(bitrates("master", 3, 3, 3))
		r.playAll(5*time.Minute, 4*time.Second)
		if r.eras(metrics.EraBegun) != 1 || readPlaylist(t, r.ok(seedAddresses[1]).body).newest().duration != 3*time.Second {
			t.Errorf("%d eras", r.eras(metrics.EraBegun))
		}
	})
}

// TestSigned_StaticQueriesCostOneMoreLook, and nothing after.
func TestSigned_StaticQueriesCostOneMoreLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		files.put("master_Layer1.m3u8", sign(seed()["master_Layer1.m3u8"], 1))
		r := newRig(t, files)
		for range 10 * 60 {
			r.ok(seedAddresses[1])
			time.Sleep(time.Second)
		}
		if n := files.count("master_Layer1.m3u8"); n != 11 {
			t.Errorf("%d requests in ten minutes, want 11", n)
		}
	})
}

// TestSigned_AnAddressOfAnEarlierLookIsStillPassedOn where only listed queries are.
func TestSigned_AnAddressOfAnEarlierLookIsStillPassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		origin := &signing{newVODs(even(time.Minute)), time.Hour, false}
		r := newRig(t, origin, func(c *Config) { c.Origins[0].Listed = true })
		r.ok("/live/master.m3u8")
		for range 5 {
			earlier := readPlaylist(t, r.ok(seedAddresses[1]).body).newest().uri
			r.playAll(30*time.Second, 4*time.Second)
			name, query, _ := strings.Cut(earlier, "?")
			r.ok(path.Join(path.Dir(seedAddresses[1]), name) + "?" + query)
		}
		once := r.station.Store().Bytes
		time.Sleep(time.Hour)
		r.playAll(30*time.Second, 4*time.Second)
		if now := r.station.Store().Bytes; now > once*5/4 {
			t.Errorf("the addresses of earlier looks are kept: %d bytes, an hour before %d", now, once)
		}
	})
}

// TestUnsettled_PathsThatDifferInEachLookAreAProblem until they stay.
func TestUnsettled_PathsThatDifferInEachLookAreAProblem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		var looks atomic.Int64
		files.fail("master_Layer1.m3u8", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.ReplaceAll(seed()["master_Layer1.m3u8"], "master_", fmt.Sprintf("%d/master_", looks.Add(1))))
		})
		p := newPlayer(t, newRig(t, files))
		p.watch(20 * time.Minute)
		if !p.r.problemsOf(t, onair.CodeVODUnsettled) || p.r.logs.FilterField(zap.String("code", onair.CodeVODUnsettled)).Len() != 1 || p.r.eras(metrics.EraBegun) != 0 {
			t.Error("the problem is not reported, or not once")
		}
		files.fail("master_Layer1.m3u8", nil)
		p.watch(10 * time.Minute)
		if p.r.problemsOf(t, onair.CodeVODUnsettled) || p.r.eras(metrics.EraBegun) != 1 {
			t.Error("the problem is still reported")
		}
	})
}

// TestSigned_AddressesThatAreTooLongAreRefusedByName: the old ones play on.
func TestSigned_AddressesThatAreTooLongAreRefusedByName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := short("p.m3u8")["p.m3u8"]
		signedBy := func(token string) string { return strings.ReplaceAll(text, ".ts", ".ts?token="+token) }
		files := newVODs(map[string]string{"p.m3u8": signedBy("first")})
		r := newRig(t, files, func(c *Config) { c.Options.Window = 10 * time.Minute })
		r.ok("/live/p.m3u8")
		files.put("p.m3u8", signedBy(strings.Repeat("x", 100_000)))
		for range 60 {
			time.Sleep(5 * time.Second)
			if a := r.ok("/live/p.m3u8"); !strings.Contains(a.body, "token=first") {
				t.Fatal("the first addresses are gone")
			}
		}
		refused := r.logs.FilterMessage("the VOD has changed, and the new version can't take over; the old one plays on").All()
		if len(refused) == 0 || refused[0].ContextMap()["code"] != "too-large" {
			t.Errorf("the log has %v, want too-large", refused)
		}
	})
}
