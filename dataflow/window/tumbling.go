package window

import (
	"cmp"
	"slices"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

func subHash(hash uint64, start operator.Timestamp) uint64 {
	return state.SubHash(hash, uint64(start))
}

// cell is what the state holds of one key's pane. Order counts the keys as
// they came and gives results their order, also after a restore.
type cell[A any] struct {
	Acc   A
	Order uint64
}

// tumbling aggregates windows that do not overlap: tumbling ones and the
// global one. An accumulator per key and window is in the state; which keys a
// window has is derived from it.
type tumbling[K comparable, T, A, R any] struct {
	aggregation[K, T, A, R]
	cells state.Keyed[slot[K], cell[A]]
	open  map[operator.Timestamp]*frame[K] // by start
	due   heap[*frame[K]]
	last  *frame[K] // of the record before
	order uint64
}

// frame is one window with the keys that have records in it.
type frame[K comparable] struct {
	start, end, due operator.Timestamp
	fired           bool
	keys            []K
	hashes          []uint64
}

func (f *frame[K]) when() (operator.Timestamp, uint64) { return f.due, uint64(f.start) }

// has reports whether t is in the window.
func (f *frame[K]) has(t operator.Timestamp) bool {
	return f != nil && uint64(t-f.start) < uint64(f.end-f.start)
}

func (f *frame[K]) add(key K, hash uint64) {
	f.keys, f.hashes = append(f.keys, key), append(f.hashes, hash)
}

func newTumbling[K comparable, T, A, R any](a aggregation[K, T, A, R]) windower {
	return &tumbling[K, T, A, R]{
		aggregation: a, open: map[operator.Timestamp]*frame[K]{},
	}
}

func (o *tumbling[K, T, A, R]) Open(rt *operator.Runtime) (err error) {
	o.begin(rt)
	o.cells, err = state.Open(rt.State, state.Spec[slot[K], cell[A]]{
		Name: "windows", Hash: slotHash(o.hash),
	})
	if err != nil {
		return err
	}
	for _, s := range inOrder(o.cells) {
		o.frameAt(s.Start).add(s.Key, o.hash(s.Key))
		o.order = max(o.order, s.order+1)
	}
	return nil
}

// ordered is a slot with its cell's order.
type ordered[K comparable] struct {
	slot[K]
	order uint64
}

// inOrder lists a table's slots by start, then order.
func inOrder[K comparable, A any](cells state.Keyed[slot[K], cell[A]]) []ordered[K] {
	all := make([]ordered[K], 0, cells.Len())
	cells.Range(func(s slot[K], c *cell[A]) bool {
		all = append(all, ordered[K]{s, c.Order})
		return true
	})
	slices.SortStableFunc(all, func(a, b ordered[K]) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.order, b.order))
	})
	return all
}

func (o *tumbling[K, T, A, R]) Process(_ int, b operator.Batch, out operator.Outbox) error {
	in := b.(*operator.Keyed[K, T])
	if err := o.apply(in, out); err != nil {
		return err
	}
	in.Release()
	return o.flush(out)
}

func (o *tumbling[K, T, A, R]) apply(in *operator.Keyed[K, T], out operator.Outbox) (err error) {
	i := 0
	defer operator.Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		f := o.last
		if !f.has(in.Times[i]) {
			if f, err = o.assign(in, i, out); err != nil {
				return err
			} else if f == nil {
				continue
			}
		}
		c, created := o.cells.Update(slot[K]{in.Keys[i], f.start}, subHash(in.Hashes[i], f.start))
		if created {
			c.Acc, c.Order = o.agg.Zero(), o.order
			o.order++
			f.add(in.Keys[i], in.Hashes[i])
		}
		c.Acc = o.agg.Add(c.Acc, in.Values[i])
		if f.fired {
			if err := o.emit(in.Keys[i], f.start, f.end, c.Acc, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// assign finds the window of record i or, if that is gone, emits the record
// as late and returns nil.
func (o *tumbling[K, T, A, R]) assign(
	in *operator.Keyed[K, T], i int, out operator.Outbox,
) (*frame[K], error) {
	at := in.Times[i]
	if o.spec.timeless(at) {
		return nil, o.spec.needTime(in.Values[i])
	}
	start := o.spec.start(at)
	if o.spec.gone(o.spec.paneEnd(start), o.watermark) {
		return nil, o.late.add(in.Values[i], at, out)
	}
	o.last = o.frameAt(start)
	return o.last, nil
}

func (o *tumbling[K, T, A, R]) frameAt(start operator.Timestamp) *frame[K] {
	f := o.open[start]
	if f == nil {
		end := o.spec.paneEnd(start)
		f = &frame[K]{start: start, end: end, due: end}
		if end <= o.watermark {
			f.fired, f.due = true, end.Add(o.spec.Lateness)
		}
		o.open[start] = f
		o.due.push(f)
	}
	return f
}

// Watermark emits the windows whose time has come and forgets those whose
// allowance has passed.
func (o *tumbling[K, T, A, R]) Watermark(at operator.Timestamp, out operator.Outbox) error {
	o.watermark = max(o.watermark, at)
	for o.due.due(o.watermark) {
		f := o.due.pop()
		gone := o.spec.gone(f.end, o.watermark)
		if err := o.close(f, gone, out); err != nil {
			return err
		}
		if gone {
			delete(o.open, f.start)
			o.last = nil
			continue
		}
		f.fired, f.due = true, f.end.Add(o.spec.Lateness)
		o.due.push(f)
	}
	return o.flush(out)
}

func (o *tumbling[K, T, A, R]) next() operator.Timestamp { return o.due.next() }

// close emits the window's results if they have not been and deletes it if it
// is gone.
func (o *tumbling[K, T, A, R]) close(f *frame[K], gone bool, out operator.Outbox) (err error) {
	i := 0
	defer operator.Guard(&err, &i, f.keys)
	for ; i < len(f.keys); i++ {
		s, hash := slot[K]{f.keys[i], f.start}, subHash(f.hashes[i], f.start)
		if !f.fired {
			acc := o.cells.Get(s, hash).Acc
			if err := o.emit(s.Key, f.start, f.end, acc, out); err != nil {
				return err
			}
		}
		if gone {
			o.cells.Delete(s, hash)
		}
	}
	return nil
}
