package playlist

import (
	"syscall"
	"testing"
	"time"
)

// reportCPU tells, when the function that it returns is called, the CPU time of
// an iteration. Other than the time that passes it does not depend on what else
// the machine is doing; the garbage collector's is in it.
func reportCPU(b *testing.B) (done func()) {
	b.Helper()
	began := cpuTime(b)
	return func() { b.ReportMetric(float64(cpuTime(b)-began)/float64(b.N), "cpu-ns/op") }
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
