package playlist

import "vod2live/loop"

// Retime is the stream with other options, as if loaded again, but without requests
// to the origin: the newest version from the epoch on. If only the memory differs,
// nothing changes. It is nil if it depends on what only the origin has: then the
// stream must be loaded.
func (l *Live) Retime(options Options) *Live {
	if options.Strict != l.options.Strict || options.Continuous != l.options.Continuous || !options.Breaks.equal(l.options.Breaks) || options.Programme != l.options.Programme {
		return nil
	}
	next := *l
	next.options = options
	if options.Window == l.options.Window && options.Epoch.Equal(l.options.Epoch) {
		return next.within(options)
	}
	vod := l.VOD.WithWindow(options.Window)
	if vod == nil || l.headers != nil || l.heir || l.windowMatters(vod) {
		return nil
	}
	newest := *l.version
	newest.VOD = vod
	next.version, next.versions, next.Era, next.oldest = &newest, []*version{&newest}, 0, 0
	if next.begin() != nil {
		return nil
	}
	return next.within(options)
}

// within is the stream if its live playlists fit the options, else nil.
func (l *Live) within(options Options) *Live {
	if l.checkWindows(options) != nil {
		return nil
	}
	return l
}

// windowMatters reports whether the length of the window may determine which
// renditions are served: that of one is left out, or may be too long now.
func (l *Live) windowMatters(vod *loop.VOD) bool {
	for n := range l.media {
		if why := l.LeftOut(n); why != nil {
			switch why.Code {
			case loop.CodeWindowTooLong, loop.CodeChangesTooOften, CodeTooLarge:
				return true
			}
		}
		if vod.Window > l.VOD.Window && float64(l.windowBytes(n))*vod.Window.Seconds()/l.VOD.Window.Seconds() > maxLive/2 {
			return true
		}
	}
	return false
}
