package window

import (
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// NewAggregate makes the operator that aggregates the windows of spec. Its
// input is a Keyed[K, T] whose hashes are those of hash. Results go to output
// port 0, in batches of out, with the last instant of their window as event
// time; late records go to port 1 in batches of late and are counted under
// "late". The state is named "windows"; windows of processing time have another
// one, "fired", and nothing late.
//
// spec must be valid; a is used with Merge by sliding and session windows.
func NewAggregate[K comparable, T, A, R any](
	spec Spec, a agg.Aggregate[T, A, R], hash func(K) uint64,
	out *operator.Pool[Pane[K, R]], late *operator.Pool[T],
) operator.Operator {
	shared := aggregation[K, T, A, R]{
		spec: spec, agg: a, hash: hash, copies: codec.HasReferences[A](),
		out: outlet[Pane[K, R]]{pool: out},
	}
	shared.late.port, shared.late.pool = 1, late
	op := newWindower(shared)
	if spec.Processing {
		return newProcessing[K, T, R](op, hash)
	}
	return op
}

func newWindower[K comparable, T, A, R any](a aggregation[K, T, A, R]) windower {
	switch a.spec.Kind {
	case SlidingKind:
		return newSliding(a)
	case SessionKind:
		return newSession(a)
	default:
		return newTumbling(a)
	}
}

// aggregation is what the aggregating operators share.
type aggregation[K comparable, T, A, R any] struct {
	spec   Spec
	agg    agg.Aggregate[T, A, R]
	hash   func(K) uint64
	copies bool // accumulators share memory: copy them before they are merged into

	rt        *operator.Runtime
	watermark operator.Timestamp
	out       outlet[Pane[K, R]]
	late      lateOutlet[T]
}

func (a *aggregation[K, T, A, R]) begin(rt *operator.Runtime) {
	a.rt, a.watermark = rt, rt.Watermark
}

// emit adds a pane to the output, stamped with the window's last instant.
func (a *aggregation[K, T, A, R]) emit(
	key K, start, end operator.Timestamp, acc A, out operator.Outbox,
) error {
	p := Pane[K, R]{key, start.Time(), end.Time(), a.agg.Result(acc)}
	return a.out.add(p, end.Add(-1), out)
}

func (a *aggregation[K, T, A, R]) flush(out operator.Outbox) error {
	if err := a.out.flush(out); err != nil {
		return err
	}
	return a.late.flush(a.rt, out)
}

// combine merges b into a copy of x, so that x can be used again.
func (a *aggregation[K, T, A, R]) combine(x, b A) A {
	if a.copies {
		x = a.agg.Merge(a.agg.Zero(), x)
	}
	return a.agg.Merge(x, b)
}
