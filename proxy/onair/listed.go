package onair

import (
	"strings"
	"sync"

	"vod2live/proxy/origin"
	"vod2live/proxy/route"
)

// listed are the addresses that the loaded VODs list at origins with
// segment_query: listed, each without its query and, where it has one, with it.
type listed struct {
	mu    sync.RWMutex     // guards count
	count map[uint64]int32 // by hash, how many VODs list it
}

// listedBytes is about what an address takes here and with its VOD.
const listedBytes = 40

func newListed() *listed { return &listed{count: map[uint64]int32{}} }

// change adds the addresses of a VOD that has been loaded (by is 1), or removes
// those of one that is dropped (-1).
func (l *listed) change(addresses []uint64, by int32) {
	if len(addresses) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, hash := range addresses {
		if l.count[hash] += by; l.count[hash] == 0 {
			delete(l.count, hash)
		}
	}
}

func (l *listed) has(hash uint64) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.count[hash] > 0
}

// asBrowsers escapes what browsers escape in a query and others may not
// (https://url.spec.whatwg.org/#special-query-percent-encode-set).
var asBrowsers = strings.NewReplacer("'", "%27", "<", "%3C", ">", "%3E")

// listedHash identifies an address with a query, or without (query is empty).
func listedHash(origin, path, query string) uint64 {
	if query == "" {
		return nameHash(origin, path)
	}
	return nameHash(origin, path+"?"+asBrowsers.Replace(query))
}

// maxAppended parameters that a player has added are left out.
const maxAppended = 16

// query is the part of a viewer's query that a loaded VOD lists with the path:
// players append their own parameters, and some clients try to bypass the cache.
// It is not known if no loaded VOD lists the path: after a restart, or in a
// replica without requests for the playlist, a segment may need its query.
func (l *listed) query(o *origin.Origin, path, query string) (kept string, known bool) {
	if !o.Listed || query == "" {
		return query, true
	}
	if !l.has(listedHash(o.Name, path, "")) {
		return query, false
	}
	kept = origin.EscapeQuery(route.WithoutCMCD(query))
	for range maxAppended {
		if kept == "" || l.has(listedHash(o.Name, path, kept)) {
			return kept, true
		}
		kept = kept[:max(strings.LastIndexByte(kept, '&'), 0)]
	}
	return "", true
}
