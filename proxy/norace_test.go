//go:build !race

package proxy

// raceEnabled says whether the race detector slows the tests.
const raceEnabled = false
