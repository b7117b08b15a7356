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

// fold keeps the accumulator of each row only. What the row was is computed from
// it again, which a row that is much the same as its accumulator, such as a
// greatest record, would otherwise pay for with twice the state.
type fold[K comparable, T, A any, R comparable] struct {
	out  *operator.Pool[Update[K, R]]
	agg  agg.Aggregate[T, A, R]
	rows operator.Updater[K, A]
}

func (f *fold[K, T, A, R]) Open(rt *operator.Runtime) (err error) {
	f.rows, err = operator.OpenUpdater(rt.State, state.Spec[K, A]{Name: "rows"})
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
		acc, created := f.rows.UpdateNext(in.Keys, in.Hashes, i)
		before := row[R]{There: !created}
		if created {
			*acc = f.agg.Zero()
		} else {
			before.Value = f.agg.Result(*acc)
		}
		*acc = f.agg.Add(*acc, in.Values[i])
		u, ok := change(in.Keys[i], before, row[R]{f.agg.Result(*acc), true})
		if ok {
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
