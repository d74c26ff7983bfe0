package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/proxy/onair"
)

// dated is an origin whose files say when they were put, or do not.
type dated struct {
	*vods
	at     map[string]time.Time
	silent bool
}

func (d *dated) edit(files map[string]string) {
	d.putAll(files)
	d.mu.Lock()
	defer d.mu.Unlock()
	for path := range files {
		d.at[path] = time.Now()
	}
}

func (d *dated) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	at, has := d.at[strings.TrimPrefix(r.URL.Path, "/vod/")]
	d.mu.Unlock()
	d.vods.ServeHTTP(&dating{w, at, has, d.silent}, r)
}

// dating replaces the Last-Modified of an answer.
type dating struct {
	http.ResponseWriter
	at          time.Time
	has, silent bool
}

func (d *dating) WriteHeader(status int) {
	switch {
	case d.silent:
		d.Header().Del("Last-Modified")
	case d.has:
		d.Header().Set("Last-Modified", d.at.UTC().Format(http.TimeFormat))
	}
	d.ResponseWriter.WriteHeader(status)
}

// three replicas, of which the last is not watched for three hours.
type three struct {
	t   *testing.T
	all [3]*rig
}

func newThree(t *testing.T, files http.Handler) *three {
	th := &three{t: t}
	for i := range th.all {
		th.all[i] = newRig(t, files)
		th.all[i].ok(seedAddresses[1])
		time.Sleep(7 * time.Second) // they look at different instants
	}
	return th
}

// alike asks replicas for all playlists each second and compares what they answer.
func (th *three) alike(d time.Duration, replicas []*rig) {
	th.t.Helper()
	for range d / time.Second {
		for _, address := range seedAddresses {
			want := replicas[0].ok(address)
			for i, r := range replicas[1:] {
				got := r.ok(address)
				for _, name := range []string{"ETag", "Cache-Control", "Last-Modified"} {
					if got.header.Get(name) != want.header.Get(name) {
						th.t.Fatalf("%s: replica %d of %s: %s %q, want %q", time.Now(), i+1, address, name, got.header.Get(name), want.header.Get(name))
					}
				}
				if got.body != want.body {
					th.t.Fatalf("%s: replica %d of %s:\n%s\nwant\n%s", time.Now(), i+1, address, got.body, want.body)
				}
			}
		}
		time.Sleep(time.Second)
	}
}

func TestTakeover_ReplicasAgreeWithoutTalking(t *testing.T) {
	for name, seconds := range map[string][]int{"other lengths": {4, 3, 4}, "a longer target duration": {7, 9, 8}, "a long VOD": {60, 60, 60}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := &dated{vods: newVODs(seed()), at: map[string]time.Time{}}
				th := newThree(t, files)
				th.alike(90*time.Second, th.all[:2])
				files.edit(bitrates("edited", seconds...))
				th.alike(7*time.Minute, th.all[:2])
				if !strings.Contains(th.all[0].ok(seedAddresses[1]).body, "edited") {
					t.Fatal("the edit is not on air")
				}
				time.Sleep(3 * time.Hour)
				th.alike(7*time.Minute, th.all[:])
				files.edit(bitrates("again", 5, 5, 5))
				th.alike(7*time.Minute, th.all[:])
				for i, r := range th.all {
					if r.eras(metrics.EraBegun) != 2 || r.logs.FilterField(zap.String("code", onair.CodeEditSeenLate)).Len() != 0 {
						t.Errorf("replica %d: %d eras, or an edit was seen late", i, r.eras(metrics.EraBegun))
					}
				}
			})
		})
	}
}

// TestTakeover_WithoutLastModifiedItIsLate, and each replica goes on by itself.
func TestTakeover_WithoutLastModifiedItIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := &dated{vods: newVODs(seed()), at: map[string]time.Time{}, silent: true}
		th := newThree(t, files)
		files.edit(bitrates("edited", 3, 3, 3))
		for _, r := range th.all {
			p := newPlayer(t, r)
			p.watch(5 * time.Minute)
			if !p.shows("edited") || r.logs.FilterField(zap.String("code", onair.CodeEditSeenLate)).Len() != 1 {
				t.Error("the edit is not on air, or is not said to be late")
			}
		}
	})
}

