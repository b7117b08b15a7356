package state

// run is what one checkpoint wrote of a group: the entries changed after
// epoch since and up to the capture. The first run of a group is its base.
type run struct {
	since    uint32
	bytes    int
	puts     int // entries
	outdated int // of them, changed or deleted since
	tier     int
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
	// a tiered log-structured merge tree, if they are small or half of them is
	// out of date: so a restore reads few small runs, and no more than twice what
	// there is. To write again what is neither would gain nothing.
	fanIn = 8
	// smallRun is the bytes below which a run costs more as one of many than
	// by what is in it.
	smallRun = BlockBytes / 4
	// restored marks runs of an earlier process: their epochs are unknown, so
	// only a base can stand in for them.
	restored = -1
	// maxRuns is the number of runs at which a base is written in any case, but
	// for one more run with each block.
	maxRuns = 4 * fanIn
	// minBase is how many bytes out of date are worth no base.
	minBase = 16 << 10
)

// choose decides what the capture number seq writes of a group: everything
// when more than half of what is stored is out of date, the last fanIn runs of a
// tier again when there are as many and it is worth it, otherwise what has changed
// since the last capture. live is about how many bytes the group has, but no fewer than its
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
	heavy := stored > 2*live || len(runs) > maxRuns+stored/BlockBytes
	if heavy && (turn || stored > 3*live) {
		p.since, p.replaces = 0, All
		return p
	}
	for {
		same := worthwhile(runs[:len(runs)-p.replaces], p.tier)
		if same < fanIn-1 || (!turn && same < 2*fanIn) {
			return p
		}
		p.replaces += same
		p.since = runs[len(runs)-p.replaces].since
		p.tier++
	}
}

// worthwhile counts the runs of a tier at the end of runs that are worth being
// written as one: so many that they are small, or half of their entries out of
// date. The base is never among them.
func worthwhile(runs []run, tier int) int {
	worth := 0
	var sum run
	for n := 1; n < len(runs) && runs[len(runs)-n].tier == tier; n++ {
		r := &runs[len(runs)-n]
		sum.bytes, sum.puts, sum.outdated = sum.bytes+r.bytes, sum.puts+r.puts, sum.outdated+r.outdated
		if sum.bytes < n*smallRun || 2*sum.outdated >= sum.puts {
			worth = n
		}
	}
	return worth
}

// next returns the runs as they are once the plan's run r is complete, of which
// since and tier are the plan's to say. A plan that wrote nothing changes nothing.
func (p plan) next(runs []run, r run) []run {
	r.since, r.tier = p.since, p.tier
	if p.replaces == All {
		return append(runs[:0], r)
	}
	return append(runs[:len(runs)-p.replaces], r)
}

// outdate counts the stored version of an entry, changed last in an epoch, as
// out of date.
func (g *group[K, V]) outdate(changed uint32) {
	if g.plan.upto > g.stored && changed > g.plan.since && changed <= g.plan.upto {
		g.run.outdated++ // of the run that is being written
	}
	if changed > g.stored {
		return
	}
	for i := len(g.runs) - 1; i >= 0; i-- {
		if r := &g.runs[i]; changed > r.since {
			r.outdated++
			return
		}
	}
}
