package table

import (
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// NewFold makes the operator that keeps one row for each key of its input, a
// Keyed[K, T]: the aggregate of the key's records. The state is named "rows".
func NewFold[K comparable, T, A any, R comparable](
	out *operator.Pool[Update[K, R]], a agg.Aggregate[T, A, R],
) operator.Operator {
	return &fold[K, T, A, R]{out: out, agg: a}
}

type fold[K comparable, T, A any, R comparable] struct {
	out  *operator.Pool[Update[K, R]]
	agg  agg.Aggregate[T, A, R]
	rows operator.Updater[K, folded[A, R]]
}

// folded is a row with what it is made of. The row is kept rather than computed
// from the accumulator again, so that Before is what was emitted even if the
// aggregate's Result has become another since the last run.
type folded[A, R any] struct {
	Acc A
	Row R
}

func (f *fold[K, T, A, R]) Open(rt *operator.Runtime) (err error) {
	f.rows, err = operator.OpenUpdater(rt.State, state.Spec[K, folded[A, R]]{Name: "rows"})
	return err
}

func (f *fold[K, T, A, R]) Process(_ int, b operator.Batch, out operator.Outbox) error {
	in, to := b.(*operator.Keyed[K, T]), f.out.Get()
	if err := f.apply(in, to); err != nil {
		return err
	}
	in.Release()
	return emit(to, out)
}

func (f *fold[K, T, A, R]) apply(
	in *operator.Keyed[K, T], to *operator.Records[Update[K, R]],
) (err error) {
	i := 0
	defer operator.Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		x, created := f.rows.UpdateNext(in.Keys, in.Hashes, i)
		if created {
			x.Acc = f.agg.Zero()
		}
		x.Acc = f.agg.Add(x.Acc, in.Values[i])
		now := f.agg.Result(x.Acc)
		u, ok := change(in.Keys[i], row[R]{x.Row, !created}, row[R]{now, true})
		if ok {
			x.Row = now
			to.Append(u, in.Times[i])
		}
	}
	return nil
}

// emit hands on a batch of no more records than a batch has that came in.
func emit[T any](to *operator.Records[T], out operator.Outbox) error {
	if to.Len() == 0 {
		to.Release()
		return nil
	}
	return out.Emit(0, to)
}
