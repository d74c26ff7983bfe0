package e2e

import (
	"fmt"
	"testing"
)

// tester is what checks need of a test.
type tester interface {
	Helper()
	Name() string
	Logf(format string, args ...any)
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// trial is a tester that collects what is wrong.
type trial struct {
	*testing.T
	faults []string
}

func (t *trial) Error(args ...any) { t.faults = append(t.faults, fmt.Sprint(args...)) }

func (t *trial) Errorf(format string, args ...any) {
	t.faults = append(t.faults, fmt.Sprintf(format, args...))
}

// again plays up to twice more where something is wrong: a machine that is busy with other things makes players stand or
// look late, now and then. What is wrong with the stream is wrong each time.
func again(t *testing.T, play func(t tester)) {
	t.Helper()
	for range 2 {
		tried := &trial{T: t}
		if play(tried); len(tried.faults) == 0 {
			return
		}
		t.Logf("once more, for: %q", tried.faults)
	}
	play(t)
}
