package dataflow

import (
	"fmt"
	"reflect"

	"github.com/flyball-stream/flyball/dataflow/plan"
)

// Guarantee is what a flow promises about its output when tasks, processes or
// machines fail.
type Guarantee int

// The guarantees. State holds the effect of every record that was read once,
// under all of them; what BestEffort may lose is records.
const (
	// ExactlyOnce flows show every effect of every record once. Their sources
	// must be replayable and their sinks transactional or idempotent.
	ExactlyOnce Guarantee = iota
	// AtLeastOnce flows may show some output again after a failure.
	AtLeastOnce
	// BestEffort flows may read from sources that cannot be replayed, such as
	// standard input, and lose what was in flight when the process ended.
	BestEffort
)

// String is the guarantee as it is written in text.
func (g Guarantee) String() string {
	switch g {
	case ExactlyOnce:
		return "exactly-once"
	case AtLeastOnce:
		return "at-least-once"
	case BestEffort:
		return "best-effort"
	}
	return fmt.Sprintf("Guarantee(%d)", int(g))
}

// A Flow is a named dataflow program that can be built, any number of times,
// from its parameters. Make one with [Define].
type Flow struct {
	name      string
	guarantee Guarantee
	params    reflect.Type
	build     func(*Graph, any)
	goals     goals
}

// Define makes a flow. P is the struct of its parameters, which become flags
// of the command line; build adds the steps and must do so the same way
// whenever it is called with the same parameters, because every process that
// runs the flow calls it.
func Define[P any](name string, guarantee Guarantee, build func(g *Graph, p P)) *Flow {
	return &Flow{
		name: name, guarantee: guarantee, params: reflect.TypeFor[P](),
		build: func(g *Graph, p any) { build(g, *p.(*P)) },
	}
}

// Name is the flow's name, its identity in a state directory.
func (f *Flow) Name() string { return f.name }

// Guarantee is what the flow promises.
func (f *Flow) Guarantee() Guarantee { return f.guarantee }

// Params returns a pointer to a new, zero parameter struct of the flow.
func (f *Flow) Params() any { return reflect.New(f.params).Interface() }

// Build builds the flow's graph from params, a pointer as returned by
// [Flow.Params]. All mistakes in the definition are returned at once, each a
// [BuildError] with the line it is at.
func (f *Flow) Build(params any) (g *plan.Graph, err error) {
	if got := reflect.TypeOf(params); got != reflect.PointerTo(f.params) {
		return nil, fmt.Errorf("build flow %q: parameters are a %v, want a *%v", f.name, got, f.params)
	}
	defer func() {
		if v := recover(); v != nil {
			g, err = nil, fmt.Errorf("build flow %q: the build function panicked: %v", f.name, v)
		}
	}()
	b := newGraph(f.name, f.guarantee)
	if err := f.goals.check(); err != nil {
		b.errs = append(b.errs, err)
	}
	f.build(b, params)
	return b.build(f.guarantee)
}
