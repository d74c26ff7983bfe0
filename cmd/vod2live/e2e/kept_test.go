package e2e

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// With a segment cache the origin sends each file once, however many want it and whatever part of it.
func TestSegmentCache_AnswersLikeTheOriginWhichSendsEachFileOnce(t *testing.T) {
	t.Parallel()
	p := start(t, append(proxyArgs(), "-segment-cache", "64MiB")...)
	k := kindNamed(t, "fmp4")
	names := mediaFiles(t, k)
	for _, name := range names {
		if err := checkTogether(p, k.name+"/"+name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	metrics, err := fetchText(p.operator + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("vod2live_origin_requests_total{origin=\"live\",outcome=\"ok\"} %d\n", len(names)); !strings.Contains(metrics, want) {
		t.Errorf("the origin was not asked once for each of %d files:\n%s", len(names), metrics)
	}
}

// checkTogether asks for a file as many viewers do at once, and then for parts of it.
func checkTogether(p *process, path string) error {
	errs := make(chan error, 32)
	var all sync.WaitGroup
	for range cap(errs) {
		all.Go(func() { errs <- checkAnswer(p, path, "") })
	}
	all.Wait()
	for range cap(errs) {
		if err := <-errs; err != nil {
			return err
		}
	}
	for _, byterange := range []string{"bytes=0-0", "bytes=100-1099", "bytes=-188", "bytes=99999999-", "bytes=0-"} {
		if err := checkAnswer(p, path, byterange); err != nil {
			return fmt.Errorf("%s: %w", byterange, err)
		}
	}
	return nil
}
