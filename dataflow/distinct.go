package dataflow

// Distinct is a set of values for each key, with the classes that each value
// was seen in, up to 64 of them: a handle, held in a field of a [Processor].
// It is what counts distinct values under several conditions at once:
//
//	// Visitors of a page: all of them, and those who have bought something.
//	fresh, err := p.visitors.Add(c, visit.User, 1|buyer(visit)<<1)
//	if err != nil {
//		return err
//	}
//	counts.Visitors += int64(fresh & 1)
//	counts.Buyers += int64(fresh >> 1 & 1)
//
// Every value is stored by itself, so that a checkpoint holds those that are
// new and no others, however many there are. V must be a type that package
// codec can hash. For the values of a window, aggregate with agg.Distinct.
type Distinct[V comparable] struct{ seen MapState[V, uint64] }

// NewDistinct makes a handle. The name is the state's identity within its step.
// A [TTL] is that of each value since it was last new in some class.
func NewDistinct[V comparable](name string, opts ...StateOption) Distinct[V] {
	return Distinct[V]{NewMapState[V, uint64](name, opts...)}
}

// Add notes that v was seen in the classes whose bits are set, and returns the
// bits of those that are new for it.
func (d Distinct[V]) Add(c Scope, v V, classes uint64) (fresh uint64, err error) {
	seen, _, err := d.seen.Get(c, v)
	if err != nil {
		return 0, err
	}
	if fresh = classes &^ seen; fresh == 0 {
		return 0, nil
	}
	return fresh, d.seen.Put(c, v, seen|fresh)
}

// Clear forgets all values of the key. It needs the index that
// [MapState.Clear] does.
func (d Distinct[V]) Clear(c Scope) error { return d.seen.Clear(c) }
