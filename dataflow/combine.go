package dataflow

import (
	"errors"
	"fmt"

	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/dataflow/window"
)

// Combine aggregates before records travel: within each batch, those that
// share key and window become one accumulator of a. It spares the way to the
// key's subtask and that subtask's time where many records have few keys, a
// single one at worst. What follows must go on with accumulators:
//
//	top := agg.Max(price)
//	perHour := dataflow.Window(byShop, window.Tumbling(time.Hour))
//	highest := dataflow.Aggregate(dataflow.Combine(perHour, "pre-max", top), "max", agg.Partial(top))
//
// Results are those of Aggregate alone. The windows may be tumbling, sliding
// or global ones of event time. Late accumulators stand for one record or
// more. Nothing is kept from batch to batch, so Combine has no state and adds
// no delay.
func Combine[K comparable, T, A, R any](
	w Windowed[K, T], name string, a agg.Aggregate[T, A, R], opts ...Option,
) Windowed[K, A] {
	g := w.keyed.g
	if err := checkCombine(w.spec, a); err != nil {
		g.Fail(name, err)
	}
	in := w.keyed.input()
	in.Partitioning = plan.Forward
	pool := operator.NewKeyedPool[K, A]()
	at := g.add(&plan.Step{
		Name: name, Kind: fmt.Sprintf("combine %v %s", w.spec, a.Name), Inputs: []plan.Input{in},
		Outputs: []operator.Shape{pool},
		New:     func() operator.Operator { return window.NewCombine(w.spec, a, pool) },
	}, opts)
	k := Keyed[K, A]{port{g: g, from: at, how: plan.Hash}, pool, w.keyed.hash}
	return Windowed[K, A]{k, w.spec, &lateSource{}, operator.NewPool[A]()}
}

// checkCombine finds why windows cannot be aggregated in parts.
func checkCombine[T, A, R any](spec window.Spec, a agg.Aggregate[T, A, R]) error {
	var errs []error
	if a.Add == nil || a.Merge == nil {
		errs = append(errs, fmt.Errorf("aggregate %q lacks Add or Merge", a.Name))
	}
	if spec.Kind == window.SessionKind || spec.Processing {
		errs = append(errs, fmt.Errorf("the bounds of %v windows are not known before records have "+
			"travelled; leave Combine out", spec))
	}
	return errors.Join(errs...)
}
