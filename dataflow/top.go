package dataflow

import "fmt"

// Ranked is a record with its place among those of its key.
type Ranked[K comparable, T any] struct {
	Key   K
	Rank  int // 1 for the first
	Value T
}

// Top ranks the records of each key and emits the first n of them as they
// change: a row for each rank that has another record than before, so that the
// last row of a key and rank is what counts. Less says which record comes
// before another; of equal ones the earlier to arrive does. Rows have the
// event time of the record that changed them.
//
//	// The ten highest bids for each auction.
//	best := dataflow.Top(bidsByAuction, "best", 10, func(a, b Bid) bool {
//		return a.Price > b.Price
//	})
//
// For the first n of a window, aggregate with [agg.TopN].
//
// [agg.TopN]: https://pkg.go.dev/github.com/flyball-stream/flyball/dataflow/agg#TopN
func Top[K comparable, T any](
	k Keyed[K, T], name string, n int, less func(a, b T) bool, opts ...Option,
) Stream[Ranked[K, T]] {
	if n < 1 {
		k.g.Fail(name, fmt.Errorf("the first %d records of each key; want 1 or more", n))
		n = 1
	}
	return Process(k, name, func() *top[K, T] {
		return &top[K, T]{NewValue[[]T]("best"), n, less}
	}, opts...)
}

type top[K comparable, T any] struct {
	best Value[[]T] // the first n, in order
	n    int
	less func(a, b T) bool
}

// Process puts v in its place.
func (t *top[K, T]) Process(c *Context[K, Ranked[K, T]], v T) error {
	best, err := t.best.Get(c)
	if err != nil {
		return err
	}
	at := len(best)
	for at > 0 && t.less(v, best[at-1]) {
		at--
	}
	if at == t.n {
		return nil
	}
	if len(best) < t.n {
		best = append(t.room(best), v)
	}
	copy(best[at+1:], best[at:])
	best[at] = v
	for i, v := range best[at:] {
		c.Emit(Ranked[K, T]{c.key, at + i + 1, v})
	}
	return t.best.Set(c, best)
}

// fewRanks is what room is made for first: many keys have no more records.
const fewRanks = 4

// room makes room for another record, but for no more than n.
func (t *top[K, T]) room(best []T) []T {
	if len(best) < cap(best) {
		return best
	}
	return append(make([]T, 0, min(t.n, max(fewRanks, 3*len(best)))), best...)
}
