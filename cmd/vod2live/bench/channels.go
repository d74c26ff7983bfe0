package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Channels that play lists of VODs, each of 30 min in 5 renditions.
const (
	allChannels   = 1000
	channelItems  = 48
	channelVODs   = 500
	channelJoints = 90 * time.Second // after the start, all channels change to the next item
	aroundJoint   = 5 * time.Second
	withoutJoint  = 12 * time.Second // before that, in which the windows change twice, but no item
	channelPolls  = 32               // at once: one pause of the server is seen by more than one of a thousand
	channelPause  = 16 * time.Millisecond
)

// catalog is an origin of VODs of 30 min that counts requests.
type catalog struct {
	media string
	asked atomic.Int64
}

func newCatalog() *catalog {
	var b strings.Builder
	b.WriteString("#EXTM3U\n#EXT-X-TARGETDURATION:6\n")
	for n := range 300 {
		fmt.Fprintf(&b, "#EXTINF:6.000000,\nseg%04d.ts\n", n)
	}
	b.WriteString("#EXT-X-ENDLIST\n")
	return &catalog{media: b.String()}
}

func (c *catalog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.asked.Add(1)
	if !strings.HasSuffix(r.URL.Path, "/m.m3u8") {
		_, _ = w.Write([]byte(c.media))
		return
	}
	fmt.Fprintln(w, "#EXTM3U")
	for n := range 5 {
		fmt.Fprintf(w, "#EXT-X-STREAM-INF:BANDWIDTH=%d,RESOLUTION=%dx%d,CODECS=\"avc1.4d401f,mp4a.40.2\"\n%d/index.m3u8\n", 500_000*(n+1), 320*(n+1), 180*(n+1), n)
	}
}

// channels measures what a great number of channels take, and the moment when all of
// them change to the next item.
func (b *bench) channels() ([]row, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	vods := newCatalog()
	origin := &http.Server{Handler: vods, ReadHeaderTimeout: patience}
	go func() { _ = origin.Serve(l) }() // ends with Close
	defer origin.Close()
	began := time.Now()
	joint := began.Add(channelJoints).Truncate(time.Second)
	file := filepath.Join(b.dir, "channels.yaml")
	if err := os.WriteFile(file, channelsFile("http://"+l.Addr().String(), joint.Add(-24*time.Hour)), 0o600); err != nil {
		return nil, err
	}
	ours, err := b.vod2live("vod2live", "http://"+l.Addr().String(), "-config", file, "-memory", "2GiB", never)
	if err != nil {
		return nil, err
	}
	defer ours.end()
	if err := b.allOnAir(ours, began); err != nil {
		return nil, err
	}
	took, asked := time.Since(began), vods.asked.Load()
	resident, err := ours.resident()
	if err != nil {
		return nil, err
	}
	rows := []row{
		{what: "1,000 channels of 48 items from 500 VODs of 30 min: resident memory", unit: "MiB", free: true, measured: sample{float64(resident >> 20)}, note: fmt.Sprintf("on air %s after the start", took.Round(time.Second))},
		{what: "– requests to the origin until all are on air, one for each playlist is 1", unit: "x", free: true, measured: sample{float64(asked) / (6 * channelVODs)}, note: fmt.Sprintf("%d requests", asked)},
	}
	idle, err := b.unwatched(ours, joint.Add(-aroundJoint-withoutJoint))
	if err != nil {
		return rows, err
	}
	rows = append(rows, idle)
	turn, err := b.joint(ours, joint)
	if err != nil {
		return rows, err
	}
	turn[0].note += fmt.Sprintf("; %d requests to the origin meanwhile", vods.asked.Load()-asked)
	return append(rows, turn...), nil
}

// unwatched is the CPU time that they take until an instant while nobody asks.
func (b *bench) unwatched(p *process, until time.Time) (row, error) {
	b.wait(settles)
	lasts := time.Until(until).Truncate(time.Second)
	r := row{what: "– CPU of them while nobody asks", unit: "ms/s", bound: idleMost, note: fmt.Sprintf("for %s", lasts)}
	if lasts < idleTime {
		r.failed = fmt.Errorf("only %s are left until the polls", lasts)
		return r, nil
	}
	var err error
	r.measured, err = b.idle(p, lasts)
	return r, err
}

func channelsFile(origin string, epoch time.Time) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "origins: { vod: { url: %q, measure: \"off\" } }\nlive: { epoch: %s }\nchannels:\n", origin, epoch.UTC().Format(time.RFC3339))
	for n := range allChannels {
		var items []string
		for i := range channelItems {
			items = append(items, fmt.Sprintf("vod/v%03d/m.m3u8", (n*7+i*11)%channelVODs))
		}
		fmt.Fprintf(&b, "  channel%04d: { loop: [ %s ] }\n", n, strings.Join(items, ", "))
	}
	return []byte(b.String())
}

