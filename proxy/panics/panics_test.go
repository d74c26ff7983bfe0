package panics

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"vod2live/loop"
)

func guarded(f func()) (err error) {
	defer Catch(&err)
	f()
	return nil
}

func none() (s []string) { return nil }

func TestCatch_SaysWhereAndHidesWhatMayBeSecret(t *testing.T) {
	secret := errors.New("http://user:hunter2@origin/?token=1")
	for name, c := range map[string]struct {
		f    func()
		want string
	}{
		"index":  {func() { _ = none()[3] }, "index out of range [3] with length 0"},
		"nil":    {func() { _ = *(*int)(nil) }, "nil pointer dereference"},
		"error":  {func() { panic(secret) }, "a value of type *errors.errorString"},
		"text":   {func() { panic(secret.Error()) }, "a value of type string"},
		"struct": {func() { panic(fmt.Sprintf) }, "a value of type func"},
	} {
		err := guarded(c.f)
		var refusal *loop.Refusal
		if !errors.As(err, &refusal) || refusal.Code != CodeInternal || refusal.Rendition != -1 {
			t.Fatalf("%s: %v", name, err)
		}
		if text := err.Error(); !strings.Contains(text, c.want) || !strings.Contains(text, "TestCatch_SaysWhere") || strings.Contains(text, "hunter2") {
			t.Errorf("%s: %s, want %q and the function", name, text, c.want)
		}
	}
	if err := guarded(func() {}); err != nil {
		t.Errorf("without a panic: %v", err)
	}
}

func TestLog_HasTheStackOnceForAllWhoGetTheError(t *testing.T) {
	core, logs := observer.New(zap.ErrorLevel)
	log := zap.New(core)
	err := fmt.Errorf("load: %w", guarded(func() { panic("x") }))
	Log(nil, err)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() { Log(log, err) })
	}
	all.Wait()
	Log(log, errors.New("another"))
	Log(log, nil)
	func() {
		defer Survive(log)
		panic("y")
	}()
	if n := logs.Len(); n != 2 {
		t.Errorf("%d entries, want 2: %v", n, logs.All())
	}
	for _, entry := range logs.All() {
		if stack := fmt.Sprint(entry.ContextMap()["stack"]); !strings.Contains(stack, "panics_test.go") {
			t.Errorf("the stack of %v: %s", entry, stack)
		}
	}
}
