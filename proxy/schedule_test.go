package proxy

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/proxy/onair"
	"vod2live/proxy/schedule"
)

const objectPath = "news.json"

// byObject configures the channel news, which plays what an object says.
func byObject(c *Config) {
	c.Channels = []onair.Channel{{Name: "news", Origin: "live", Path: objectPath, Options: c.Options, Object: &onair.ObjectSource{Origin: "live", Path: objectPath, Origins: []string{"live"}}}}
}

// writer is who writes the schedule of the channel news.
type writer struct {
	t       *testing.T
	files   *vods
	current *schedule.Object
	text    string // as it was written last
}

// wish is what a channel is to play.
func wish(t *testing.T, eras ...string) *schedule.Object {
	t.Helper()
	o, err := schedule.Read("wish", []byte(`{"channel":"news","target_duration":4,"model":"live/a/master.m3u8","eras":[`+strings.Join(eras, ",")+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// era is one of a wish, so long after the epoch. play and loop are folders.
func era(after time.Duration, play, loop string) string {
	lists := fmt.Sprintf(`"at":%q`, epoch.Add(after).Format(time.RFC3339))
	for key, folders := range map[string]string{"play": play, "loop": loop} {
		var vods []string
		for folder := range strings.FieldsSeq(folders) {
			vods = append(vods, fmt.Sprintf(`"live/%s/master.m3u8"`, folder))
		}
		if vods != nil {
			lists += fmt.Sprintf(`,%q:[%s]`, key, strings.Join(vods, ","))
		}
	}
	return "{" + lists + "}"
}

// lock makes the object of a wish, as the tool does.
func (w *writer) lock(wish *schedule.Object) *schedule.Object {
	w.t.Helper()
	r := newRig(w.t, w.files)
	defer r.Close()
	config := r.config.Config
	config.Metrics, config.Log = metrics.New("tool"), zap.NewNop()
	made, err := onair.Lock(w.t.Context(), config, onair.Channel{Name: "news", Options: config.Options}, onair.LockRequest{Wish: wish, Current: w.current, Gaps: true})
	if err != nil {
		w.t.Fatal(err)
	}
	return made.Object
}

// publish writes the object of a wish.
func (w *writer) publish(wish *schedule.Object) {
	w.t.Helper()
	w.put(w.lock(wish))
}

func (w *writer) put(o *schedule.Object) {
	w.t.Helper()
	w.text = string(o.Encode())
	again, err := schedule.Read("object", []byte(w.text))
	if err != nil {
		w.t.Fatal(err)
	}
	w.current = again
	w.files.put(objectPath, w.text)
}

// agree fails unless some servers answer alike, now.
func agree(t *testing.T, all ...*rig) {
	t.Helper()
	for _, address := range []string{"/news/master.m3u8", news, "/news/master.m3u8/1.m3u8"} {
		first := all[0].ok(address)
		for n, r := range all[1:] {
			other := r.ok(address)
			if first.body != other.body {
				t.Fatalf("at %s server %d answers to %s\n%s\nand not\n%s", time.Now(), n+1, address, other.body, first.body)
			}
			for _, name := range []string{"Etag", "Last-Modified", "Cache-Control"} {
				if first.header.Get(name) != other.header.Get(name) {
					t.Fatalf("at %s server %d answers to %s with %s %q, not %q", time.Now(), n+1, address, name, other.header.Get(name), first.header.Get(name))
				}
			}
		}
	}
}

// on starts a server of the channel news, and waits until it is on air.
func (w *writer) on(changes ...func(*Config)) *rig {
	w.t.Helper()
	r := newRig(w.t, w.files, append([]func(*Config){byObject}, changes...)...)
	<-r.station.Tried()
	return r
}

// TestSchedule_ReplicasAgreeWhenverTheyStartAndLook: they look at different seconds, some
// begin from an object whose past was dropped, and the schedule is edited again and again.
func TestSchedule_ReplicasAgreeWheneverTheyStartAndLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		w := &writer{t: t, files: newVODs(vodOf("a", 4, 4), vodOf("b", 3, 3, 3), vodOf("c", 2, 4), vodOf("d", 4, 4, 4), parted("e"))}
		eras := []string{era(-time.Hour, "", "a b")}
		w.publish(wish(t, eras...))
		all := []*rig{w.on()}
		folders := []string{"a", "b", "c", "d", "e"}
		pick := func() string { return folders[random.IntN(5)] + " " + folders[random.IntN(5)] }
		for turn := range 12 {
			next := time.Now().Add(7*time.Minute + time.Duration(random.IntN(40))*time.Second).Truncate(time.Second)
			eras = append(eras, era(next.Sub(epoch), pick(), pick()))
			o := w.lock(wish(t, eras[max(0, len(eras)-2-turn):]...))
			time.Sleep(time.Duration(random.IntN(40000)) * time.Millisecond)
			w.put(o)
			for time.Now().Before(next.Add(30 * time.Second)) {
				time.Sleep(time.Duration(200+random.IntN(9000)) * time.Millisecond)
				agree(t, all...)
			}
			if len(all) < 4 {
				all = append(all, w.on())
			}
		}
		if n := len(w.current.Eras); n > 4 {
			t.Errorf("%d eras are still in the object", n)
		}
		agree(t, append(all, w.on())...)
	})
}

// TestSchedule_OfThousandsOfErasLoadsWhatIsOnAir, and no VOD more often than it must.
func TestSchedule_OfThousandsOfErasLoadsWhatIsOnAir(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writer{t: t, files: newVODs(vodOf("a", 4, 4), vodOf("b", 4, 4))}
		o := w.lock(wish(t, era(-80*time.Hour, "", "a b")))
		items := o.Eras[0].Loop
		o.Eras = nil
		for n := range int64(8000) {
			at := epoch.Add(-80 * time.Hour).Add(time.Duration(n) * 64 * time.Second)
			numbers := &schedule.Numbers{Media: []int64{16 * n, 16 * n}, Discontinuity: 8 * n}
			o.Eras = append(o.Eras, schedule.Era{At: at, Starts: at, Numbers: numbers, Loop: items[n%2 : n%2+1]})
		}
		w.put(o)
		before := w.files.count("")
		all := []*rig{w.on(), w.on()}
		for range 50 {
			agree(t, all...)
			time.Sleep(17 * time.Second)
		}
		if n := w.files.count("") - before; n > 2*7*17 { // a minute: the object, and the playlists of two VODs
			t.Errorf("%d requests of two servers in a quarter of an hour", n)
		}
		if p := readPlaylist(t, all[0].ok(news).body); p.sequence < 4400*16 {
			t.Errorf("EXT-X-MEDIA-SEQUENCE:%d", p.sequence)
		}
	})
}
