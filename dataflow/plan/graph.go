package plan

import (
	"fmt"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// Partitioning is how the records of an edge are dealt to the subtasks of its
// target.
type Partitioning int

// The ways to deal records.
const (
	// Forward keeps records in the subtask with the same index. Where the
	// parallelism changes it becomes Rebalance.
	Forward Partitioning = iota
	// Hash sends a record to the subtask that owns its key's group.
	Hash
	// Rebalance deals batches to the subtasks in turn.
	Rebalance
	// Broadcast sends every record to every subtask.
	Broadcast
)

// String is the partitioning in a word.
func (p Partitioning) String() string {
	return [...]string{"forward", "hash", "rebalance", "broadcast"}[p]
}

// An Input connects one input port of a step to an output port of another.
type Input struct {
	From         int // index in Graph.Steps
	Port         int // output port of that step
	Partitioning Partitioning
}

// Position is a line of the user's code.
type Position struct {
	File string
	Line int
}

// String is file:line.
func (p Position) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// SourceSpec is what makes a step a source.
type SourceSpec struct {
	Source operator.Source
	// Stamp sets the event times of a batch that was just read; nil leaves
	// what the source has set.
	Stamp func(b operator.Batch)
	// Disorder is how far behind the latest record of its split a record may
	// be before it is late: watermarks trail by it.
	Disorder time.Duration
	// EventTime says that the source has event times and emits watermarks.
	EventTime bool
	// Idle is the silence after which a split no longer holds back the
	// watermark; 0 means never.
	Idle time.Duration
}

// A Step is one named line of a flow.
type Step struct {
	Name string // the step's identity in checkpoints, metrics and errors
	Kind string // what it does, such as "map" or "tumbling window 1h"
	At   Position
	// Parallelism is the number of subtasks, 0 for the run's default.
	Parallelism int
	Inputs      []Input          // by input port
	Outputs     []operator.Shape // by output port

	// Exactly one of these is set. New makes one subtask's operator.
	New    func() operator.Operator
	Source *SourceSpec
	Sink   operator.Sink
}

// Graph is a flow as the user wrote it.
type Graph struct {
	Flow  string
	Steps []*Step
	// ExactlyOnce says that the flow's ends uphold exactly-once delivery.
	ExactlyOnce bool
	// Groups is the number of key groups, fixed for the life of the state.
	Groups int
}

// Step returns the step with a name, or nil.
func (g *Graph) Step(name string) *Step {
	for _, s := range g.Steps {
		if s.Name == name {
			return s
		}
	}
	return nil
}
