package microbatch

import (
	"time"

	"github.com/flyball-stream/flyball/governor"
)

// Config is what a [Batcher] decides by.
type Config struct {
	Interval time.Duration
	Every    int // batches to a checkpoint; 0 for none
	Policy   governor.BatchPolicy
	Tasks    int // that pass a batch on
}

// Batcher decides about the batches of one attempt of a job.
type Batcher struct {
	cfg          Config
	now          time.Duration
	dirty, state int64 // as of the last tick
	saved        int64 // bytes, in the last checkpoint
	started      bool
	formed       uint64        // batches decided on
	closes       time.Duration // when the latest of them is formed
	queue        []governor.QueuedBatch
	running      batch
	number       uint64 // of the running batch, or the last
}

// batch is a batch being processed.
type batch struct {
	governor.CompletedBatch
	open         bool
	planned      int64 // records
	missing      int   // tasks that have not passed it
	checkpoint   bool
	checkpointed bool
	captured     Captured      // by the tasks together
	parts        int           // how many of them that is
	passed       time.Duration // by all tasks
}

// New makes a batcher that has formed no batch.
func New(cfg Config) *Batcher { return &Batcher{cfg: cfg} }

// Step applies what has happened by now, which is since any origin, and appends
// to cmds what must be done about it.
func (b *Batcher) Step(now time.Duration, ev Event, cmds []Command) []Command {
	r := &b.running
	b.now = now
	switch ev := ev.(type) {
	case Tick:
		b.tick(ev)
	case Read:
		if r.open && ev.Batch == b.number {
			r.Records += ev.Records
		}
	case Passed:
		if r.open && ev.Batch == b.number {
			if r.missing--; r.missing == 0 {
				r.passed = b.now
			}
		}
	case Captured:
		r.parts++
		r.captured.Dirty += ev.Dirty
		r.captured.State += ev.State
	case Checkpointed:
		r.checkpointed = true
	}
	return b.release(b.complete(cmds))
}

// tick forms the batch that is due and decides on the next. Of intervals that
// were missed only one is made up for: the sources have kept the records.
func (b *Batcher) tick(ev Tick) {
	b.dirty, b.state = ev.Dirty, ev.State
	if b.started && (b.now < b.closes || len(b.queue) >= mostQueued) {
		return
	}
	if !b.started {
		b.started, b.closes = true, b.now
	}
	b.closes = max(b.closes+b.cfg.Interval, b.now)
	u := governor.Upcoming{
		Now: b.now, Closes: b.closes, Interval: b.cfg.Interval, Dirty: b.toSave(), State: b.state,
		Checkpoint: b.carries(b.formed + 1), Queue: b.waiting(),
	}
	n, _ := b.cfg.Policy.Size(u)
	b.formed++
	b.queue = append(b.queue, governor.QueuedBatch{
		Records: max(1, n), Closes: b.closes, Started: -1,
		Checkpoint: u.Checkpoint, Dirty: u.Dirty, State: u.State,
	})
}

// toSave is how many bytes the next checkpoint is expected to save: as many as
// the last, or more if more have changed by now. Right after a checkpoint, when
// the batch of the next is decided on, nothing has.
func (b *Batcher) toSave() int64 { return max(b.saved, b.dirty) }

// mostQueued bounds the batches that wait; records beyond wait at the sources.
const mostQueued = 1000

// carries reports whether a batch, by number, has a checkpoint.
func (b *Batcher) carries(n uint64) bool { return b.cfg.Every > 0 && n%uint64(b.cfg.Every) == 0 }

// waiting is the batch being processed and those that wait for it.
func (b *Batcher) waiting() (all []governor.QueuedBatch) {
	if r := b.running; r.open {
		all = append(all, governor.QueuedBatch{
			Records: r.planned, Closes: r.Closed, Started: r.Started,
			Checkpoint: r.checkpoint, Dirty: r.Dirty, State: r.State,
		})
	}
	return append(all, b.queue...)
}

// complete ends the batch that all tasks have passed.
func (b *Batcher) complete(cmds []Command) []Command {
	r := &b.running
	if !r.open || r.missing > 0 || r.checkpoint && !r.checkpointed {
		return cmds
	}
	r.open, r.Done = false, b.now
	if r.checkpoint {
		r.Checkpoint = r.Done - r.passed
		if c := r.captured; r.parts == b.cfg.Tasks { // it has not failed
			b.saved, r.Dirty, r.State = c.Dirty, c.Dirty, c.State
		}
	}
	b.cfg.Policy.Done(r.CompletedBatch)
	return append(cmds, Completed{r.CompletedBatch})
}

// release begins the next batch that is formed.
func (b *Batcher) release(cmds []Command) []Command {
	if b.running.open || len(b.queue) == 0 || b.queue[0].Closes > b.now {
		return cmds
	}
	q := b.queue[0]
	b.queue = b.queue[1:]
	b.number++
	b.running = batch{open: true, planned: q.Records, missing: b.cfg.Tasks, checkpoint: q.Checkpoint}
	b.running.CompletedBatch = governor.CompletedBatch{
		Closed: q.Closes, Started: b.now, Dirty: b.toSave(), State: b.state,
	}
	return append(cmds, Release{Batch: b.number, Records: q.Records, Checkpoint: q.Checkpoint})
}
