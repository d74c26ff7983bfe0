// Package panics keeps a panic in background work from ending the process.
package panics

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"

	"go.uber.org/zap"

	"vod2live/loop"
)

// CodeInternal is the code of a panic that was caught.
const CodeInternal loop.Code = "internal"

// Error is a panic that was caught. It unwraps to a *loop.Refusal.
type Error struct {
	refusal *loop.Refusal
	stack   []byte
	logged  atomic.Bool
}

func (e *Error) Error() string { return e.refusal.Error() }

func (e *Error) Unwrap() error { return e.refusal }

// Catch turns a panic of the function that defers it into an error of type *Error.
func Catch(err *error) {
	if value := recover(); value != nil {
		*err = caught(value)
	}
}

// Survive ends a panic of the function that defers it, and logs it. It is for
// goroutines whose outcome nobody waits for.
func Survive(log *zap.Logger) {
	if value := recover(); value != nil {
		Log(log, caught(value))
	}
}

func caught(value any) *Error {
	return &Error{refusal: &loop.Refusal{Code: CodeInternal, Rendition: -1, Detail: describe(value)}, stack: debug.Stack()}
}

// describe returns where a panic was raised, and the text of the runtime's own
// errors only: any other value may contain an address with a password or a token.
func describe(value any) string {
	text := fmt.Sprintf("a value of type %T", value)
	if err, is := value.(runtime.Error); is {
		text = err.Error()
	}
	return fmt.Sprintf("panic in %s: %s", raiser(), text)
}

// raiser is the function that panicked: the first below the runtime's own, which
// the deferred call above them has just been made by.
func raiser() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])
	panicking := false
	for {
		frame, more := frames.Next()
		own := strings.HasPrefix(frame.Function, "runtime.")
		if panicking && !own || !more {
			return fmt.Sprintf("%s, line %d", frame.Function, frame.Line)
		}
		panicking = panicking || frame.Function == "runtime.gopanic"
	}
}

// Log writes the stack of a caught panic to the log, once however many requests
// wait for the same work. Other errors are not logged. log may be nil.
func Log(log *zap.Logger, err error) {
	if e, is := errors.AsType[*Error](err); is && log != nil && !e.logged.Swap(true) {
		log.Error("panic", zap.String("code", string(CodeInternal)), zap.Error(e), zap.ByteString("stack", e.stack))
	}
}
