package window

import (
	"cmp"
	"slices"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// session aggregates sessions. The state holds one entry per session, under a
// number that it keeps however it grows, so a record changes one entry.
type session[K comparable, T, A, R any] struct {
	aggregation[K, T, A, R]
	cells state.Keyed[numbered[K], sitting[A]]
	spans spans[K, struct{}]
	to    operator.Outbox // of the call in progress
	who   [1]K            // the key at hand, for errors
}

// numbered is the key of the state of a key's session.
type numbered[K comparable] struct {
	Key    K
	Number uint64
}

// numberedHash keeps what belongs to a key in the key's group.
func numberedHash[K comparable](hash func(K) uint64) func(numbered[K]) uint64 {
	return func(n numbered[K]) uint64 { return state.SubHash(hash(n.Key), n.Number) }
}

// sitting is what the state holds of one session.
type sitting[A any] struct {
	Start, End operator.Timestamp
	Acc        A
}

func newSession[K comparable, T, A, R any](a aggregation[K, T, A, R]) windower {
	return &session[K, T, A, R]{aggregation: a, spans: newSpans[K, struct{}](a.spec)}
}

func (o *session[K, T, A, R]) Open(rt *operator.Runtime) (err error) {
	o.begin(rt)
	o.cells, err = state.Open(rt.State, state.Spec[numbered[K], sitting[A]]{
		Name: "windows", Hash: numberedHash(o.hash),
	})
	if err != nil {
		return err
	}
	o.cells.Range(func(n numbered[K], c *sitting[A]) bool {
		k := o.spans.sitter(n.Key, o.hash(n.Key))
		s := newSpan[struct{}](c.Start, c.End, n.Number)
		k.spans = append(k.spans, s)
		o.spans.order = max(o.spans.order, n.Number+1)
		o.spans.watch(k, s, o.watermark)
		return true
	})
	for _, k := range o.spans.byKey {
		slices.SortFunc(k.spans, func(a, b *span[struct{}]) int { return cmp.Compare(a.start, b.start) })
	}
	return nil
}

func (o *session[K, T, A, R]) Process(_ int, b operator.Batch, out operator.Outbox) error {
	in := b.(*operator.Keyed[K, T])
	if err := o.apply(in, out); err != nil {
		return err
	}
	in.Release()
	return o.flush(out)
}

func (o *session[K, T, A, R]) apply(in *operator.Keyed[K, T], out operator.Outbox) (err error) {
	i := 0
	defer operator.Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		at := in.Times[i]
		if o.spec.timeless(at) {
			return o.spec.needTime(in.Values[i])
		}
		k := o.spans.sitter(in.Keys[i], in.Hashes[i])
		s, swallowed := o.spans.place(k, at, o.watermark)
		if s == nil {
			if err := o.late.add(in.Values[i], at, out); err != nil {
				return err
			}
			continue
		}
		c := o.join(k, s, swallowed)
		c.Start, c.End = s.start, s.end
		c.Acc = o.agg.Add(c.Acc, in.Values[i])
		if s.end <= o.watermark {
			if err := o.emit(k.key, s.start, s.end, c.Acc, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// join returns the state of session s for change, with the accumulators of
// the swallowed ones merged into it.
func (o *session[K, T, A, R]) join(
	k *sitter[K, struct{}], s *span[struct{}], swallowed []*span[struct{}],
) *sitting[A] {
	for _, old := range swallowed {
		number := numbered[K]{k.key, old.order}
		acc := o.cells.Get(number, state.SubHash(k.hash, old.order)).Acc
		c, _ := o.cells.Update(numbered[K]{k.key, s.order}, state.SubHash(k.hash, s.order))
		c.Acc = o.agg.Merge(c.Acc, acc)
		o.cells.Delete(number, state.SubHash(k.hash, old.order))
	}
	c, created := o.cells.Update(numbered[K]{k.key, s.order}, state.SubHash(k.hash, s.order))
	if created {
		c.Acc = o.agg.Zero()
	}
	return c
}

// Watermark emits the sessions that have ended and forgets those whose
// allowance has passed.
func (o *session[K, T, A, R]) Watermark(at operator.Timestamp, out operator.Outbox) error {
	if at <= o.watermark {
		return nil
	}
	before := o.watermark
	o.watermark, o.to = at, out
	if err := o.ring(before); err != nil {
		return err
	}
	return o.flush(out)
}

// next may be early for a session that has grown; the alarm is then set anew.
func (o *session[K, T, A, R]) next() operator.Timestamp { return o.spans.due.next() }

func (o *session[K, T, A, R]) ring(before operator.Timestamp) (err error) {
	i := 0
	defer operator.Guard(&err, &i, o.who[:])
	return o.spans.ring(before, o.watermark, o.fire, o.drop)
}

func (o *session[K, T, A, R]) fire(k *sitter[K, struct{}], s *span[struct{}]) error {
	o.who[0] = k.key
	c := o.cells.Get(numbered[K]{k.key, s.order}, state.SubHash(k.hash, s.order))
	return o.emit(k.key, s.start, s.end, c.Acc, o.to)
}

func (o *session[K, T, A, R]) drop(k *sitter[K, struct{}], s *span[struct{}]) {
	o.cells.Delete(numbered[K]{k.key, s.order}, state.SubHash(k.hash, s.order))
}
