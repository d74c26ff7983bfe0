package main

// others compares two builds of vod2live, the other build being 1. It is for
// developers who change something.
func (b *bench) others() ([]row, error) {
	if b.other == "" {
		return nil, nil
	}
	origin, err := b.origin()
	if err != nil {
		return nil, err
	}
	loads := []struct {
		what string
		load load
		of   func(cost) float64
	}{
		{"playlist", load{url: livePath, connections: 64}, perRequest},
		{"playlist, browser", load{url: livePath, connections: 64, header: browser}, perRequest},
		{"playlist, gzip", load{url: livePath, connections: 64, header: []string{gzipAsked}}, perRequest},
	}
	for _, s := range shapes {
		loads = append(loads, struct {
			what string
			load load
			of   func(cost) float64
		}{s.what, load{url: "/live/" + s.file, connections: s.connections}, perByte})
	}
	var all []contestant
	for _, program := range []string{b.server, b.other, b.other} {
		p, err := b.build(program, "build", origin.url)
		if err != nil {
			return nil, err
		}
		for _, l := range loads {
			at := l.load
			at.url = p.url + at.url
			all = append(all, contestant{l.what, p, at})
		}
	}
	costs, err := b.inTurns(all...)
	if err != nil {
		return nil, err
	}
	var rows []row
	for i, l := range loads {
		one, other, again := costs[i], costs[len(loads)+i], costs[2*len(loads)+i]
		rows = append(rows,
			row{what: "this build, the other is 1: " + l.what, unit: "x", free: true, measured: ratios(one, other, l.of)},
			row{what: "noise", unit: "x", free: true, measured: ratios(again, other, l.of)})
	}
	return rows, nil
}
