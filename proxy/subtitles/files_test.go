package subtitles

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vod2live/metrics"
	"vod2live/proxy/background"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/room"
)

// answering is a network where every request gets one body.
type answering string

func (body answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(body))), Request: r}, nil
}

// TestFiles_FewAreDecodedAtOnce: the others wait, as long as a viewer does.
func TestFiles_FewAreDecodedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, err := origin.New("live", "http://origin.test/vod", 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		client := origin.NewClient(answering("WEBVTT\n\n00:00.000 --> 00:01.000\na\n"), metrics.New("test"), o).Of(o)
		memory, work := room.New(1<<30), background.New()
		all := newFiles(Config{Work: work, Room: memory, Timeout: 10 * time.Second, Memory: 1 << 30})
		k := fileKey{mount: "live", address: "http://origin.test/vod/a.vtt"}
		if !all.parsing.TryAcquire(maxParses) {
			t.Fatal("a slot is taken")
		}
		start := time.Now()
		if _, err := all.get(t.Context(), client, k); !errors.Is(err, failure.ErrLoading) {
			t.Errorf("%v without a slot", err)
		}
		if took := time.Since(start); took != 10*time.Second+background.ViewerSlack {
			t.Errorf("the viewer waited for %s", took)
		}
		all.parsing.Release(maxParses)
		if _, err := all.get(t.Context(), client, k); err != nil {
			t.Errorf("%v once there is a slot", err)
		}
		if !all.parsing.TryAcquire(maxParses) || memory.Used() != 0 {
			t.Errorf("a slot is still taken, or %d bytes of the room", memory.Used())
		}
		work.Close()
	})
}
