package actors

import (
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/governor"
)

// Phase is what a job is doing.
type Phase string

// The phases of a job, in order; restarting leads back to starting.
const (
	Starting   Phase = "starting"
	Running    Phase = "running"
	Restarting Phase = "restarting"
	Stopping   Phase = "stopping" // taking the final checkpoint
	Ended      Phase = "ended"
)

// Stats is a job at one moment. All counts are since the process started and
// include earlier attempts.
type Stats struct {
	Flow        string
	Phase       Phase
	Attempt     int // 1 for the first
	Tasks       []TaskStats
	Checkpoints CheckpointStats
	// Schedule is when the next checkpoint begins and why, where a recovery goal
	// or the cost of checkpoints decides, or half of the time is left to records.
	Schedule governor.Proposal
	// InFlight is the memory of all batches that are covered by credits, in
	// bytes; it stays below Bound.InFlight.
	InFlight int64
	// Counters are what operators count, by step and name, such as "late".
	Counters map[CounterKey]int64
}

// CounterKey names one counter of one step.
type CounterKey struct{ Step, Name string }

// TaskStats is one task, a vertex's subtask.
type TaskStats struct {
	Vertex      string // the vertex's name
	Steps       []string
	Subtask     int
	Source      bool
	Sink        bool
	RecordsIn   int64 // received or, by a source, read
	RecordsOut  int64 // sent to other tasks or, by a sink, written
	BytesIn     int64 // memory of the records received
	BytesOut    int64
	Busy        time.Duration // spent in operators
	Blocked     time.Duration // spent waiting for downstream credit
	Idle        time.Duration // spent waiting for input
	CreditsHeld int           // batches it may still send, over all channels
	Credits     int           // batches it may send when nothing is in flight
	Queued      int           // batches received and not yet processed
	Watermark   operator.Timestamp
	Entries     int64 // keyed state entries
	Governed    Governed
	// Lanes are the tasks, by index in [Stats.Tasks], that each output sends to.
	Lanes [][]int
}

// CheckpointStats is what became of the job's checkpoints.
type CheckpointStats struct {
	Completed, Failed int64
	Last              CheckpointInfo // the latest complete one; ID 0 if none
	InProgress        uint64         // 0 if none
}

// CheckpointInfo is one complete checkpoint.
type CheckpointInfo struct {
	ID        uint64
	At        time.Time     // when it was complete
	Duration  time.Duration // from its trigger to its publication
	Alignment time.Duration // longest wait of a task between first and last barrier
	Bytes     int64         // written by it
	Entries   int64         // state entries written by it
	Blocks    int64
}
