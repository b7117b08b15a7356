package dataflow

import (
	"errors"
	"fmt"

	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/dataflow/window"
)

// Pane is the result of one key's window [Start, End).
type Pane[K comparable, R any] = window.Pane[K, R]

// Aggregate computes one result per key and window. It is emitted once the
// watermark has passed the window's end, with the window's last instant as
// event time, and again for each record that still comes within the allowed
// lateness. Windows without records have no result. What comes later still is
// counted and goes to [Late].
//
// Windows of processing time are emitted as the clock of their subtask passes
// their end. The event time of a result is their last instant there too.
func Aggregate[K comparable, T, A, R any](
	w Windowed[K, T], name string, a agg.Aggregate[T, A, R], opts ...Option,
) Stream[Pane[K, R]] {
	g := w.keyed.g
	if err := checkAggregate(w.spec, a); err != nil {
		g.Fail(name, err)
	}
	out := operator.NewPool[Pane[K, R]]()
	at := g.add(&plan.Step{
		Name: name, Kind: fmt.Sprintf("%v %s", w.spec, a.Name), Inputs: w.keyed.inputs(),
		Outputs: []operator.Shape{out, w.late},
		New: func() operator.Operator {
			return window.NewAggregate(w.spec, a, w.keyed.hash, out, w.late)
		},
	}, opts)
	w.use(at, 1)
	return Stream[Pane[K, R]]{port{g: g, from: at}, out}
}

// checkAggregate finds what an aggregate lacks for a kind of window.
func checkAggregate[T, A, R any](spec window.Spec, a agg.Aggregate[T, A, R]) error {
	var errs []error
	if a.Add == nil || a.Result == nil {
		errs = append(errs, fmt.Errorf("aggregate %q lacks Add or Result", a.Name))
	}
	parts := spec.Kind == window.SlidingKind || spec.Kind == window.SessionKind
	if parts && a.Merge == nil {
		errs = append(errs, fmt.Errorf("aggregate %q lacks Merge, with which %v windows are "+
			"put together", a.Name, spec))
	}
	if _, err := codec.For[A](); err != nil {
		errs = append(errs, fmt.Errorf("accumulator: %w", err))
	}
	return errors.Join(errs...)
}