// TestTakeover_NumbersNeverFallOverEditsThatCross: the next edit comes at any time
// after the one before.
func TestTakeover_NumbersNeverFallOverEditsThatCross(t *testing.T) {
	for _, between := range []time.Duration{10, 70, 130, 170, 181, 190, 200, 260} {
		t.Run(fmt.Sprint(between), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				files := &dated{vods: newVODs(seed()), at: map[string]time.Time{}}
				p := newPlayer(t, newRig(t, files))
				p.watch(30 * time.Second)
				files.edit(bitrates("first", 20, 10))
				p.watch(between * time.Second)
				files.edit(bitrates("second", 4, 4, 3))
				p.watch(10 * time.Minute)
				if !p.shows("second") {
					t.Error("the second edit is not on air")
				}
			})
		})
	}
}

func TestRevalidate_AnEditWhoseOldPlaylistsAreGoneIsAnEdit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		p := newPlayer(t, newRig(t, files))
		p.watch(10 * time.Second)
		files.mu.Lock()
		for layer := 1; layer <= 2; layer++ {
			was := fmt.Sprintf("master_Layer%d.m3u8", layer)
			files.files[fmt.Sprintf("v2_Layer%d.m3u8", layer)] = strings.ReplaceAll(files.files[was], "master_", "edited_")
			delete(files.files, was)
		}
		files.files["master.m3u8"] = strings.ReplaceAll(files.files["master.m3u8"], "master_", "v2_")
		files.mu.Unlock()
		p.watch(20 * time.Minute)
		if !p.shows("edited") || p.r.found(metrics.Gone) != 0 {
			t.Error("the edit is not on air, or is taken for gone")
		}
	})
}

// TestRevalidate_ADeletedRenditionDoesNotEndTheStream, even one that is needed.
func TestRevalidate_ADeletedRenditionDoesNotEndTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		files := newVODs(seed())
		p := newPlayer(t, newRig(t, files))
		p.watch(10 * time.Second)
		files.fail("master_Layer2.m3u8", status(http.StatusNotFound, ""))
		p.watch(time.Hour)
		files.fail("master_Layer2.m3u8", nil)
		p.watch(5 * time.Minute)
		if p.r.found(metrics.Gone) != 0 || p.r.eras(metrics.EraBegun) != 0 || p.r.problemsOf(t, onair.CodeVODChanged) {
			t.Error("the VOD is taken for gone or changed")
		}
	})
}

// problemsOf reports whether the only stream has a problem.
func (r *rig) problemsOf(t *testing.T, code string) bool {
	t.Helper()
	for _, p := range r.snapshot("master.m3u8").Problems {
		if p.Code == code {
			return true
		}
	}
	return false
}

// TestTakeover_ALateEditBeginsASecondLaterAtTheSoonest: at any time of the loop.
// Until then it has not been said when the next version begins.
func TestTakeover_ALateEditBeginsASecondLaterAtTheSoonest(t *testing.T) {
	for offset := time.Duration(0); offset < 16*time.Second; offset += 700 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			files := &dated{vods: newVODs(seed()), at: map[string]time.Time{}, silent: true}
			r := newRig(t, files)
			time.Sleep(offset)
			p := newPlayer(t, r)
			p.watch(time.Second)
			files.edit(bitrates("edited", 3, 3, 3))
			p.watch(4 * time.Minute)
			begun := r.logs.FilterField(zap.Int("era", 1)).All()
			if len(begun) != 1 {
				t.Fatalf("%d lines about a new version", len(begun))
			}
			if at := begun[0].ContextMap()["at"].(time.Time); at.Sub(begun[0].Time) < time.Second {
				t.Errorf("at %s the new version was ready, it begins at %s", begun[0].Time, at)
			}
		})
	}
}
