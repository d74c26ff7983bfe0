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

// again plays once more where something is wrong: a machine that is busy with other things makes players stand or
// look late, now and then. What is wrong with the stream is wrong twice.
func again(t *testing.T, play func(t tester)) {
	t.Helper()
	first := &trial{T: t}
	if play(first); len(first.faults) == 0 {
		return
	}
	t.Logf("once more, for at first: %q", first.faults)
	play(t)
}
