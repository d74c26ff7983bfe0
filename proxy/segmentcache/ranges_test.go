package segmentcache

import (
	"net/http"
	"testing"
)

func TestConditions_OfAWeakTagAreWeak(t *testing.T) {
	h := &head{etag: `W/"a"`}
	for tag, want := range map[string]bool{`W/"a"`: true, `"a"`: true, `"b", "a"`: true, `"b"`: false, `*`: true, ``: false} {
		if got := h.notModified(http.Header{"If-None-Match": {tag}}); got != want {
			t.Errorf("If-None-Match %s: %v", tag, got)
		}
	}
	for _, tag := range []string{`W/"a"`, `"a"`} {
		if h.inRange(http.Header{"If-Range": {tag}}) {
			t.Errorf("If-Range %s holds for a weak tag", tag)
		}
	}
	if (&head{}).notModified(http.Header{"If-None-Match": {""}}) {
		t.Error("what has no tag is matched by none")
	}
}
