package onair

// books is a store as one reads of forms in it.
type books store

func (s *store) books() *books { return (*books)(s) }

// admit lets a query in: viewers with it are answered from now on. It is not, if its
// text has been dropped meanwhile.
func (s *store) admit(one *form) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.count()
	s.failures.forget(one.key())
	if s.streams.Contains(one.st) {
		s.changeForms(func() { s.forms.add(one) })
		s.shrink(one.st.key)
	}
}

// expel ends a form; the stream stays for others.
func (s *store) expel(one *form) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.count()
	if s.forms.get(one.key()) == one {
		s.changeForms(func() { s.forms.remove(one.key()) })
	}
}

// changeForms changes the forms and counts them; the lock is held.
func (s *store) changeForms(change func()) {
	before, gone := s.forms.bytes, s.forms.gone
	change()
	s.usage.streams.Add(s.forms.bytes - before)
	s.metrics.QueriesDropped.Add(float64(s.forms.gone - gone))
}

// has reports whether a stream is loaded.
func (s *books) has(st *Stream) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.streams.Contains(st)
}

// textOf is the loaded text of a path that the origin has given at its own address;
// nil: there is none.
func (s *books) textOf(k Key, text [32]byte) *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.forms.texts(k) {
		if st.front.Load().text == text {
			return st
		}
	}
	return nil
}

// textsOf are the loaded texts of a path.
func (s *books) textsOf(k Key) []*Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Stream(nil), s.forms.texts(k)...)
}

// formsOf are the forms that are answered with a stream, those used last at the end.
func (s *books) formsOf(st *Stream) []*form {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forms.all(st)
}

// lastForm is the form of a stream that was used last.
func (s *books) lastForm(st *Stream) Form {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.forms.all(st)
	if len(all) == 0 {
		return Form{Stream: st}
	}
	one := all[len(all)-1]
	return Form{st, one.query, one}
}

// formCount is how many forms are answered with a stream, and how many texts its VOD
// has, and whether they are too many.
func (s *books) formCount(st *Stream) (forms, texts int, thrash bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.forms.texts(st.key) {
		if o.kin == st.kin {
			texts++
		}
	}
	return s.forms.counts[st], max(texts, 1), st.kin != nil && st.kin.thrashed
}

// dropText drops the least used text, except for one, of a VOD that has too many; the
// lock is held.
func (s *store) dropText(but *Stream) {
	least := s.forms.tooMany(but)
	if least == nil {
		return
	}
	if since(least.usedAt.nanos.Load(), s.now()) < neededFor && !but.kin.thrashed {
		but.kin.thrashed = true
		s.thrash(but)
	}
	s.streams.Remove(least)
	s.metrics.CacheEvictions.Inc()
}
