package actors

import (
	"slices"

	"github.com/flyball-stream/flyball/actors/snapshot"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// chains is what a task's states consist of on disk: for each key group of
// each state the runs that a restore reads, base first. A value is never
// changed, only replaced by [chains.with].
type chains map[chainKey][]storedRun

type chainKey struct {
	step, state string
	group       int
}

// storedRun is what one checkpoint wrote of one group, in order.
type storedRun struct {
	checkpoint uint64
	refs       []snapshot.Ref
}

// writtenBlock is a block that has become durable.
type writtenBlock struct {
	step     string
	state    string
	group    int
	replaces int
	ref      snapshot.Ref
}

// with returns the chains after a checkpoint that wrote blocks.
func (c chains) with(blocks []writtenBlock) chains {
	next := make(chains, len(c))
	for k, runs := range c {
		next[k] = runs
	}
	for _, b := range blocks {
		k := chainKey{b.step, b.state, b.group}
		next[k] = grow(next[k], b)
	}
	return next
}

// grow adds a block to the runs of its group. The first block of a run drops
// the runs it stands in for.
func grow(runs []storedRun, b writtenBlock) []storedRun {
	n := len(runs)
	if n > 0 && runs[n-1].checkpoint == b.ref.Checkpoint {
		last := storedRun{b.ref.Checkpoint, append(slices.Clip(runs[n-1].refs), b.ref)}
		return append(slices.Clip(runs[:n-1]), last)
	}
	keep := n - b.replaces
	if b.replaces == state.All || keep < 0 {
		keep = 0
	}
	return append(slices.Clip(runs[:keep]), storedRun{b.ref.Checkpoint, []snapshot.Ref{b.ref}})
}

// refs lists the blocks of a state by group, in restore order.
func (c chains) refs(step, name string) []snapshot.Ref {
	var groups []int
	for k := range c {
		if k.step == step && k.state == name {
			groups = append(groups, k.group)
		}
	}
	slices.Sort(groups)
	var refs []snapshot.Ref
	for _, g := range groups {
		for _, run := range c[chainKey{step, name, g}] {
			refs = append(refs, run.refs...)
		}
	}
	return refs
}

// keys lists the groups of a state in order.
func (c chains) keys(name string) []chainKey {
	var keys []chainKey
	for k := range c {
		if k.state == name {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b chainKey) int { return a.group - b.group })
	return keys
}

// join returns the chains of both, which have no group in common.
func (c chains) join(o chains) chains {
	next := make(chains, len(c)+len(o))
	for k, runs := range c {
		next[k] = runs
	}
	for k, runs := range o {
		next[k] = runs
	}
	return next
}
