package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"go.uber.org/zap"

	"vod2live/proxy/admin"
)

// TestLog_AFloodIsBoundedAndHidesNoOtherMessage: what strangers can cause as often
// as they like leaves room for the first lines of everything else.
func TestLog_AFloodIsBoundedAndHidesNoOtherMessage(t *testing.T) {
	var out bytes.Buffer
	log := newLog("warn", formatJSON, &out, admin.NewJournal())
	for range 10_000 {
		log.Warn("http server", zap.String("said", "TLS handshake error"))
		log.Info("request")
	}
	log.Error("origin fails")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if n := len(lines); n < 1000 || n > 2*1000+9+1 { // a minute may end meanwhile
		t.Errorf("%d lines of 10,001", n)
	}
	if last := lines[len(lines)-1]; !strings.Contains(last, `"origin fails"`) {
		t.Errorf("the last line is %s", last)
	}
	if strings.Contains(out.String(), `"level":"info"`) {
		t.Error("there are lines of info")
	}
}

func TestLog_IsJSONWhereNobodyReadsAlong(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	newLog("info", "", write, admin.NewJournal()).Info("listening", zap.String("addr", "x"))
	_ = write.Close()
	var line bytes.Buffer
	_, _ = line.ReadFrom(read)
	var entry struct{ Level, Msg, Addr, Time string }
	if err := json.Unmarshal(line.Bytes(), &entry); err != nil || entry.Level != "info" || entry.Msg != "listening" || entry.Addr != "x" || entry.Time == "" {
		t.Errorf("%s: %v", line.String(), err)
	}
}

func TestLog_ForPeopleIsALineOfWords(t *testing.T) {
	var out bytes.Buffer
	newLog("info", formatConsole, &out, admin.NewJournal()).Error("origin fails", zap.String("origin", "vod"))
	if text := out.String(); !strings.Contains(text, `  ERROR  origin fails  {"origin": "vod"}`) || strings.Count(text, "\n") != 1 {
		t.Errorf("%q", text)
	}
}
