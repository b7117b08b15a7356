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
	acc state.Keyed[K, A]
	// locate is acc if it can look up many keys at once.
	locate state.Locator[K, A]
	at     [state.LocateSize]int32
}

func (r *rolling[K, T, A, R]) Open(rt *Runtime) (err error) {
	r.acc, err = state.Open(rt.State, state.Spec[K, A]{Name: "acc"})
	r.locate, _ = r.acc.(state.Locator[K, A])
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
		acc, created := r.update(in, i)
		if created && r.agg.New != nil {
			*acc = r.agg.New()
		}
		*acc = r.agg.Add(*acc, in.Values[i])
		to.Values = append(to.Values, Entry[K, R]{in.Keys[i], r.agg.Result(*acc)})
	}
	return nil
}

// update returns the accumulator of record i. It looks keys up a run at a time.
func (r *rolling[K, T, A, R]) update(in *Keyed[K, T], i int) (acc *A, created bool) {
	if r.locate == nil {
		return r.acc.Update(in.Keys[i], in.Hashes[i])
	}
	n := i % len(r.at)
	if n == 0 {
		end := min(i+len(r.at), len(in.Keys))
		r.locate.Locate(in.Keys[i:end], in.Hashes[i:end], r.at[:end-i])
	}
	return r.locate.UpdateAt(r.at[n], in.Keys[i], in.Hashes[i])
}
