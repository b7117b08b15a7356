package state

// run is what one checkpoint wrote of a group: the entries changed after
// epoch since and up to the capture. The first run of a group is its base.
type run struct {
	since uint32
	bytes int
	tier  int
}

// plan says what a capture writes of a group.
type plan struct {
	since    uint32 // entries changed after this epoch
	upto     uint32 // and not after this one
	replaces int    // latest runs it stands in for, or All
	tier     int
}

const (
	// fanIn runs of one tier are written again as one run of the next, as in
	// a tiered log-structured merge tree, so a restore reads a logarithmic
	// number of runs and a change is written a logarithmic number of times.
	fanIn = 8
	// restored marks runs of an earlier process: their epochs are unknown, so
	// only a base can stand in for them.
	restored = -1
	// maxRuns is the number of runs at which a base is written in any case.
	maxRuns = 4 * fanIn
	// minBase is how many bytes out of date are worth no base.
	minBase = 16 << 10
)

// choose decides what the capture number seq writes of a group: everything
// when more than half of what is stored is out of date, the last fanIn runs of a
// tier again when there are as many, otherwise what has changed since the last
// capture. live is about how many bytes the group has, but no fewer than its
// base is taken for: where entries are added and stay, all that is stored is
// live, and a base would only write it again.
// The turn, which differs from group to group, spreads rewriting over
// captures, so that not all groups are rewritten by the same one.
func choose(runs []run, epoch uint32, turn bool, live int) plan {
	p := plan{since: epoch - 1, upto: epoch}
	if len(runs) == 0 {
		p.since, p.replaces = 0, All
		return p
	}
	stored := 0
	for _, r := range runs {
		stored += r.bytes
	}
	live = max(live, runs[0].bytes, minBase)
	heavy := stored > 2*live || len(runs) > maxRuns
	if heavy && (turn || stored > 3*live) {
		p.since, p.replaces = 0, All
		return p
	}
	for {
		same := trailing(runs[:len(runs)-p.replaces], p.tier)
		if same < fanIn-1 || (!turn && same < 2*fanIn) {
			return p
		}
		p.replaces += same
		p.since = runs[len(runs)-p.replaces].since
		p.tier++
	}
}

// trailing counts the runs of a tier at the end of runs, never the base.
func trailing(runs []run, tier int) int {
	n := 0
	for n < len(runs)-1 && runs[len(runs)-1-n].tier == tier {
		n++
	}
	return n
}

// next returns the runs as they are once the plan's run is complete. A plan
// that wrote nothing changes nothing.
func (p plan) next(runs []run, bytes int) []run {
	switch {
	case p.replaces == All:
		return append(runs[:0], run{0, bytes, 0})
	default:
		return append(runs[:len(runs)-p.replaces], run{p.since, bytes, p.tier})
	}
}
