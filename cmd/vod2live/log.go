package main

import (
	"bytes"
	"cmp"
	"io"
	"os"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"vod2live/proxy/admin"
)

// The formats of the log.
const (
	formatJSON    = "json"
	formatConsole = "console"
)

// newLog writes lines of a level and above, in a format; empty: for people on a
// terminal, else JSON. Under load it leaves out equal messages: below warn all
// but a hundred a second and then each hundredth; from warn on all but a thousand
// a minute and then each thousandth, so that an outage shows from its first line
// on, and strangers can't fill a disk. The journal gets the same lines.
func newLog(level, format string, w io.Writer, journal *admin.Journal) *zap.Logger {
	least, _ := zapcore.ParseLevel(level) // the table of settings has valid ones
	encoder, out := newEncoder(cmp.Or(format, formatFor(w))), zapcore.Lock(zapcore.AddSync(w))
	core := func(within func(zapcore.Level) bool) zapcore.Core {
		levels := zap.LevelEnablerFunc(func(l zapcore.Level) bool { return l >= least && within(l) })
		return zapcore.NewTee(zapcore.NewCore(encoder, out, levels), journal.Core(levels))
	}
	usual := core(func(l zapcore.Level) bool { return l < zapcore.WarnLevel })
	troubles := core(func(l zapcore.Level) bool { return l >= zapcore.WarnLevel })
	return zap.New(zapcore.NewTee(
		zapcore.NewSamplerWithOptions(usual, time.Second, 100, 100),
		zapcore.NewSamplerWithOptions(troubles, time.Minute, 1000, 1000),
	))
}

func newEncoder(format string) zapcore.Encoder {
	config := zap.NewProductionEncoderConfig()
	config.TimeKey, config.EncodeTime = "time", zapcore.RFC3339NanoTimeEncoder
	if format == formatJSON {
		return zapcore.NewJSONEncoder(config)
	}
	config.EncodeTime, config.EncodeLevel, config.EncodeDuration = zapcore.TimeEncoderOfLayout("15:04:05.000"), zapcore.CapitalLevelEncoder, zapcore.StringDurationEncoder
	config.ConsoleSeparator = "  "
	return zapcore.NewConsoleEncoder(config)
}

// formatFor is what suits a place: a terminal has a person before it.
func formatFor(w io.Writer) string {
	if f, is := w.(*os.File); is {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return formatConsole
		}
	}
	return formatJSON
}

// serverLog writes the messages of net/http. The text is a field, since equal
// messages are sampled: strangers can cause any number of failed handshakes.
type serverLog struct{ log *zap.Logger }

func (l serverLog) Write(p []byte) (int, error) {
	l.log.Warn("http server", zap.ByteString("said", bytes.TrimSpace(p)))
	return len(p), nil
}
