package onair

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vod2live/metrics"
)

// formsFor has forms of one path, with queries of one letter.
func formsFor(limit int64, queries string) (*forms, *Stream) {
	f := newForms(limit * shareOfForms)
	st := &Stream{key: Key{Mount: "live", Path: "a.m3u8"}}
	f.addText(st)
	for _, q := range queries {
		f.add(&form{st: st, query: string(q)})
	}
	return f, st
}

func queriesOf(all []*form) (queries string) {
	for _, one := range all {
		queries += one.query
	}
	return queries
}

// TestForms_AreCountedOnce, however often they are used, and are all gone with their text.
func TestForms_AreCountedOnce(t *testing.T) {
	f, st := formsFor(1<<20, "abc")
	for _, q := range []string{"b", "b", "a"} {
		one := f.get(Key{Mount: "live", Path: "a.m3u8", Query: q})
		if one == nil || one.query != q {
			t.Fatalf("%q: %v", q, one)
		}
		f.paths[st.key].use(one)
	}
	if got := queriesOf(f.all(st)); got != "cba" {
		t.Errorf("by use they are %q, want cba", got)
	}
	f.remove(Key{Mount: "live", Path: "a.m3u8", Query: "b"})
	if got, want := f.bytes, 2*int64(formBytes+1); got != want || f.counts[st] != 2 {
		t.Errorf("%d bytes of %d forms, want %d of two", got, f.counts[st], want)
	}
	f.dropText(st)
	if f.bytes != 0 || len(f.counts)+len(f.paths) != 0 {
		t.Errorf("%d bytes, %v and %v are left", f.bytes, f.counts, f.paths)
	}
}

// TestForms_WithoutAQueryIsOneOfThem, which is found until it is removed.
func TestForms_WithoutAQueryIsOneOfThem(t *testing.T) {
	f, st := formsFor(1<<20, "ab")
	plain, key := &form{st: st}, Key{Mount: "live", Path: "a.m3u8"}
	if one := f.get(key); one != nil {
		t.Errorf("%q is found before it is let in", one.query)
	}
	f.add(plain)
	if f.get(key) != plain || f.n != 3 {
		t.Errorf("%v is found, of %d forms", f.get(key), f.n)
	}
	if one := f.get(Key{Mount: "live", Path: "a.m3u8", Query: "b"}); one == nil || one.query != "b" {
		t.Errorf("beside it %v is found, want b", one)
	}
	f.remove(key)
	if one := f.get(key); one != nil || f.n != 2 {
		t.Errorf("%v is found after it was removed; %d are left", one, f.n)
	}
	if f.add(plain); f.get(key) != plain {
		t.Error("it is not found again")
	}
}

// TestForms_TheLeastUsedOfThePathWithTheMostGoes, once they take more than the limit.
func TestForms_TheLeastUsedOfThePathWithTheMostGoes(t *testing.T) {
	f, st := formsFor(4*int64(formBytes+1), "abc")
	other := &Stream{key: Key{Mount: "live", Path: "b.m3u8"}}
	f.addText(other)
	f.paths[st.key].use(f.get(Key{Mount: "live", Path: "a.m3u8", Query: "a"}))
	f.add(&form{st: other, query: "x"})
	if got := queriesOf(f.all(st)) + queriesOf(f.all(other)); got != "bcax" {
		t.Errorf("%q stay at the limit, want bcax", got)
	}
	for _, want := range []string{"cda", "dea", "efa"} {
		f.add(&form{st: st, query: want[1:2]})
		if got := queriesOf(f.all(st)); got != want || f.bytes > f.limit || len(f.all(other)) != 1 {
			t.Errorf("after %q came %q stay, want %q", want[1:2], got, want)
		}
	}
}

// TestStore_CountsQueriesThatAreKeptAndDropped for others, not those that end by themselves.
func TestStore_CountsQueriesThatAreKeptAndDropped(t *testing.T) {
	m := metrics.New("test")
	s := newStore(shareOfForms*4*int64(formBytes+1), time.Now, m)
	st := &Stream{key: Key{Mount: "live", Path: "a.m3u8"}}
	s.streams.Add(st, struct{}{})
	s.forms.addText(st)
	expect := func(kept, dropped int) {
		t.Helper()
		w := httptest.NewRecorder()
		m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		for _, want := range []string{fmt.Sprintf("\nvod2live_queries_admitted %d\n", kept), fmt.Sprintf("\nvod2live_queries_dropped_total %d\n", dropped)} {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("the metrics lack %q", want)
			}
		}
	}
	for _, q := range "abcd" {
		s.admit(&form{st: st, query: string(q)})
	}
	expect(4, 0)
	s.expel(s.forms.get(Key{Mount: "live", Path: "a.m3u8", Query: "b"}))
	expect(3, 0)
	s.admit(&form{st: st, query: "e"})
	s.admit(&form{st: st, query: "f"})
	expect(4, 1)
	s.mu.Lock()
	s.streams.Remove(st)
	s.mu.Unlock()
	expect(0, 1)
}
