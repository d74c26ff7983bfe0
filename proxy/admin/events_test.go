package admin

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// lines are those of a journal in short, the newest first.
func lines(j *Journal, from time.Time) (all []string) {
	for _, e := range j.since(from) {
		all = append(all, fmt.Sprint(e.Level, " ", e.Text, " ", e.About, " ", e.Path, " ", e.Code, " ", e.Cause, " ", e.Count))
	}
	return all
}

func TestJournal_HasTheLogButForSingleRequests(t *testing.T) {
	j := NewJournal()
	log := zap.New(j.Core(zapcore.InfoLevel))
	log.Debug("detail")
	log.Info("request", zap.String("request_id", "1"))
	log.Error("request failed", zap.String("request_id", "2"), zap.String("code", "not-found"))
	log.With(zap.String("request_id", "3")).Info("stream loaded")
	log.With(zap.String("mount", "news"), zap.String("path", "master.m3u8")).Error("channel off air", zap.String("code", "no-endlist"), zap.Error(errors.New("no EXT-X-ENDLIST")))
	log.Warn("origin answers again", zap.String("origin", "vod"), zap.Duration("failed_for", time.Minute))
	log.Warn("era left out", zap.String("channel", "mix"))
	got, want := lines(j, time.Time{}), []string{"warn era left out mix    1", "warn origin answers again vod    1", "error channel off air news master.m3u8 no-endlist no EXT-X-ENDLIST 1"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestJournal_CountsWhatHappensAgainWithinAMinute(t *testing.T) {
	j, start := NewJournal(), time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	core := j.Core(zapcore.InfoLevel)
	at := func(after time.Duration, text string) {
		_ = core.Write(zapcore.Entry{Level: zapcore.WarnLevel, Time: start.Add(after), Message: text}, nil)
	}
	at(0, "http server")
	at(10*time.Second, "other")
	at(20*time.Second, "http server")
	at(59*time.Second, "http server")
	at(60*time.Second, "http server")
	got, want := lines(j, start), []string{"warn http server     1", "warn other     1", "warn http server     3"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := lines(j, start.Add(time.Second)); len(got) != 2 {
		t.Errorf("from a second later on: %q", got)
	}
}

func TestJournal_IsBounded(t *testing.T) {
	j := NewJournal()
	log := zap.New(j.Core(zapcore.InfoLevel))
	for i := range mostEvents + 10 {
		log.Warn(fmt.Sprint("event ", i), zap.Error(errors.New(strings.Repeat("x", 10*mostOfEvent))))
	}
	all := j.since(time.Time{})
	if len(all) != mostEvents || all[0].Text != fmt.Sprint("event ", mostEvents+9) || all[mostEvents-1].Text != "event 10" || len(all[0].Cause) != mostOfEvent {
		t.Errorf("%d events from %.40s to %.40s, a cause of %d bytes", len(all), all[0].Text, all[len(all)-1].Text, len(all[0].Cause))
	}
}
