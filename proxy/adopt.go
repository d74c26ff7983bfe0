package proxy

// adopt takes over from a server with an older configuration what is loaded and
// as good under this one's: after a reload nothing need be asked of an origin
// that may be failing, and no stream is renumbered. The clock goes on as well.
func (s *Server) adopt(old *Server) {
	old.replaced.Store(true)
	s.clock.last.Store(old.clock.last.Load())
	for _, st := range old.store.retire() {
		if s.agrees(old, st) {
			_ = s.store.add(st, s.needed) // full: it is loaded again when it is asked for
		}
	}
}

// agrees says whether a stream would be loaded by this server as it was by an
// older one.
func (s *Server) agrees(old *Server, st *stream) bool {
	now, before := s.mounts[st.key.mount], old.mounts[st.key.mount]
	if now == nil || now.options != before.options || now.channel != before.channel || !now.origin.Same(before.origin) {
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
