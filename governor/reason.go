package governor

import (
	"fmt"
	"time"
)

// Bound is what a decision was bound by.
type Bound uint8

// The bounds.
const (
	BoundNone       Bound = iota // nothing: the widest window allowed
	BoundFixed                   // the policy never changes
	BoundPID                     // the rate of Spark's law
	BoundLearning                // too little is known yet
	BoundService                 // the task's own speed
	BoundDownstream              // what a downstream task admits
	BoundLatency                 // the latency goal
	BoundCheckpoint              // a checkpoint that is due or under way
	BoundMemory                  // the memory goal
	BoundFloor                   // the least window: the goal asks for less
)

var boundNames = [...]string{
	"nothing", "fixed", "pid", "learning", "service", "downstream", "latency", "checkpoint",
	"memory", "floor",
}

// String is the bound in a word.
func (b Bound) String() string {
	if int(b) >= len(boundNames) {
		return fmt.Sprintf("bound %d", b)
	}
	return boundNames[b]
}

// Conflict says which goal cannot be met, and why.
type Conflict uint8

// The conflicts.
const (
	NoConflict           Conflict = iota
	LatencyBelowStall             // a checkpoint alone takes longer than the latency goal
	LatencyBelowBatch             // a batch on every channel takes longer than the latency goal
	RecoveryBelowRestore          // restoring alone takes longer than the recovery goal
	RecoveryBelowCost             // the recovery goal asks for checkpoints back to back
	MemoryBelowState              // what no window can change exceeds the memory goal
)

var conflictNames = [...]string{
	"", "the stall of a checkpoint exceeds the latency goal",
	"one batch a channel exceeds the latency goal",
	"restoring the state exceeds the recovery goal",
	"the recovery goal asks for checkpoints that follow each other without a pause",
	"memory beside the windows exceeds the memory goal",
}

// String is the conflict in a sentence, empty for none.
func (c Conflict) String() string {
	if int(c) >= len(conflictNames) {
		return fmt.Sprintf("conflict %d", c)
	}
	return conflictNames[c]
}

// Reason explains a decision: what bound it and the measurement that says so.
type Reason struct {
	Bound Bound
	// Limit is the measurement: records a second for fixed, pid, service and
	// downstream, bytes for memory.
	Limit float64
	// Stall is the checkpoint's predicted hold on the task, its error included.
	Stall time.Duration
	// Output and Lane are the channel that binds, if Bound is downstream.
	Output, Lane int
	Conflict     Conflict
}

// String is the reason in a line.
func (r Reason) String() string {
	s := "bound by " + r.Bound.String()
	switch r.Bound {
	case BoundFixed, BoundNone, BoundLearning:
	case BoundMemory:
		s += fmt.Sprintf(" (%.0f bytes)", r.Limit)
	case BoundDownstream:
		s += fmt.Sprintf(" (output %d, lane %d admits %.0f records/s)", r.Output, r.Lane, r.Limit)
	default:
		s += fmt.Sprintf(" (%.0f records/s)", r.Limit)
	}
	if r.Stall > 0 {
		s += fmt.Sprintf(", checkpoint holds %v", r.Stall.Round(time.Microsecond))
	}
	if r.Conflict != NoConflict {
		s += "; " + r.Conflict.String()
	}
	return s
}
