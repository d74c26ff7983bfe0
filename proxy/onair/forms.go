package onair

import (
	"math"
	"slices"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	shareOfForms = 16 // forms use at most this fraction of the memory
	maxTexts     = 16 // of one VOD
)

// forms are the queries that were let in, by path. The store's lock guards it.
type forms struct {
	paths  map[Key]*formsOf // by the key without its query
	counts map[*Stream]int  // how many are answered with a text
	n      int              // of all paths
	gone   int64            // dropped for others so far
	bytes  int64
	limit  int64
}

// formsOf are the forms of one path, and the texts that they are answered with.
type formsOf struct {
	plain       *form                         // the one without a query, which is found at once; nil: none
	plainUsed   moment                        // when it was
	once, again *simplelru.LRU[string, *form] // requested once, and more often; by query
	texts       []*Stream
}

func newForms(limit int64) *forms {
	return &forms{paths: map[Key]*formsOf{}, counts: map[*Stream]int{}, limit: limit / shareOfForms}
}

// path is the key that all forms of a VOD have in common. Of a named one there is one
// form alone.
func (k Key) path() Key {
	if k.named {
		return k
	}
	return Key{Mount: k.Mount, Path: k.Path}
}

// get is the form of a key, nil if it has not been let in.
func (f *forms) get(k Key) *form { return f.paths[k.path()].get(k.Query) }

// get is the form of a query, nil if it has not been let in; of no forms there is none.
func (of *formsOf) get(query string) *form {
	switch {
	case of == nil:
		return nil
	case of.plain != nil && query == "":
		return of.plain
	}
	if one, has := of.again.Peek(query); has {
		return one
	}
	one, _ := of.once.Peek(query)
	return one
}

// use notes that a form is used.
func (of *formsOf) use(one *form) {
	if _, has := of.again.Get(one.query); !has {
		of.once.Remove(one.query)
		of.again.Add(one.query, one)
	}
}

// add lets a form in, in the place of the one with its query.
func (f *forms) add(one *form) {
	k := one.key()
	f.remove(k)
	of := f.of(k.path())
	of.once.Add(one.query, one)
	if k.Query == "" {
		of.plain = one
	}
	f.n++
	f.counts[one.st]++
	f.bytes += one.bytes()
	for more := true; more && f.bytes > f.limit; {
		more = f.shrink(one)
	}
}

// of are the forms of a path.
func (f *forms) of(path Key) *formsOf {
	of := f.paths[path]
	if of == nil {
		of = &formsOf{}
		of.once, _ = simplelru.NewLRU[string, *form](math.MaxInt, nil) // bounded by bytes instead
		of.again, _ = simplelru.NewLRU[string, *form](math.MaxInt, nil)
		f.paths[path] = of
	}
	return of
}

// remove forgets a form.
func (f *forms) remove(k Key) {
	of := f.paths[k.path()]
	if of == nil {
		return
	}
	for _, some := range []*simplelru.LRU[string, *form]{of.once, of.again} {
		if one, has := some.Peek(k.Query); has {
			some.Remove(k.Query)
			f.forget(one)
		}
	}
	f.tidy(k.path())
}

func (f *forms) forget(one *form) {
	if of := f.paths[one.key().path()]; of.plain == one {
		of.plain = nil
	}
	f.n--
	f.bytes -= one.bytes()
	if f.counts[one.st]--; f.counts[one.st] == 0 {
		delete(f.counts, one.st)
	}
}

// tidy forgets a path of which nothing is left.
func (f *forms) tidy(path Key) {
	if of := f.paths[path]; of != nil && of.once.Len()+of.again.Len()+len(of.texts) == 0 {
		delete(f.paths, path)
	}
}

// shrink forgets the least used forms, except for one, of the path with the most
// forms: of those requested once, else of all. It forgets several at a time, since
// it looks at all paths. The only form of a path stays. It reports whether there
// were any.
func (f *forms) shrink(but *form) bool {
	var most *formsOf
	for _, of := range f.paths {
		if most == nil || of.len() > most.len() {
			most = of
		}
	}
	if most.len() < 2 {
		return false
	}
	some := false
	for range min(1+most.len()/64, most.len()-1) {
		for _, lru := range []*simplelru.LRU[string, *form]{most.once, most.again} {
			if query, one, has := lru.GetOldest(); has && one != but {
				lru.Remove(query)
				f.forget(one)
				f.gone++
				some = true
				break
			}
		}
	}
	return some
}

func (of *formsOf) len() int { return of.once.Len() + of.again.Len() }

// addText notes a text of a path.
func (f *forms) addText(st *Stream) {
	of := f.of(st.key.path())
	of.texts = append(of.texts, st)
}

// dropText forgets a text with its forms.
func (f *forms) dropText(st *Stream) {
	path := st.key.path()
	of := f.paths[path]
	of.texts = slices.DeleteFunc(of.texts, func(o *Stream) bool { return o == st })
	for _, one := range f.all(st) {
		f.remove(one.key())
	}
	f.tidy(path)
}

// all are the forms that are answered with a text, those used last at the end.
func (f *forms) all(st *Stream) (all []*form) {
	of := f.paths[st.key.path()]
	if of == nil {
		return nil
	}
	for _, one := range slices.Concat(of.once.Values(), of.again.Values()) {
		if one.st == st {
			all = append(all, one)
		}
	}
	return all
}

// texts are those of a path.
func (f *forms) texts(k Key) []*Stream {
	if of := f.paths[k.path()]; of != nil {
		return of.texts
	}
	return nil
}

// kin are the texts of one VOD, which differ in queries of addresses alone: they have
// one timeline.
type kin struct{ thrashed bool } // the store's lock guards it

// tooMany is the least recently used text, except for one, of a VOD that has too many;
// nil: it does not.
func (f *forms) tooMany(but *Stream) (least *Stream) {
	n := 0
	for _, st := range f.texts(but.key) {
		if st.kin != but.kin {
			continue
		}
		n++
		if st != but && (least == nil || st.usedAt.nanos.Load() < least.usedAt.nanos.Load()) {
			least = st
		}
	}
	if n <= maxTexts {
		return nil
	}
	return least
}
