package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"vod2live/metrics"
	"vod2live/playlist"
	"vod2live/playlist/mask"
	"vod2live/proxy"
	"vod2live/proxy/onair"
	"vod2live/proxy/origin"
	"vod2live/proxy/preflight"
)

// The secrets of the tests: the origin's password and a viewer's query.
const (
	password = "hunter2"
	token    = "s3cr3t"
)

// rig is the operator's handler of a Server that has a stream loaded.
type rig struct {
	http.Handler
	t      *testing.T
	server *proxy.Server
	id     string // of the stream /live/a.m3u8
}

const aVOD = "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:4,\na.ts\n#EXTINF:4,\nb.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:4,\nc.ts\n#EXT-X-ENDLIST\n"

// vods is an origin of a.m3u8, b.m3u8, movie/master.m3u8 and multi.m3u8. It needs the
// password.
func vods(w http.ResponseWriter, r *http.Request) {
	if _, given, _ := r.BasicAuth(); given != password {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch r.URL.Path {
	case "/vod/a.m3u8", "/vod/b.m3u8", "/vod/movie/master.m3u8":
		fmt.Fprint(w, aVOD)
	case "/vod/multi.m3u8":
		fmt.Fprint(w, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=16x16\na.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nb.m3u8\n")
	default:
		http.NotFound(w, r)
	}
}

func newRig(t *testing.T, more ...onair.Channel) *rig {
	t.Helper()
	from := httptest.NewServer(http.HandlerFunc(vods))
	t.Cleanup(from.Close)
	o, err := origin.New("live", strings.Replace(from.URL, "//", "//user:"+password+"@", 1)+"/vod", 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	transport := proxy.NewTransport(10 * time.Second)
	t.Cleanup(transport.CloseIdleConnections)
	m, journal := metrics.New("1.2.3"), NewJournal()
	server := proxy.New(proxy.Config{Config: onair.Config{
		Origins: []*origin.Origin{o}, Transport: transport, Now: time.Now, Log: zap.New(journal.Core(zap.InfoLevel)), Metrics: m,
		Channels:   append([]onair.Channel{{Name: "news", Origin: "live", Path: "multi.m3u8", Options: playlist.Options{Window: 10 * time.Second, Epoch: time.Unix(0, 0)}}}, more...),
		Options:    playlist.Options{Window: time.Minute, Epoch: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)},
		Revalidate: time.Hour, GoneAfter: time.Hour, Timeout: 10 * time.Second, CacheBytes: 64 << 20, Examine: preflight.Examine,
	}})
	t.Cleanup(server.Close)
	<-server.Station().Tried()
	r := &rig{t: t, server: server}
	settings := Settings{Origins: []OriginSettings{{Name: "live", Query: []string{"a"}, Headers: map[string]string{"Authorization": mask.Secret}}}, Channels: []ChannelSettings{{Name: "news"}}}
	r.Handler = New(Config{
		Metrics: m, Ready: NewReadiness(m), Station: server.Station, Settings: func() Settings { return settings }, Journal: journal,
		Version: "1.2.3", Started: time.Now(), Address: "127.0.0.1:9180", Listener: loopback, Viewers: anywhere,
	})
	r.id = r.json("POST", "/api/load?address=/live/a.m3u8%3Ftoken="+token)["id"].(string)
	return r
}

// ask asks and holds what is true of every answer.
func (r *rig) ask(method, path string) *httptest.ResponseRecorder {
	r.t.Helper()
	w := ask(r, method, path)
	for _, secret := range []string{password, token, "dXNlcjpodW50ZXIy"} {
		if strings.Contains(w.Body.String(), secret) {
			r.t.Errorf("%s %s tells %s: %s", method, path, secret, w.Body)
		}
	}
	if h := w.Header(); strings.HasPrefix(path, "/api/") && (h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff") {
		r.t.Errorf("%s %s: %v", method, path, h)
	}
	return w
}

// json asks and wants an object.
func (r *rig) json(method, path string) (object map[string]any) {
	r.t.Helper()
	w := r.ask(method, path)
	if err := json.Unmarshal(w.Body.Bytes(), &object); w.Code != http.StatusOK || err != nil || w.Header().Get("Content-Type") != "application/json" {
		r.t.Fatalf("%s %s: %d %v %s", method, path, w.Code, err, w.Body)
	}
	return object
}

// films is a channel of two VODs.
func films() onair.Channel {
	item := func(path string) onair.Item { return onair.Item{Clip: onair.Clip{Origin: "live", Path: path}} }
	return onair.Channel{
		Name: "films", Origin: "live", Path: "a.m3u8", Options: playlist.Options{Window: 10 * time.Second, Epoch: time.Unix(0, 0)},
		Eras: []onair.Era{{At: time.Unix(0, 0), Loop: []onair.Item{item("a.m3u8"), item("b.m3u8")}}},
	}
}

// TestAPI_AChannelOfSeveralItemsHasNoChangedVOD: its items are no versions of one VOD.
func TestAPI_AChannelOfSeveralItemsHasNoChangedVOD(t *testing.T) {
	list := newRig(t, films()).json("GET", "/api/streams?search=films")["streams"].([]any)
	if one := list[0].(map[string]any); len(list) != 1 || one["era"] != 0.0 || one["confirmed"] != nil {
		t.Errorf("%v", list)
	}
}

// TestAPI_ChecksNoChannelOfListsAsItsModel: that is one of its VODs, and says nothing of
// the channel.
func TestAPI_ChecksNoChannelOfListsAsItsModel(t *testing.T) {
	r := newRig(t, films())
	w := r.ask("GET", "/api/check?address=/films/master.m3u8")
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "-channel films") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestAPI_AChannelOffAirNamesAndChecksWhatFails: its model may be a good VOD.
func TestAPI_AChannelOffAirNamesAndChecksWhatFails(t *testing.T) {
	item := func(path string) onair.Item { return onair.Item{Clip: onair.Clip{Origin: "live", Path: path}} }
	with := func(change func(*onair.Channel)) onair.Channel {
		c := films()
		change(&c)
		return c
	}
	for name, c := range map[string]struct {
		channel onair.Channel
		vod     string
		status  int
		has     []string
	}{
		"an absent item": {
			with(func(c *onair.Channel) { c.Eras[0].Loop[1] = item("none.m3u8") }), "none.m3u8", 200,
			[]string{`"address":"","origin":"live","vod":"none.m3u8"`, `"code":"not-found"`},
		},
		"an absent slate": {with(func(c *onair.Channel) {
			b := onair.Breaks{Between: true, For: 10 * time.Second, Slate: item("slate.m3u8").Clip}
			c.Eras[0].Loop[1].Clip = c.Eras[0].Loop[1].WithBreaks(b)
		}), "slate.m3u8", 200, []string{`"vod":"slate.m3u8"`, `"code":"not-found"`}},
		"an item that does not fit": {with(func(c *onair.Channel) {
			c.Eras[0].Loop = []onair.Item{item("b.m3u8")}
			c.Target = 3 * time.Second
		}), "b.m3u8", 200, []string{`"loops":true`, `"code":"target-duration-exceeded"`, "channel films could not play it: live/b.m3u8: ", "-channel films"}},
		"no schedule object": {with(func(c *onair.Channel) {
			c.Eras, c.Path, c.Object = nil, "kids.json", &onair.ObjectSource{Origin: "live", Path: "kids.json"}
		}), "", 400, []string{"channel films is off air, and no single VOD fails: schedule-unreadable: ", "-channel films"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, c.channel)
			off := r.json("GET", "/api/streams")["off_air"].([]any)[0].(map[string]any)
			if off["channel"] != "films" || off["lists"] != true || off["origin"] != "live" || off["vod"] != c.vod {
				t.Errorf("%v, want VOD %q", off, c.vod)
			}
			w := r.ask("GET", "/api/check?address=/films/master.m3u8")
			for _, has := range c.has {
				if w.Code != c.status || !strings.Contains(w.Body.String(), has) {
					t.Errorf("%d %s, want %d %s", w.Code, w.Body, c.status, has)
				}
			}
		})
	}
}

func TestAPI_AnswersWhatAnOperatorAsks(t *testing.T) {
	r := newRig(t)
	stream := "/api/streams/" + r.id
	for _, c := range []struct {
		method, path string
		status       int
		has          string
	}{
		{"GET", "/api/status", 200, `"version":"1.2.3"`},
		{"GET", "/api/status", 200, `"ready":false,"viewers_address":"[::]:9180","streams":2,`},
		{"GET", "/api/status", 200, `"loads":{"busy":0,"failed":0,"not_found":0,"ok":2,`},
		{"GET", "/api/streams", 200, `"total":2,"viewers":0,"origins":{"live":2},"troubled":2,"streams":[{"id":"`},
		{"GET", "/api/streams?search=news", 200, `"total":1,`},
		{"GET", "/api/streams", 200, `/vod/a.m3u8?***","text":"3 segments are longer than EXT-X-TARGETDURATION:3","advice":"Package the VOD again`},
		{"GET", stream, 200, `"code":"target-duration"`},
		{"GET", stream + "?at=2026-01-01T00:00:00Z", 200, `{"now":"2026-01-01T00:00:00.000Z",`},
		{"GET", stream + "?at=yesterday", 400, `{"error":"at is an instant such as 2026-01-01T00:00:00Z"}`},
		{"GET", stream + "?at=1999-01-01T00:00:00Z", 400, `{"error":"the instant is before`},
		{"GET", stream + "?at=0001-01-01T00:00:00Z", 400, `{"error":"the instant is before`},
		{"GET", stream + "/playlist?rendition=0&at=0001-01-01T00:00:00Z", 400, `{"error":"the instant is before`},
		{"GET", stream + "/playlist?rendition=0", 200, "#EXTM3U\n"},
		{"GET", stream + "/playlist?rendition=0&at=2026-01-01T00:00:00Z", 200, "#EXT-X-PROGRAM-DATE-TIME:2025-12-31T23:59:56.000Z\n"},
		{"GET", stream + "/playlist?rendition=0&at=2020-01-01T00:00:01Z", 503, `{"error":"the stream has not begun","code":"not-begun"}`},
		{"GET", stream + "/playlist?rendition=1", 404, `{"error":"the stream has no such rendition"}`},
		{"GET", stream + "/playlist?rendition=-1", 404, `{"error":`},
		{"GET", stream + "/playlist", 400, `{"error":"rendition is a number`},
		{"GET", "/api/streams/0123456789abcdef", 404, `{"error":"no stream of this id is loaded"}`},
		{"GET", "/api/streams/0123456789abcdef/playlist?rendition=0", 404, `{"error":"no stream of this id is loaded"}`},
		{"GET", "/api/schedule?channel=news&from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:13Z", 200, `{"channel":"news","from":"2026-01-01T00:00:00.000Z","to":"2026-01-01T00:00:13.000Z","plays":[{"start":"2026-01-01T00:00:00.000Z","end":"2026-01-01T00:00:12.000Z","vod":"live/`},
		{"GET", "/api/schedule?channel=news&from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:13Z", 200, `"entry":0,"filler":false,"media_sequence":[`},
		{"GET", "/api/schedule?channel=news&from=2026-01-01T00:00:00Z", 200, `"more":true}`},
		{"GET", "/api/schedule?channel=news", 200, `,"plays":[{"start":"`},
		{"GET", "/api/schedule", 404, `{"error":"no channel of this name is configured"}`},
		{"GET", "/api/schedule?channel=live", 404, `{"error":"no channel of this name is configured"}`},
		{"GET", "/api/schedule?channel=news&from=noon", 400, `{"error":"from is an instant such as 2026-01-01T00:00:00Z"}`},
		{"GET", "/api/schedule?channel=news&to=noon", 400, `{"error":"to is an instant such as 2026-01-01T00:00:00Z"}`},
		{"GET", "/api/schedule?channel=news&from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", 400, `{"error":"to is after from`},
		{"GET", "/api/schedule?channel=news&to=9999-01-01T00:00:00Z", 400, `{"error":"to is after from`},
		{"GET", "/api/origins", 200, `"state":"ok"`},
		{"GET", "/api/origins", 200, `"failing_since":null,"places":[`},
		{"GET", "/api/events", 200, `"count":1,"level":"info","text":"stream loaded","code":"","about":"live","path":"a.m3u8","cause":""}`},
		{"GET", "/api/cache", 200, `"failures_remembered":0`},
		{"GET", "/api/config", 200, `"headers":{"Authorization":"***"}`},
		{"GET", "/api/check?address=/live/b.m3u8", 200, `{"loops":true,`},
		{"GET", "/api/check?address=/news/master.m3u8", 200, `"kind":"video"`},
		{"GET", "/api/check?address=/live/none.m3u8", 200, `"code":"not-found"`},
		{"GET", "/api/check?address=http://169.254.169.254/x.m3u8", 404, `{"error":"not the address of a playlist`},
		{"GET", "/api/check", 404, `{"error":"not the address of a playlist`},
		{"POST", "/api/load?address=/live/none.m3u8", 404, `,"code":"not-found"}`},
		{"POST", "/api/load?address=/live/multi.m3u8/1.m3u8", 200, `{"id":"`},
		{"POST", stream + "/reload", 200, `{"outcome":"unchanged"}`},
		{"POST", "/api/streams/0123456789abcdef/reload", 404, `{"error":"no stream`},
		{"POST", stream + "/drop", 200, `{"id":"` + r.id + `"}`},
		{"POST", stream + "/drop", 404, `{"error":"no stream`},
		{"GET", stream, 404, `{"error":"no stream`},
		{"GET", "/api/", 404, `{"error":"the API has nothing at this address"}`},
		{"GET", "/api/streams/", 404, `{"error":"the API has nothing at this address"}`},
		{"POST", "/api/nothing", 404, `{"error":"the API has nothing at this address"}`},
		{"POST", "/api/status", 405, `{"error":"only GET is answered here"}`},
		{"GET", "/api/load?address=/live/b.m3u8", 405, `{"error":"only POST is answered here"}`},
		{"DELETE", stream, 405, `{"error":"only GET is answered here"}`},
		{"PUT", stream + "/reload", 405, `{"error":"only POST is answered here"}`},
	} {
		if w := r.ask(c.method, c.path); w.Code != c.status || !strings.Contains(w.Body.String(), c.has) {
			t.Errorf("%s %s: %d %.3000s; want %d %s", c.method, c.path, w.Code, w.Body, c.status, c.has)
		}
	}
}

// TestAPI_SaysWhichMethodIsAllowed, as RFC 9110 15.5.6 wants it, on the whole
// listener.
func TestAPI_SaysWhichMethodIsAllowed(t *testing.T) {
	r := newRig(t)
	for path, want := range map[string]string{"POST /api/status": "GET, HEAD", "HEAD /api/load": "POST", "POST /": "GET, HEAD", "POST /healthz": "GET, HEAD", "POST /assets/x.js": "GET, HEAD"} {
		method, path, _ := strings.Cut(path, " ")
		if w := r.ask(method, path); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != want {
			t.Errorf("%s %s: %d, Allow: %s, want 405, %s", method, path, w.Code, w.Header().Get("Allow"), want)
		}
	}
}

// TestAPI_ChecksAreBounded: each asks the origin.
func TestAPI_ChecksAreBounded(t *testing.T) {
	r := newRig(t)
	a := &api{Config: Config{Station: r.server.Station}}
	a.routes()
	for range maxChecks {
		a.checks <- struct{}{}
	}
	q := httptest.NewRequest("GET", "/api/check?address=/live/a.m3u8", nil)
	if _, err := a.check(q); err == nil || !strings.Contains(err.Error(), "other checks") {
		t.Errorf("one more check: %v", err)
	}
	<-a.checks
	if report, err := a.check(q); err != nil || !report.Loops || len(a.checks) != maxChecks-1 {
		t.Errorf("%+v, %v; %d under way", report, err, len(a.checks))
	}
}
