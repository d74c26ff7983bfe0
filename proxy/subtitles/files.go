package subtitles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"vod2live/playlist/webvtt"
	"vod2live/proxy/background"
	"vod2live/proxy/failure"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/room"
)

const (
	maxCueBytes = 64 << 20 // of WebVTT files kept, decoded, at most
	cueOverhead = 6        // maximum size of a decoded file, in multiples of its text
)

// errNoCues: an empty file, as some packagers write where there are no cues.
var errNoCues = errors.New("the WebVTT file is empty")

// fileKey identifies a file in one mount, whose credentials may differ from
// another's, and in one version of a VOD.
type fileKey struct {
	mount, address string
	vod            [8]byte
	quoted         string // see cueFile
}

// cueFiles are WebVTT files, decoded and kept.
type files struct {
	work    *background.Work
	room    *room.Room
	timeout time.Duration // of an origin
	limit   int           // bytes of files kept
	parsing *semaphore.Weighted

	fetches singleflight.Group
	mu      sync.Mutex // guards all below
	files   *simplelru.LRU[fileKey, sizedFile]
	bytes   int
}

type sizedFile struct {
	*webvtt.File
	bytes int
}

func newFiles(of Config) *files {
	c := &files{work: of.Work, room: of.Room, timeout: of.Timeout, limit: int(min(of.Memory/6, maxCueBytes)), parsing: semaphore.NewWeighted(maxParses)}
	c.files, _ = simplelru.NewLRU(math.MaxInt, func(_ fileKey, f sizedFile) { c.bytes -= f.bytes })
	return c
}

// kept is a cached file.
func (c *files) kept() (files, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.files.Len(), c.bytes
}

// get returns a file, fetched once for all waiting viewers.
func (c *files) get(ctx context.Context, client *origin.Client, k fileKey) (*webvtt.File, error) {
	c.mu.Lock()
	f, known := c.files.Get(k)
	c.mu.Unlock()
	if known {
		return f.File, nil
	}
	fetched := c.fetches.DoChan(fmt.Sprint(k), func() (file any, err error) {
		defer panics.Catch(&err)
		if !c.work.Begin() {
			return nil, context.Canceled
		}
		defer c.work.Done()
		return c.fetch(client, k)
	})
	patience := time.NewTimer(c.timeout + background.ViewerSlack)
	defer patience.Stop()
	select {
	case result := <-fetched:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*webvtt.File), nil
	case <-patience.C:
		return nil, failure.ErrLoading
	case <-ctx.Done():
		return nil, context.Canceled
	}
}

func (c *files) fetch(client *origin.Client, k fileKey) (*webvtt.File, error) {
	u, err := url.Parse(k.address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(c.work.Context, background.LoadTimeouts*c.timeout, origin.ErrTimeout)
	defer cancel()
	share := c.room.Open()
	defer share.Close()
	p, err := client.Within(share).Playlist(origin.Quoted(ctx, k.quoted), u, origin.Validators{})
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(p.Body)) == 0 {
		return nil, errNoCues
	}
	file, err := c.parse(ctx, share, p.Body)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	size := file.Bytes()
	c.files.Remove(k)
	c.files.Add(k, sizedFile{file, size})
	for c.bytes += size; c.bytes > c.limit && c.files.Len() > 1; {
		c.files.RemoveOldest()
	}
	return file, nil
}

// parse decodes a file once there is room for it, and few others are being decoded.
func (c *files) parse(ctx context.Context, share *room.Share, body []byte) (file *webvtt.File, err error) {
	if err := share.Take(ctx, int64(cueOverhead*len(body))); err != nil {
		return nil, err
	}
	if refused := withSlot(ctx, c.parsing, func() { file, err = webvtt.Parse(body) }); refused != nil {
		return nil, refused
	}
	if err != nil {
		return nil, origin.BodyError(err)
	}
	return file, nil
}
