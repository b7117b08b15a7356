package governor

import (
	"time"

	"github.com/flyball-stream/flyball/governor/estimate"
)

// Observation is what one task saw in one control period. Durations are parts
// of the period unless they say otherwise.
type Observation struct {
	Now    time.Duration // monotonic, since any origin that stays the same
	Period time.Duration // since the last observation
	// Records, Batches and Bytes (of memory) were processed; by a source, read.
	Records, Batches, Bytes int64
	// Busy is the time in which there were records to work on, whether or not
	// there was a processor to do it, without checkpoint work.
	Busy       time.Duration
	Blocked    time.Duration // waiting for downstream credit
	Dry        time.Duration // nothing was on its way to the task
	Checkpoint Checkpoint
	Channels   []Channel // input channels at the end of the period
	Outputs    []Output
	// Memory is what the whole process uses, in bytes; 0 if not measured.
	Memory int64
	// Processors is the part of their time that the processors which the process
	// may use worked for it; 0 if not measured.
	Processors float64
}

// Channel is one input channel.
type Channel struct {
	Window   Window // as granted now
	InFlight Window // of it, sent and not yet processed
	Queued   int    // batches held back by an alignment
	Blocked  bool   // its barrier has arrived and others' have not
	// Starved says that the sender ran out of credit during the period.
	Starved bool
	// Records, Batches and Bytes were processed in the period.
	Records, Batches, Bytes int64
}

// Output is one of a task's outputs: what it emits over one edge.
type Output struct {
	Records int64  // emitted in the period
	Lanes   []Lane // its channels
}

// Lane is one channel of an output, seen by its sender.
type Lane struct {
	Records int64   // sent in the period
	Rate    float64 // as granted by the receiver; 0 if nothing was said
}

// Checkpoint is where a task stands with checkpoints.
type Checkpoint struct {
	// Due is the time until the next barrier is injected; below 0 if none is
	// scheduled.
	Due time.Duration
	// Interval is the present time between checkpoints; 0 if there are none.
	Interval time.Duration
	Pending  bool          // one has been injected and is not captured here yet
	Writing  bool          // captured, not yet durable
	Captured uint64        // the latest that was captured here
	Capture  time.Duration // the task stood still to capture
	Encode   time.Duration // the task's own time spent encoding
	Persist  time.Duration // the process was writing a checkpoint, this task's or another's
	// Dirty and State are the bytes that have changed since the last capture,
	// and all bytes, at the end of the period.
	Dirty, State int64
	// Last is the latest durable checkpoint. It is learnt from when its ID is
	// new, so an observation that is lost loses no checkpoint.
	LastID uint64 // 0 for none
	Last   estimate.Checkpoint
}
