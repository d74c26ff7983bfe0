package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// blobs is an origin that wants a parameter, a header and a password, exactly once
// each, and says them again wherever it can.
type blobs struct {
	mu    sync.Mutex // guards wrong
	wrong []string   // queries
}

const paramValue = "s3cr3t"

var blobPlaylists = map[string]string{
	"media.m3u8":   "#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n1.ts\n#EXTINF:2,\n?part=2\n#EXT-X-ENDLIST\n",
	"define.m3u8":  "#EXT-X-DEFINE:QUERYPARAM=\"sv\"\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n1.ts?of={$sv}\n#EXT-X-ENDLIST\n",
	"text.m3u8":    "#EXT-X-TARGETDURATION:4\n#EXTINF:4,\ncues.vtt\n#EXT-X-ENDLIST\n",
	"master.m3u8":  "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"s\",URI=\"text.m3u8\"\n#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=2x2,SUBTITLES=\"s\"\nmedia.m3u8\n",
	"imports.m3u8": "#EXT-X-DEFINE:QUERYPARAM=\"sv\"\n#EXT-X-STREAM-INF:BANDWIDTH=1\nmedia.m3u8?of={$sv}\n",
	"child.m3u8":   "#EXT-X-STREAM-INF:BANDWIDTH=1\ndefine.m3u8\n",
}

func (b *blobs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, password, _ := r.BasicAuth()
	if q := r.URL.Query()["sv"]; len(q) != 1 || q[0] != paramValue || password != paramValue || r.Header.Get("X-Token") != paramValue {
		b.mu.Lock()
		b.wrong = append(b.wrong, r.URL.RawQuery)
		b.mu.Unlock()
	}
	name := strings.TrimPrefix(r.URL.Path, "/vod/")
	text, known := blobPlaylists[name]
	switch {
	case known:
		fmt.Fprint(w, "#EXTM3U\n"+text)
	case strings.HasPrefix(name, "moved-"):
		http.Redirect(w, r, "/vod/"+name[len("moved-"):]+"?"+r.URL.RawQuery, http.StatusFound)
	case strings.HasPrefix(name, "away"):
		http.Redirect(w, r, "https://login.test/?next="+r.URL.RawQuery, http.StatusFound)
	case strings.HasPrefix(name, "fails"):
		http.Error(w, r.RequestURI, http.StatusInternalServerError)
	case strings.HasPrefix(name, "garbage"):
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %s %s %s\r\n\r\n", r.RequestURI, r.Header.Get("Authorization"), password)
	case name == "cues.vtt":
		fmt.Fprint(w, "WEBVTT\n\n00:00.000 --> 00:03.000\nhello\n")
	case name == "absent.m3u8":
		http.NotFound(w, r)
	default:
		fmt.Fprint(w, "G")
	}
}

// shown is all that a program shows of what it is asked for, by where.
type shown struct {
	t   *testing.T
	all []string
}

func (s *shown) get(address string) string {
	s.t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var text bytes.Buffer
	if err := resp.Write(&text); err != nil {
		s.t.Fatal(err)
	}
	s.all = append(s.all, address+": "+text.String())
	return text.String()
}

func (s *shown) run(args ...string) {
	var out bytes.Buffer
	run(s.t.Context(), args, environment(), terminal{&out, &out})
	s.all = append(s.all, strings.Join(args, " ")+": "+out.String())
}

// TestParams_AreShownNowhere: not to viewers, in no log, metric, answer of the API,
// report or rendered playlist. The origin's first place is down.
func TestParams_AreShownNowhere(t *testing.T) {
	files := &blobs{}
	up, down := httptest.NewServer(files), httptest.NewServer(nil)
	defer up.Close()
	down.Close()
	places := fmt.Sprintf("[ %s/vod, %s/vod ]", withPassword(down.URL), withPassword(up.URL))
	path := filepath.Join(t.TempDir(), "vod2live.yaml")
	write(t, path, "origins: { vod: { url: "+places+", params: { sv: "+paramValue+" }, headers: { X-Token: "+paramValue+" } } }\n")
	p := start(t, "-config", path, "-log-level", "debug")
	s := &shown{t: t}
	for _, name := range []string{"media", "define", "master", "imports", "child", "moved-media", "moved-define", "moved-master", "moved-child", "away", "fails", "garbage", "absent"} {
		vod := "/vod/" + name + ".m3u8"
		for _, address := range []string{vod, vod + "?sv=mine", vod + "/0.m3u8", vod + "/1.m3u8", "/vod/" + name + ".ts?sv=mine"} {
			body := s.get(p.viewers + address)
			if strings.Contains(body, "=mine") {
				t.Errorf("%s shows the viewer's own value: %s", address, body)
			}
			if slice := strings.Index(body, ".vtt"); slice > 0 {
				line := body[strings.LastIndexByte(body[:slice], '\n')+1 : slice+len(".vtt")]
				s.get(p.viewers + vod + "/" + line)
			}
		}
		s.get(p.operator + "/api/check?address=" + vod)
		for _, command := range [][]string{{"check", "-segments"}, {"check", "-json"}, {"render"}, {"render", "-rendition", "-1"}} {
			s.run(append(command, "-config", path, vod+"?sv=mine")...)
		}
	}
	s.api(p)
	p.stop()
	<-p.exit
	s.all = append(s.all, "the log: "+p.stderr.String())
	for _, text := range s.all {
		if strings.Contains(text, paramValue) || strings.Contains(text, "dTpzM2NyM3Q=") {
			t.Errorf("%s", text)
		}
	}
	if !strings.Contains(strings.Join(s.all, ""), "WEBVTT\n") {
		t.Error("no slice of the subtitles was served")
	}
	files.mu.Lock()
	defer files.mu.Unlock()
	if len(files.wrong) > 0 {
		t.Errorf("requests without what the origin wants: %q", files.wrong)
	}
}

// withPassword is an address with the user u and the secret.
func withPassword(address string) string {
	return strings.Replace(address, "://", "://u:"+paramValue+"@", 1)
}

// api asks for all that it has.
func (s *shown) api(p *program) {
	for _, route := range []string{"/metrics", "/api/status", "/api/origins", "/api/cache", "/api/config"} {
		s.get(p.operator + route)
	}
	answer := s.get(p.operator + "/api/streams")
	var list struct{ Streams []struct{ ID string } }
	_, body, _ := strings.Cut(answer, "\r\n\r\n")
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Streams) == 0 {
		s.t.Fatalf("%v: %s", err, answer)
	}
	for _, one := range list.Streams {
		s.get(p.operator + "/api/streams/" + one.ID)
		s.get(p.operator + "/api/streams/" + one.ID + "/playlist?rendition=0")
	}
}
