package actors

import (
	"time"

	"github.com/flyball-stream/flyball/governor"
	"github.com/flyball-stream/flyball/governor/estimate"
)

// MicroBatch has a job work in batches, as Spark Streaming does: every Interval
// a batch is formed, of as many records as the policy says and the sources have,
// and batches are processed one after the other. Every so many a checkpoint is
// taken inside the batch, which is complete when that is durable.
type MicroBatch struct {
	Interval time.Duration
	// Every is after how many batches there is a checkpoint; 0 for none but
	// the final one.
	Every int
	// Policy makes what sizes the batches of an attempt.
	Policy func() governor.BatchPolicy
}

// Decided is a decision of a task's policy, with what it was made of.
type Decided struct {
	Flow    string
	Vertex  string
	Subtask int
	At      time.Duration // since the job was made
	// Observation and Decision are valid during the call only.
	Observation *governor.Observation
	Decision    *governor.Decision
}

// Governed is how a task stood with its policy in the latest control period.
type Governed struct {
	Reason governor.Reason
	Rate   float64 // records a second that a source may read; 0 for no bound
	// Service is the records a second that the task processed while it was busy.
	Service float64
	// Busy, Blocked, Saving and Disturbed are parts of the period: in operators,
	// waiting for credit, capturing and encoding, and while any part of a
	// checkpoint was being written.
	Busy, Blocked, Saving, Disturbed float64
	Windows                          []governor.Window // by input channel
	Next                             estimate.Prediction
	// Last is the latest durable checkpoint, numbered LastID. Forecast is what the
	// latest decision before its barrier expected of it, from a forecast of what
	// would be dirty, and Predicted what was expected at the barrier, of what was.
	LastID              uint64
	Last                estimate.Checkpoint
	Forecast, Predicted estimate.Prediction
	// Dirty and State are estimates, in bytes when encoded.
	Dirty, State int64
}
