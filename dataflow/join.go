package dataflow

import (
	"errors"
	"fmt"
	"iter"

	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/dataflow/window"
)

// Join pairs, for every key and window, each record of the left stream with
// each of the right. Both must be cut by the same windows; sessions are those
// of both sides' records together. The pairs are emitted once the watermark
// has passed the window's end, with the window's last instant as event time.
// A record that comes within the allowed lateness is paired at once, in
// sessions by pairing the whole session again. What comes later still goes to
// [Late] of its side.
//
// Records are kept until their last window closes, in memory and, once each,
// in checkpoints.
func Join[K comparable, L, R, U any](
	left Windowed[K, L], name string, right Windowed[K, R], f func(K, L, R) U, opts ...Option,
) Stream[U] {
	sides := joint[K, L, R]{left, right, name, "join"}
	return join(sides, func(pools window.JoinPools[L, R, U]) operator.Operator {
		return window.NewJoin(left.spec, f, left.keyed.hash, pools)
	}, opts)
}

// CoGroup calls f for every key and window with the records of both streams,
// in order of arrival, and emits what it yields. Keys with records on one side
// only are included. The slices are f's only while it yields. Otherwise it is
// like [Join]; a record within the allowed lateness has f called again.
func CoGroup[K comparable, L, R, U any](
	left Windowed[K, L], name string, right Windowed[K, R],
	f func(K, []L, []R) iter.Seq[U], opts ...Option,
) Stream[U] {
	sides := joint[K, L, R]{left, right, name, "co-group"}
	return join(sides, func(pools window.JoinPools[L, R, U]) operator.Operator {
		return window.NewCoGroup(left.spec, f, left.keyed.hash, pools)
	}, opts)
}

// joint is where two streams meet.
type joint[K comparable, L, R any] struct {
	left  Windowed[K, L]
	right Windowed[K, R]
	name  string
	kind  string
}

func join[K comparable, L, R, U any](
	j joint[K, L, R], op func(window.JoinPools[L, R, U]) operator.Operator, opts []Option,
) Stream[U] {
	left, right, g := j.left, j.right, j.left.keyed.g
	if err := j.check(); err != nil {
		g.Fail(j.name, err)
	}
	pools := window.JoinPools[L, R, U]{
		Out: operator.NewPool[U](), Left: left.late, Right: right.late,
	}
	at := g.add(&plan.Step{
		Name: j.name, Kind: fmt.Sprintf("%v %s", left.spec, j.kind),
		Inputs:  []plan.Input{left.keyed.input(), right.keyed.input()},
		Outputs: []operator.Shape{pools.Out, left.late, right.late},
		New:     func() operator.Operator { return op(pools) },
	}, opts)
	left.use(at, 1)
	right.use(at, 2)
	return Stream[U]{port{g: g, from: at}, pools.Out}
}

// check finds why two streams cannot be joined.
func (j joint[K, L, R]) check() error {
	var errs []error
	if j.left.spec != j.right.spec {
		errs = append(errs, fmt.Errorf("the left stream has %v windows and the right one %v; "+
			"cut both the same way", j.left.spec, j.right.spec))
	}
	if j.left.spec.Processing || j.right.spec.Processing {
		errs = append(errs, errors.New("windows of processing time cannot be joined: which records "+
			"meet would depend on how fast each side is read; cut by event time"))
	}
	if j.left.keyed.g != j.right.keyed.g {
		errs = append(errs, errors.New("the two streams belong to different flows"))
	}
	if _, err := codec.For[L](); err != nil {
		errs = append(errs, fmt.Errorf("left record: %w", err))
	}
	if _, err := codec.For[R](); err != nil {
		errs = append(errs, fmt.Errorf("right record: %w", err))
	}
	return errors.Join(errs...)
}
