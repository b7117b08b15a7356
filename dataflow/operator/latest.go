package operator

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/flyball-stream/flyball/dataflow/state"
)

// Latest holds back the last record of each key, with its event time, and
// emits them, in the order in which their keys came, when a barrier passes, if
// atBarrier is set, and when the input ends. The state is named "rows"; hash
// is that of the keys of its input.
func Latest[K comparable, T any](out *Pool[T], hash func(K) uint64, atBarrier bool) Operator {
	return &latest[K, T]{out: out, hash: hash, atBarrier: atBarrier}
}

type latest[K comparable, T any] struct {
	out       *Pool[T]
	hash      func(K) uint64
	atBarrier bool
	rows      Updater[K, held[T]]
	order     []place[K] // of the rows; derived from them
	next      uint64     // order of the next key
}

// held is what the state holds of one key.
type held[T any] struct {
	Value T
	At    Timestamp
	Order uint64 // of the key's first record since it was last emitted
}

// place is where the row of a key is.
type place[K comparable] struct {
	key  K
	hash uint64
}

func (l *latest[K, T]) Open(rt *Runtime) (err error) {
	l.rows, err = OpenUpdater(rt.State, state.Spec[K, held[T]]{Name: "rows", Hash: l.hash})
	if err != nil {
		return err
	}
	type ordered struct {
		place[K]
		order uint64
	}
	all := make([]ordered, 0, l.rows.Len())
	l.rows.Range(func(key K, h *held[T]) bool {
		all = append(all, ordered{place[K]{key, l.hash(key)}, h.Order})
		return true
	})
	// Rows that different subtasks held may have the same order.
	slices.SortFunc(all, func(a, b ordered) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.hash, b.hash))
	})
	for _, o := range all {
		l.order = append(l.order, o.place)
		l.next = o.order + 1
	}
	return nil
}

func (l *latest[K, T]) Process(_ int, b Batch, _ Outbox) error {
	in := b.(*Keyed[K, T])
	for i := range in.Values {
		h, created := l.rows.UpdateNext(in.Keys, in.Hashes, i)
		if created {
			if err := checkKey(in.Keys[i]); err != nil {
				return fmt.Errorf("record %s: %w", Describe(in.Values[i]), err)
			}
			h.Order = l.next
			l.next++
			l.order = append(l.order, place[K]{in.Keys[i], in.Hashes[i]})
		}
		h.Value, h.At = in.Values[i], in.Times[i]
	}
	in.Release()
	return nil
}

// checkKey finds a key that no look-up would find again: one with a NaN in it.
func checkKey[K comparable](key K) error {
	if again := key; again != key {
		return fmt.Errorf("the key %s is not equal to itself", Describe(key))
	}
	return nil
}

// Barrier emits what is held back if that is what the step waits for.
func (l *latest[K, T]) Barrier(out Outbox) error {
	if !l.atBarrier {
		return nil
	}
	return l.release(out)
}

// Finish emits what is held back.
func (l *latest[K, T]) Finish(out Outbox) error { return l.release(out) }

func (l *latest[K, T]) release(out Outbox) error {
	to := l.out.Get()
	for _, p := range l.order {
		h := l.rows.Get(p.key, p.hash)
		to.Append(h.Value, h.At)
		l.rows.Delete(p.key, p.hash)
		if !to.Full() {
			continue
		}
		if err := out.Emit(0, to); err != nil {
			return err
		}
		to = l.out.Get()
	}
	clear(l.order)
	l.order = l.order[:0]
	return emitOrRelease(0, to, out)
}
