package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// newsroom is a channel whose VODs and schedule object are in a private bucket. Three processes play it, which may read
// the bucket; a writer, who may do all, writes the object anew again and again.
type newsroom struct {
	bucket *versitygw
	folder string    // of files for lock
	began  time.Time // the channel plays from a minute before on
	first  []byte    // the first object
	eras   []wishEra // of the first object
	edits  int       // how often it has been written anew

	mu  sync.Mutex // guards all; none ends while they are compared
	all [3]*process
}

const (
	newsroomObject = "/vods/films/news/schedule.json"
	newsroomEra    = 10 * time.Second
)

// newsroomEnv are the credentials of the processes.
var newsroomEnv = []string{
	"AWS_ACCESS_KEY_ID=" + viewerID, "AWS_SECRET_ACCESS_KEY=" + viewerSecret, "AWS_EC2_METADATA_DISABLED=true",
}

// newNewsroom writes the first object, of eras that begin so long after the start, in turns of two lists, and starts the
// processes.
func newNewsroom(t *testing.T, eras ...time.Duration) *newsroom {
	t.Helper()
	n := &newsroom{bucket: startVersitygw(t), folder: t.TempDir(), began: time.Now().UTC().Truncate(time.Second)}
	n.bucket.put(t, "/vods", "", nil)
	n.bucket.admin(t, "create-user", "--access", viewerID, "--secret", viewerSecret, "--role", "user")
	n.bucket.put(t, "/vods", "policy=", []byte(s3Policy))
	for _, k := range []*kind{tsModel, tsWide} {
		k.ready(t)
		n.bucket.upload(t, k.dir(), "/vods/films/"+k.name)
	}
	if err := replace(n.config(), fmt.Sprintf("origins: { vod: { url: %s/vods/films, s3: { region: %s }, revalidate: 1s } }\nchannels: { news: { schedule: vod/news/schedule.json } }\n", n.bucket.url, s3Region)); err != nil {
		t.Fatal(err)
	}
	first := wish{Channel: "news", Target: 2, Model: tsModel.item()}
	for i, after := range eras {
		first.Eras = append(first.Eras, n.era(i, after, fmt.Sprintf("planned %d", i)))
	}
	n.eras = first.Eras
	var err error
	if n.first, err = lockWish(n.folder, newsroomEnv, n.config(), first, nil); err == nil {
		err = n.write(n.first, http.Header{"If-None-Match": {"*"}})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { endAll(t, n.all[:]) })
	for i := range n.all {
		if err := n.start(i); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// upload puts the files of a folder into a bucket.
func (v *versitygw) upload(t *testing.T, folder, path string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		if err == nil {
			v.put(t, path+strings.TrimPrefix(file, folder), "", data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (n *newsroom) config() string { return filepath.Join(n.folder, "vod2live.yaml") }

// era is one that begins so long after the start.
func (n *newsroom) era(i int, after time.Duration, title string) wishEra {
	e := wishEra{At: n.began.Add(after), Loop: []wishItem{{tsModel.item(), title}}}
	if i%2 == 1 {
		e.Loop = []wishItem{{tsWide.item(), title}, {tsModel.item(), ""}}
	}
	return e
}

// process is one of the three.
func (n *newsroom) process(i int) *process {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.all[i]
}

// start starts one of the processes, and waits until it is on air.
func (n *newsroom) start(i int) error {
	p, err := startProcessIn(newsroomEnv, append(streamArgs(), "-config", n.config())...)
	if err != nil {
		return err
	}
	if err := onAir(p.viewers + "/news/master.m3u8"); err != nil {
		p.kill()
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all[i] = p
	return nil
}

// restart ends one of the processes and starts another in its place.
func (n *newsroom) restart(i int) error {
	n.mu.Lock()
	n.all[i].kill()
	n.all[i] = nil
	n.mu.Unlock()
	return n.start(i)
}

// read reads the object.
func (n *newsroom) read() (object []byte, etag string, err error) {
	got, err := n.bucket.send(http.MethodGet, newsroomObject, "", nil, nil)
	if err == nil && got.status != http.StatusOK {
		err = fmt.Errorf("GET %s: %d %s", newsroomObject, got.status, got.body)
	}
	return got.body, got.header.Get("ETag"), err
}

// errMeanwhile is of an object that another writer has written meanwhile.
var errMeanwhile = errors.New("412 Precondition Failed")

// write writes the object under a condition, if there is one.
func (n *newsroom) write(object []byte, condition http.Header) error {
	got, err := n.bucket.send(http.MethodPut, newsroomObject, "", condition, object)
	switch {
	case err != nil:
		return err
	case got.status == http.StatusPreconditionFailed:
		return errMeanwhile
	case got.status != http.StatusOK:
		return fmt.Errorf("PUT %s: %d %s", newsroomObject, got.status, got.body)
	}
	return nil
}

// frozen is how long ahead nothing can be edited, and some seconds more.
const frozen = 5*time.Minute + 30*time.Second

// edit writes the object anew, as deploy/SCHEDULES.md says: with another era, which begins so long after the start, behind
// those of the first object that begin before it. It returns the era's title.
func (n *newsroom) edit(after time.Duration) (title string, err error) {
	current, etag, err := n.read()
	if err != nil {
		return "", err
	}
	n.edits++
	title = fmt.Sprintf("edit %d", n.edits)
	next := wish{Channel: "news", Target: 2, Model: tsModel.item()}
	for _, e := range n.eras {
		if e.At.After(time.Now().Add(frozen)) && e.At.Before(n.began.Add(after)) {
			next.Eras = append(next.Eras, e)
		}
	}
	next.Eras = append(next.Eras, n.era(n.edits, after, title))
	object, err := lockWish(n.folder, newsroomEnv, n.config(), next, current)
	if err != nil {
		return "", err
	}
	return title, n.write(object, http.Header{"If-Match": {etag}})
}

// ahead waits until all processes report the same plays from an instant on, with a title among them.
func (n *newsroom) ahead(after time.Duration, title string) error {
	from := n.began.Add(after)
	query := url.Values{"channel": {"news"}, "from": {from.Format(time.RFC3339)}, "to": {from.Add(time.Minute).Format(time.RFC3339)}}
	return await(func() error {
		var first string
		for i := range n.all {
			text, err := fetchText(n.process(i).operator + "/api/schedule?" + query.Encode())
			if err != nil {
				return err
			}
			if _, text, _ = strings.Cut(text, `"plays"`); i == 0 {
				first = text
			}
			if text != first || !strings.Contains(text, `"`+title+`"`) {
				return fmt.Errorf("process %d reports, after %q:\n%s\nthe first\n%s", i, title, text, first)
			}
		}
		return nil
	})
}

// judge compares the processes again and again.
type judge struct {
	news    *newsroom
	stop    chan struct{}
	stopped chan struct{}
	equal   int   // instants at which all three answered alike, in all renditions
	err     error // where they did not
}

// judged compares the processes at an interval until the judge is ended.
func (n *newsroom) judged(interval, most time.Duration) *judge {
	j := &judge{news: n, stop: make(chan struct{}), stopped: make(chan struct{})}
	go func() {
		defer close(j.stopped)
		every(interval, most, func() bool {
			if j.err = j.compare(); j.err != nil {
				return true
			}
			select {
			case <-j.stop:
				return true
			default:
				return false
			}
		})
	}()
	return j
}

// compare compares what runs.
func (j *judge) compare() error {
	j.news.mu.Lock()
	defer j.news.mu.Unlock()
	var running []*process
	for _, p := range j.news.all {
		if p != nil {
			running = append(running, p)
		}
	}
	addresses, err := renditions(running[0].viewers + "/news/master.m3u8")
	if err != nil {
		return err
	}
	for _, address := range addresses {
		var others []string
		for _, p := range running[1:] {
			others = append(others, p.viewers+strings.TrimPrefix(address, running[0].viewers))
		}
		if equal, err := compareReplicas(address, others...); err != nil || !equal {
			return err
		}
	}
	if len(running) == len(j.news.all) {
		j.equal++
	}
	return nil
}

// end ends the comparisons.
func (j *judge) end() error {
	close(j.stop)
	<-j.stopped
	return j.err
}
