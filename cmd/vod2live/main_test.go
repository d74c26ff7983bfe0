package main

import (
	"os"
	"testing"
)

// asProgram makes the test binary the program itself, for tests of processes.
const asProgram = "TEST_AS_VOD2LIVE"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}
