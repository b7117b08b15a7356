package dataflow

import (
	"fmt"
	"time"

	"github.com/flyball-stream/flyball/dataflow/plan"
)

// Goals are what matters when a flow runs: with any of them set, the governor
// chooses how much is in flight and when checkpoints are taken and written, so
// that they are kept. A goal of 0 is none.
type Goals struct {
	// Latency is from the reading of a record until all that follows from it has
	// left the last step.
	Latency time.Duration
	// Recovery is from a failure until what it lost has been done again.
	Recovery time.Duration
	// Memory is what the process may use, in bytes.
	Memory int64
}

// goals are those of a flow and where they were set.
type goals struct {
	Goals
	at plan.Position
}

// check finds goals that cannot be.
func (g *goals) check() error {
	if g.Latency >= 0 && g.Recovery >= 0 && g.Memory >= 0 {
		return nil
	}
	return &BuildError{At: g.at, Err: fmt.Errorf("goals of latency %v, recovery %v and memory %d: "+
		"want 0 for none, or more", g.Latency, g.Recovery, g.Memory)}
}

// WithGoals returns the flow with other goals. They are what the command line's
// flags -latency, -recovery and -memory are if they are not given.
//
//	var Late = dataflow.Define("late", dataflow.ExactlyOnce, late).
//		WithGoals(dataflow.Goals{Latency: 100 * time.Millisecond})
func (f *Flow) WithGoals(g Goals) *Flow {
	with := *f
	with.goals = goals{g, caller()}
	return &with
}

// Goals are the flow's goals.
func (f *Flow) Goals() Goals { return f.goals.Goals }
