package onair

import "sync"

// maxFormLoads is the maximum number of concurrent whole loads of forms of
// one path.
const maxFormLoads = 4

// loading are the loads of forms that are under way, by path.
type loading struct {
	mu    sync.Mutex // guards count
	count map[Key]int
}

func newLoading() *loading { return &loading{count: map[Key]int{}} }

// begin reports whether one more form of a path may be loaded whole now; done ends
// it. So a stranger's queries leave slots to other streams.
func (s *loading) begin(k Key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.isForm() && s.count[k.path()] == maxFormLoads {
		return false
	}
	if k.isForm() {
		s.count[k.path()]++
	}
	return true
}

func (s *loading) done(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if path := k.path(); k.isForm() {
		if s.count[path]--; s.count[path] == 0 {
			delete(s.count, path)
		}
	}
}
