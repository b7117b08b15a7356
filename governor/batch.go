package governor

import "time"

// Upcoming is a micro-batch about to be formed. All times are since the same
// origin.
type Upcoming struct {
	Now      time.Duration // when its size is decided
	Closes   time.Duration // when it is formed and may start
	Interval time.Duration
	// Checkpoint says that a checkpoint is taken in the batch, of Dirty changed
	// bytes among State.
	Checkpoint   bool
	Dirty, State int64
	// Queue is what is formed and not complete, in order.
	Queue []QueuedBatch
}

// QueuedBatch is a micro-batch that is waiting or being processed.
type QueuedBatch struct {
	Records      int64
	Closes       time.Duration
	Started      time.Duration // below 0 while it waits
	Checkpoint   bool
	Dirty, State int64
}

// CompletedBatch is a micro-batch that has been processed.
type CompletedBatch struct {
	Records int64
	Closed  time.Duration // when it was formed
	Started time.Duration
	Done    time.Duration
	// Checkpoint is what the checkpoint in it took, 0 without one; Dirty is the bytes
	// that it saved, when encoded, of State in all, or was expected to if it failed.
	Checkpoint   time.Duration
	Dirty, State int64
}

// A BatchPolicy sizes micro-batches: every interval a batch is formed, batches
// are processed one after the other, and every so many carry a checkpoint
// inside them. One caller uses it, one call at a time.
type BatchPolicy interface {
	// Done tells of a completed batch, in order.
	Done(CompletedBatch)
	// Size is the number of records that the next batch may have.
	Size(Upcoming) (records int64, why Reason)
}

// FixedBatch gives every batch the same number of records.
type FixedBatch int64

// Done ignores the batch.
func (f FixedBatch) Done(CompletedBatch) {}

// Size is the fixed number.
func (f FixedBatch) Size(Upcoming) (int64, Reason) {
	return int64(f), Reason{Rate: BoundFixed, Window: BoundFixed}
}

// PIDBatch sizes batches as Spark Streaming does: the rate that its PID issued
// last, times the interval. Checkpoint time counts as processing time.
type PIDBatch struct {
	pid  *PIDRate
	rate float64
}

// NewPIDBatch makes the policy. It issues the initial rate, in records a
// second, until the second batch is complete.
func NewPIDBatch(g Gains, interval time.Duration, initial float64) (*PIDBatch, error) {
	pid, err := NewPIDRate(g, interval)
	if err != nil {
		return nil, err
	}
	return &PIDBatch{pid: pid, rate: initial}, nil
}

// Done feeds the estimator.
func (p *PIDBatch) Done(b CompletedBatch) {
	rate, ok := p.pid.Compute(b.Done, b.Records, b.Done-b.Started, b.Started-b.Closed)
	if ok {
		p.rate = rate
	}
}

// Size is the rate issued last, over the interval.
func (p *PIDBatch) Size(u Upcoming) (int64, Reason) {
	n := p.rate * u.Interval.Seconds()
	return int64(n), Reason{Rate: BoundPID, Limit: p.rate, Window: BoundPID}
}
