package operator

import (
	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// Entry is a key with a value.
type Entry[K comparable, V any] struct {
	Key   K
	Value V
}

// Rolling keeps an accumulator for each key and emits the key's new result
// for every record. The state is named "acc".
func Rolling[K comparable, T, A, R any](
	out *Pool[Entry[K, R]], a agg.Aggregate[T, A, R],
) Operator {
	return &rolling[K, T, A, R]{out: out, agg: a}
}

type rolling[K comparable, T, A, R any] struct {
	out *Pool[Entry[K, R]]
	agg agg.Aggregate[T, A, R]
	acc Updater[K, A]
}

func (r *rolling[K, T, A, R]) Open(rt *Runtime) (err error) {
	r.acc, err = OpenUpdater(rt.State, state.Spec[K, A]{Name: "acc"})
	return err
}

func (r *rolling[K, T, A, R]) Process(_ int, b Batch, out Outbox) error {
	in, to := b.(*Keyed[K, T]), r.out.Get()
	if err := r.apply(in, to); err != nil {
		return err
	}
	to.Times = append(to.Times, in.Times...)
	in.Release()
	return out.Emit(0, to)
}

func (r *rolling[K, T, A, R]) apply(in *Keyed[K, T], to *Records[Entry[K, R]]) (err error) {
	i := 0
	defer Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		acc, created := r.acc.UpdateNext(in.Keys, in.Hashes, i)
		if created && r.agg.New != nil {
			*acc = r.agg.New()
		}
		*acc = r.agg.Add(*acc, in.Values[i])
		to.Values = append(to.Values, Entry[K, R]{in.Keys[i], r.agg.Result(*acc)})
	}
	return nil
}
