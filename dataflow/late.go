package dataflow

import (
	"errors"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/dataflow/window"
)

// Windowed is a keyed stream cut into windows: the stage that can be
// aggregated or joined.
type Windowed[K comparable, T any] struct {
	keyed Keyed[K, T]
	spec  window.Spec
	// used is the step that assigns the windows and the port at which it
	// emits what came too late; shared by all copies of the value.
	used *lateSource
	late *operator.Pool[T]
}

// lateSource is where late records come from: known once a step has used the
// windows.
type lateSource struct {
	known      bool
	step, port int
}

var errNoLate = errors.New("nothing aggregates or joins the windows yet, so nothing is late " +
	"for them; call Late after Aggregate or Join")

var errNeverLate = errors.New("nothing is late in processing time: a record is in the windows of " +
	"the moment at which it comes; leave out Late, or cut by event time")

// Window cuts a keyed stream into windows.
func Window[K comparable, T any](k Keyed[K, T], spec window.Spec) Windowed[K, T] {
	if err := spec.Validate(); err != nil {
		k.g.Fail("", err)
	}
	return Windowed[K, T]{k, spec, &lateSource{}, operator.NewPool[T]()}
}

// Late is the stream of the records that no window accepted, because they
// came after the watermark had passed the end of their window and its allowed
// lateness. The windows must also be aggregated or joined; where they are more
// than once, the first step counts. Call Late after that step. Windows of
// processing time have no late records, so that Late of them is a mistake.
func Late[K comparable, T any](w Windowed[K, T], name string) Stream[T] {
	g := w.keyed.g
	in := plan.Input{From: w.used.step, Port: w.used.port}
	switch {
	case w.spec.Processing:
		g.Fail(name, errNeverLate)
	case !w.used.known:
		g.Fail(name, errNoLate)
	}
	if !w.used.known {
		in = w.keyed.input()
	}
	at := g.add(&plan.Step{
		Name: name, Kind: "late records", Inputs: []plan.Input{in},
		Outputs: []operator.Shape{w.late}, New: operator.Union,
	}, nil)
	return Stream[T]{port{g: g, from: at}, w.late}
}

// use notes that the step with index at emits late records at a port.
func (w Windowed[K, T]) use(at, port int) {
	if !w.used.known {
		*w.used = lateSource{true, at, port}
	}
}
