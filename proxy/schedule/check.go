package schedule

// checkEra checks what concerns several keys of an era.
func (r *reader) checkEra(e *eraReading, start int) {
	if e.At.IsZero() {
		r.mistake(start, "an era needs at, the instant when it begins, such as 2026-12-24T18:00:00Z")
	}
	written, all := 0, 0
	note := func(is bool) {
		all++
		if is {
			written++
		}
	}
	note(!e.Starts.IsZero())
	note(e.Numbers != nil)
	for _, items := range [][]Item{e.Play, e.Loop} {
		for n := range items {
			note(items[n].Sum != "")
		}
	}
	switch {
	case written > 0 && written < all:
		r.mistake(start, "an era has starts, numbers, and the sum and stretches of all its items, or none of them")
	case written > 0 && e.repeatsFiller():
		r.mistake(start, "an era with numbers needs a loop, or end: true: of a filler it is not known what it counts for")
	}
}

// checkObject checks what concerns several keys of an object.
func (r *reader) checkObject(o *Object, start int) {
	switch {
	case len(o.Eras) == 0:
		r.mistake(start, "no eras: a schedule has one at least")
		return
	case o.Written.IsZero() != o.Frozen.IsZero():
		r.mistake(start, "written and frozen are given together, or neither")
	case o.Frozen.Before(o.Written):
		r.mistake(start, "frozen is before written (lead-too-short)")
	}
	if text := o.TooMany(); text != "" && !o.Written.IsZero() { // a wish is counted by lock
		r.mistake(start, "%s", text)
	}
	for _, f := range o.Faults() {
		at := start
		if f.Era >= 0 {
			at = r.eras[f.Era]
		}
		r.mistake(at, "%s", f.Text)
	}
}
