package window

import (
	"math/bits"

	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// NewCombine makes the operator that replaces the records of a batch that
// share key and pane by one accumulator, with the latest of their event times.
// Its input is a Keyed[K, T], its output port 0 a Keyed[K, A] in batches of
// out. It has no state: nothing is kept from one batch to the next.
//
// spec must be valid, with fixed bounds, and of event time.
func NewCombine[K comparable, T, A, R any](
	spec Spec, a agg.Aggregate[T, A, R], out *operator.KeyedPool[K, A],
) operator.Operator {
	return &combiner[K, T, A, R]{spec: spec, agg: a, pool: out}
}

type combiner[K comparable, T, A, R any] struct {
	spec Spec
	agg  agg.Aggregate[T, A, R]
	pool *operator.KeyedPool[K, A]

	start, end operator.Timestamp // of the pane of the record before
	to         *operator.Keyed[K, A]
	starts     []operator.Timestamp // of the panes of the records in to
	// slots find them by key and pane. Those of an earlier batch count as
	// empty, so that none needs to be cleared.
	slots [4 * operator.BatchSize]combineSlot
	batch uint32
}

type combineSlot struct {
	batch uint32
	at    int32
}

func (c *combiner[K, T, A, R]) Process(_ int, b operator.Batch, out operator.Outbox) error {
	in := b.(*operator.Keyed[K, T])
	c.begin()
	if err := c.apply(in, out); err != nil {
		return err
	}
	in.Release()
	return out.Emit(0, c.to)
}

// begin begins an output batch.
func (c *combiner[K, T, A, R]) begin() {
	c.to, c.starts = c.pool.Get(), c.starts[:0]
	if c.batch++; c.batch == 0 { // 2³² batches later
		clear(c.slots[:])
		c.batch = 1
	}
}

func (c *combiner[K, T, A, R]) apply(in *operator.Keyed[K, T], out operator.Outbox) (err error) {
	i := 0
	defer operator.Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		at := in.Times[i]
		if at < c.start || at >= c.end {
			if c.spec.timeless(at) {
				return c.spec.needTime(in.Values[i])
			}
			c.start = c.spec.start(at)
			c.end = c.spec.paneEnd(c.start)
		}
		slot := c.find(in.Keys[i], in.Hashes[i])
		if slot.batch != c.batch {
			if c.to.Full() {
				if err := out.Emit(0, c.to); err != nil {
					return err
				}
				c.begin()
				slot = c.find(in.Keys[i], in.Hashes[i])
			}
			*slot = combineSlot{c.batch, int32(c.to.Len())}
			c.add(in, i)
		}
		to := c.to
		to.Values[slot.at] = c.agg.Add(to.Values[slot.at], in.Values[i])
		to.Times[slot.at] = max(to.Times[slot.at], at)
	}
	return nil
}

// find returns the slot of a key in the current pane, or the one for it.
func (c *combiner[K, T, A, R]) find(key K, hash uint64) *combineSlot {
	const fibonacci = 0x9e3779b97f4a7c15 // 2⁶⁴ by the golden ratio: Knuth, TAOCP 3, 6.4
	h := (hash ^ bits.RotateLeft64(uint64(c.start), 32)) * fibonacci >> 32
	for ; ; h++ {
		s := &c.slots[h%uint64(len(c.slots))]
		if s.batch != c.batch || c.to.Keys[s.at] == key && c.starts[s.at] == c.start {
			return s
		}
	}
}

// add begins an accumulator for record i's key in the current pane.
func (c *combiner[K, T, A, R]) add(in *operator.Keyed[K, T], i int) {
	to := c.to
	to.Keys = append(to.Keys, in.Keys[i])
	to.Hashes = append(to.Hashes, in.Hashes[i])
	to.Values = append(to.Values, c.agg.Zero())
	to.Times = append(to.Times, in.Times[i])
	c.starts = append(c.starts, c.start)
}