func channelPath(n int) string { return fmt.Sprintf("/channel%04d/master.m3u8/0.m3u8", n) }

// allOnAir waits until all channels are.
func (b *bench) allOnAir(p *process, began time.Time) error {
	for n := 0; n < allChannels; {
		status, _, err := b.get(p.url + channelPath(n))
		if err != nil {
			return err
		}
		switch {
		case status == http.StatusOK:
			n++
		case time.Since(began) > channelJoints-2*aroundJoint-withoutJoint:
			return fmt.Errorf("only %d channels are on air %s after the start", n, time.Since(began).Round(time.Second))
		default:
			b.wait(200 * time.Millisecond)
		}
	}
	return nil
}

// polled is a request, and how long its answer took.
type polled struct{ at, took time.Duration }

// joint polls all channels around the instant when they change to the next item, and for
// comparison before it, when their windows change, too, but no item. In turns with them
// it polls the same bytes from net/http by itself: where servers and clients share few
// cores, the slowest answers are those that waited for a core, and that has nothing to do
// with channels.
func (b *bench) joint(p *process, at time.Time) ([]row, error) {
	body, err := b.fetch(p.url+channelPath(0), false)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(b.dir, "channel.m3u8")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return nil, err
	}
	bare, err := b.floor(file)
	if err != nil {
		return nil, err
	}
	b.wait(time.Until(at.Add(-aroundJoint - withoutJoint)))
	ours, floor, err := b.pollInTurns(p, bare, at)
	if err != nil {
		return nil, err
	}
	without, joint := parted(ours, -aroundJoint)
	_, meanwhile := parted(floor, -aroundJoint)
	return []row{{
		what: "– the joint of all of them: 999 of 1,000 answers within, those of bare net/http polled in turns are 1", unit: "x", bound: 5, measured: sample{share(joint, 999) / share(meanwhile, 999)},
		note: fmt.Sprintf("%s ms and %s ms; median %s ms and %s ms; slowest %s ms of %d", number(share(joint, 999)), number(share(meanwhile, 999)), number(share(joint, 500)), number(share(meanwhile, 500)), number(share(joint, 1000)), len(joint)),
	}, {
		what: "– – those of the channels in the 12 s before are 1", unit: "x", free: true, measured: sample{share(joint, 999) / share(without, 999)},
		note: fmt.Sprintf("%s ms then; median %s ms, slowest %s ms of %d", number(share(without, 999)), number(share(without, 500)), number(share(without, 1000)), len(without)),
	}}, nil
}

// parted are the answers to requests before an instant and after it, the fastest first.
func parted(all []polled, at time.Duration) (before, after []time.Duration) {
	for _, one := range all {
		if one.at < at {
			before = append(before, one.took)
		} else {
			after = append(after, one.took)
		}
	}
	slices.Sort(before)
	slices.Sort(after)
	return before, after
}

// share is within how many milliseconds so many of a thousand answers come.
func share(sorted []time.Duration, of int) float64 {
	return float64(sorted[(len(sorted)-1)*of/1000]) / float64(time.Millisecond)
}

// pollInTurns polls the channels and a bare server until a while after an instant, from
// which the times of requests count.
func (b *bench) pollInTurns(p, bare *process, at time.Time) (ours, floor []polled, err error) {
	var mu sync.Mutex // guards ours and floor
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: channelPolls}}
	defer client.CloseIdleConnections()
	group, ctx := errgroup.WithContext(b.ctx)
	for worker := range channelPolls {
		group.Go(func() error {
			for n := worker; time.Now().Before(at.Add(aroundJoint)) && ctx.Err() == nil; n += channelPolls {
				channel, err := b.poll(client, p.url+channelPath(n%allChannels), at)
				if err != nil {
					return err
				}
				same, err := b.poll(client, bare.url, at)
				if err != nil {
					return err
				}
				mu.Lock()
				ours, floor = append(ours, channel), append(floor, same)
				mu.Unlock()
			}
			return nil
		})
	}
	err = group.Wait()
	return ours, floor, err
}

// poll requests a playlist, and pauses.
func (b *bench) poll(client *http.Client, url string, at time.Time) (polled, error) {
	defer b.wait(channelPause)
	req, err := http.NewRequestWithContext(b.ctx, http.MethodGet, url, nil)
	if err != nil {
		return polled{}, err
	}
	began := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return polled{}, err
	}
	defer resp.Body.Close()
	if _, err = io.Copy(io.Discard, resp.Body); err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	return polled{began.Sub(at), time.Since(began)}, err
}
