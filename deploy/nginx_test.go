package deploy

import (
	"regexp"
	"strconv"
	"testing"
)

// A viewer's connection needs a second one to an instance, or a file. Without worker_rlimit_nofile a worker has what
// the system gives, which is 1024 on Debian; nginx -t says nothing of it.
func TestNginx_HasFilesForItsConnections(t *testing.T) {
	text := read(t, "nginx/cache.conf")
	number := func(setting string) int {
		found := regexp.MustCompile(`(?m)^ *` + setting + ` +([0-9]+);`).FindStringSubmatch(text)
		if found == nil {
			t.Fatalf("cache.conf does not set %s", setting)
		}
		n, err := strconv.Atoi(found[1])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if files, connections := number("worker_rlimit_nofile"), number("worker_connections"); files < 2*connections {
		t.Errorf("%d files for %d connections", files, connections)
	}
}
