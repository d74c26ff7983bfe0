package main

import (
	"fmt"
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
	channelPolls  = 8 // at once
	channelPause  = 4 * time.Millisecond
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
	idle, err := b.unwatched(ours, joint.Add(-aroundJoint))
	if err != nil {
		return rows, err
	}
	rows = append(rows, idle)
	turn, err := b.joint(ours, joint)
	if err != nil {
		return rows, err
	}
	turn.note += fmt.Sprintf("; %d requests to the origin meanwhile", vods.asked.Load()-asked)
	return append(rows, turn), nil
}

// unwatched is the CPU time that they take until an instant while nobody asks.
func (b *bench) unwatched(p *process, until time.Time) (row, error) {
	b.wait(settles)
	lasts := time.Until(until).Truncate(time.Second)
	r := row{what: "– CPU of them while nobody asks", unit: "ms/s", bound: idleMost, note: fmt.Sprintf("for %s", lasts)}
	if lasts < idleTime {
		r.failed = fmt.Errorf("only %s are left until the joint", lasts)
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
		case time.Since(began) > channelJoints-2*aroundJoint:
			return fmt.Errorf("only %d channels are on air %s after the start", n, time.Since(began).Round(time.Second))
		default:
			b.wait(200 * time.Millisecond)
		}
	}
	return nil
}

// joint polls all channels around the instant when they change to the next item.
func (b *bench) joint(p *process, at time.Time) (row, error) {
	b.wait(time.Until(at.Add(-aroundJoint)))
	var mu sync.Mutex // guards waits
	var waits []time.Duration
	group, ctx := errgroup.WithContext(b.ctx)
	for worker := range channelPolls {
		group.Go(func() error {
			for n := worker; time.Now().Before(at.Add(aroundJoint)) && ctx.Err() == nil; n += channelPolls {
				began := time.Now()
				status, _, err := b.get(p.url + channelPath(n%allChannels))
				if err != nil || status != http.StatusOK {
					return fmt.Errorf("%s: %d %w", channelPath(n%allChannels), status, err)
				}
				mu.Lock()
				waits = append(waits, time.Since(began))
				mu.Unlock()
				b.wait(channelPause)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return row{}, err
	}
	slices.Sort(waits)
	share := func(of int) float64 { return float64(waits[(len(waits)-1)*of/1000]) / float64(time.Millisecond) }
	return row{
		what: "– the joint of all of them: 999 of 1,000 answers within, the median is 1", unit: "x", bound: 5, measured: sample{share(999) / share(500)},
		note: fmt.Sprintf("median %s ms, slowest %s ms of %d", number(share(500)), number(share(1000)), len(waits)),
	}, nil
}
