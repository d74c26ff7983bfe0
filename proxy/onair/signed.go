package onair

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"go.uber.org/zap"

	"vod2live/playlist"
	"vod2live/proxy/origin"
	"vod2live/proxy/panics"
	"vod2live/proxy/vod"
)

// outdated are addresses that were listed until the VOD was signed again:
// viewers may have them for a while.
type outdated struct {
	until  time.Time
	listed []uint64
}

// renew takes over the addresses of a VOD that was signed again. No era
// begins.
func (f *follower) renew(st *Stream, v *vod.VOD, log *zap.Logger) (err error) {
	defer panics.Catch(&err)
	now, on := f.clock.Now(), st.newest.Load()
	e, err := f.newEra(st.key, v, on, func(a *addresses) (*playlist.Live, error) {
		return on.live.Readdress(v.Multivariant, v.Media, a, f.mounts[st.key.Mount].options)
	})
	if err != nil {
		return err
	}
	st.settle(v, now)
	if e.live.Text == on.live.Text {
		st.renewed.stop()
		return nil
	}
	if st.renewed.begin() {
		log.Info("the origin signs addresses for a limited time: they are renewed while viewers watch")
	}
	e.earlier = on.earlier
	e.outdate(on, now)
	f.play(st, e.within(f.mostOf(), f.keeps(st, now), now))
	good, next := f.probe(st, v)
	st.renewed.learn(good, next, now, f.mounts[st.key.Mount].revalidate)
	return nil
}

// outdate keeps the addresses listed that viewers may have from earlier looks.
func (e *era) outdate(before *era, now time.Time) {
	e.outdated = before.outdated
	if len(before.own) > 0 {
		e.outdated = append(slices.Clone(e.outdated), outdated{now.Add(neededFor), before.own})
	}
	e.list(now)
}

// list lists what viewers may have at an instant.
func (e *era) list(now time.Time) {
	still := slices.DeleteFunc(slices.Clone(e.outdated), func(old outdated) bool { return !old.until.After(now) })
	e.outdated, e.listed = still, slices.Clip(e.own)
	for _, old := range still {
		e.listed = append(e.listed, old.listed...)
	}
}

// probe checks at the origin whether an address of an earlier look is still
// valid, and returns an address of this one for the next time.
func (f *follower) probe(st *Stream, v *vod.VOD) (good bool, next string) {
	for _, m := range v.Media {
		if m.Refusal() != nil {
			continue
		}
		if address, err := m.Resolve(m.Segments[0].URI); err == nil {
			next = address.String()
			break
		}
	}
	address, err := url.Parse(st.renewed.address)
	if err != nil || st.renewed.address == "" {
		return false, next
	}
	header := http.Header{"Accept-Encoding": origin.Identity, "Range": {"bytes=0-0"}}
	resp, err := f.mounts[st.key.Mount].client.Do(f.work.Context, http.MethodGet, address, header)
	if err != nil {
		return false, next
	}
	defer resp.Body.Close()
	return origin.HasBody(resp.StatusCode), next
}
