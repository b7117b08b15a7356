package main

import (
	"slices"
	"time"

	"github.com/flyball-stream/flyball/governor"
)

// shifts has laws size micro-batches in turn, a shift of some batches each, in
// one process and over one state: whatever befalls the machine for longer than
// a shift befalls all of them. A law is told of its own batches alone, at times
// out of which the shifts of the others are taken, so that it learns what it
// would learn by itself.
type shifts struct {
	each         int // batches of a shift
	laws         []lawOfBatches
	others       []time.Duration // of each law: how long the others' batches took so far
	formed, done int             // batches
	last         time.Duration   // when the last batch was done
}

// lawOfBatches is a policy with its name.
type lawOfBatches struct {
	name policy
	governor.BatchPolicy
}

// shift is what a law did in one of its shifts.
type shift struct {
	Law     policy
	Took    time.Duration
	Batches []governor.CompletedBatch
}

func newShifts(each int, laws ...lawOfBatches) *shifts {
	return &shifts{each: each, laws: laws, others: make([]time.Duration, len(laws))}
}

// inShifts has Spark's law and the governor take turns.
func (t trial) inShifts() *shifts {
	var both []lawOfBatches
	for _, name := range laws[1:] {
		t.Policy = name
		both = append(both, lawOfBatches{name, t.batchPolicy()})
	}
	return newShifts(t.Shift, both...)
}

// whose is the law that sizes a batch, by the batch's number.
func (s *shifts) whose(n int) int { return n / s.each % len(s.laws) }

// Size is that of the law whose shift it is.
func (s *shifts) Size(u governor.Upcoming) (int64, governor.Reason) {
	s.formed++
	return s.laws[s.whose(s.formed-1)].Size(u)
}

// Done tells the law that has sized the batch.
func (s *shifts) Done(b governor.CompletedBatch) {
	of := s.whose(s.done)
	for i := range s.others {
		if s.done > 0 && i != of {
			s.others[i] += b.Done - s.last
		}
	}
	s.done, s.last = s.done+1, b.Done
	b.Closed, b.Started, b.Done = b.Closed-s.others[of], b.Started-s.others[of], b.Done-s.others[of]
	s.laws[of].Done(b)
}

// whole are the whole shifts among batches of which the first has a number,
// each without some batches that found the queue as another law had left it.
func (s *shifts) whole(first int, batches []governor.CompletedBatch, leave int) (all []shift) {
	for at := (first + s.each) / s.each * s.each; at+s.each <= first+len(batches); at += s.each {
		from, to := at+leave-first, at+s.each-first
		took := batches[to-1].Done - batches[from-1].Done
		all = append(all, shift{s.laws[s.whose(at)].name, took, batches[from:to]})
	}
	return all
}

// shift is how many batches a shift has, and how many of them are left out:
// twelve or six seconds', and a sixth of them. All laws have the same number of
// checkpoints in what counts.
func (s setting) shift() (each, leave int) {
	each = max(12, int(6*time.Second/s.Batch))
	return s.upToCheckpoint(each), s.upToCheckpoint(each / 6)
}

// upToCheckpoint is the number of batches up to the next checkpoint.
func (s setting) upToCheckpoint(n int) int {
	k := max(1, s.Every)
	return (n + k - 1) / k * k
}

// perLaw is a result of each law that took shifts, in the order of their first,
// or the result itself. What was in memory is that of all laws together.
func (r result) perLaw() (all []result) {
	if len(r.Shifts) == 0 {
		return []result{r}
	}
	var names []policy
	for _, s := range r.Shifts {
		if !slices.Contains(names, s.Law) {
			names = append(names, s.Law)
		}
	}
	for _, name := range names {
		all = append(all, r.of(name))
	}
	return all
}

// of is the result of one law's shifts.
func (r result) of(law policy) result {
	var took time.Duration
	var batches []governor.CompletedBatch
	for _, s := range r.Shifts {
		if s.Law == law {
			took += s.Took
			batches = append(batches, s.Batches...)
		}
	}
	r.Policy, r.Seconds, r.Records = law, took.Seconds(), 0
	r.Shifts, r.Series, r.Checkpoints = nil, nil, nil
	for _, b := range batches {
		r.Records += b.Records
		if b.Checkpoint > 0 {
			r.Checkpoints = append(r.Checkpoints, saved{Took: millis(b.Checkpoint)})
		}
	}
	r.Batches = batchesOf(batches, r.Batch, took)
	return r
}
