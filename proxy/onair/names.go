package onair

import (
	"hash/maphash"
	"slices"

	"vod2live/proxy/route"
)

// named is what the addresses of a stream name at the origins, by hash.
type named map[uint64]struct{}

var nameSeed = maphash.MakeSeed()

func nameHash(origin, path string) uint64 {
	return maphash.String(nameSeed, origin+"/"+route.PlainUnreserved(path))
}

func (n named) add(origin, path string) {
	if n != nil {
		n[nameHash(origin, path)] = struct{}{}
	}
}

func (n named) sorted() []uint64 {
	all := make([]uint64, 0, len(n))
	for hash := range n {
		all = append(all, hash)
	}
	slices.Sort(all)
	return all
}
