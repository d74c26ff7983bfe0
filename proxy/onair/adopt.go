package onair

// adopt takes over from a server with an older configuration what is loaded and
// as good under this one's: after a reload nothing need be asked of an origin
// that may be failing, and no stream is renumbered. The clock goes on as well.
func (s *Station) adopt(old *Station) {
	old.next.Store(s)
	s.clock.last.Store(old.clock.last.Load())
	for _, c := range s.config.Channels {
		if m := old.mounts[c.Name]; c.Lists() && m != nil && m.playout != nil {
			s.mounts[c.Name].playout.inherit(m.playout)
		}
	}
	for _, st := range old.store.retire() {
		s.take(old, st)
	}
}

// take takes a loaded stream over, under the options of this server, and reports
// whether it is as good as one that is loaded by it.
func (s *Station) take(old *Station, st *Stream) bool {
	if !s.agrees(old, st) || !st.retime(s.mounts[st.key.Mount].optionsOf(st.key), s.clock.Now()) {
		return false
	}
	if s.store.add(st) != nil { // full: it is loaded again when it is asked for
		return false
	}
	for _, one := range old.store.books().formsOf(st) {
		s.store.admit(one)
	}
	return true
}

// handOver gives what was loaded for viewers of a server that had been replaced
// meanwhile to the one in its place, with the form that was let in (nil: of a channel):
// they ask there next.
func (s *Station) handOver(st *Stream, one *form) {
	before, k := s, st.key
	if one != nil {
		k = one.key()
	}
	for next := before.next.Load(); next != nil && next.store.get(k) == nil; next = next.next.Load() {
		if !next.store.books().has(st) && !next.take(before, st) {
			return
		}
		if one != nil {
			next.store.admit(one)
		}
		before = next
	}
}

// agrees says whether a stream would be loaded by this server as it was by an
// older one.
func (s *Station) agrees(old *Station, st *Stream) bool {
	now, before := s.mounts[st.key.Mount], old.mounts[st.key.Mount]
	if st.scheduled || now == nil || now.byPattern(st.key.Path) != st.key.named || now.channel != before.channel || now.query != before.query || !now.origin.Same(before.origin) {
		return false
	}
	for e := st.newest.Load(); e != nil; e = e.earlier {
		for _, name := range e.origins { // its segments may lie in others
			if o := s.client.Mounted(name); o == nil || !o.Same(old.client.Mounted(name)) {
				return false
			}
		}
	}
	return true
}
