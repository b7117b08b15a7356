package governor

import (
	"fmt"
	"slices"
	"time"
)

// Bound is what a decision was bound by.
type Bound uint8

// The bounds, of a rate or of what may be in flight.
const (
	BoundNone       Bound = iota // nothing: the widest window allowed
	BoundFixed                   // the policy never changes
	BoundPID                     // the rate of Spark's law
	BoundLearning                // too little is known yet
	BoundService                 // the task's own speed
	BoundDownstream              // what a downstream task admits
	BoundQueue                   // no more is needed to keep the task busy
	BoundLatency                 // the latency goal
	BoundCheckpoint              // the latency goal, less a checkpoint's hold
	BoundMemory                  // the memory goal
	BoundFloor                   // the least window: the goal asks for less
)

var boundNames = [...]string{
	"nothing", "fixed", "pid", "learning", "service", "downstream", "queue", "latency",
	"checkpoint", "memory", "floor",
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
	// Rate is what bounds the records that the task can take in, and Limit how
	// many that are a second.
	Rate  Bound
	Limit float64
	// Output and Lane are the channel that binds, if Rate is downstream, and
	// Share its part of the output's records: much more than one by the number
	// of lanes is a hot key.
	Output, Lane int
	Share        float64
	// Window is what bounds the records in flight or, for a micro-batch, in it.
	Window Bound
	// Stall is the hold that a checkpoint is predicted to have on records, its
	// error included; 0 if none is due.
	Stall    time.Duration
	Conflict Conflict
}

// String is the reason in a line.
func (r Reason) String() string {
	s := fmt.Sprintf("rate bound by %v", r.Rate)
	if r.Limit > 0 {
		s += fmt.Sprintf(" at %.0f records/s", r.Limit)
	}
	if r.Rate == BoundDownstream {
		s += fmt.Sprintf(" (output %d, lane %d with %.0f%% of it)", r.Output, r.Lane, 100*r.Share)
	}
	s += fmt.Sprintf(", window by %v", r.Window)
	if r.Stall > 0 {
		s += fmt.Sprintf(", a checkpoint holds %v", r.Stall.Round(time.Microsecond))
	}
	if r.Conflict != NoConflict {
		s += "; " + r.Conflict.String()
	}
	return s
}

// Trace follows from a task to the one that binds it: downstream as long as
// a task's rate is bound there, by the lane that binds. Reasons are by task, and
// receiver is the task at the end of a lane. The path begins with the task
// itself and has no task twice.
func Trace(task int, reasons []Reason, receiver func(task, output, lane int) int) []int {
	path := []int{task}
	for len(path) <= len(reasons) {
		if task < 0 || task >= len(reasons) || reasons[task].Rate != BoundDownstream {
			break
		}
		task = receiver(task, reasons[task].Output, reasons[task].Lane)
		if slices.Contains(path, task) {
			break
		}
		path = append(path, task)
	}
	return path
}
