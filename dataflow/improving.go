package dataflow

// Improving lets through each record that is better than all of its key that came before it, so
// that the last one let through is the best. Of a key it keeps the score of its best record and
// nothing else of it, where [Top] and [Fold] keep records: it suits large records and sinks that
// only want the newest row of a key. Better says whether one score beats another; of equally good
// records the first to arrive is let through. The same record has the same score at all times.
//
//	// Each auction's highest bid, whenever there is a higher one.
//	highest := dataflow.Improving(bidsByAuction, "highest",
//		func(b Bid) int64 { return b.Price },
//		func(a, b int64) bool { return a > b })
//
// Records keep their event time. With a [TTL], a key is forgotten that long after its best record
// came.
func Improving[K comparable, T, S any](
	k Keyed[K, T], name string, score func(T) S, better func(a, b S) bool, opts ...JoinOption,
) Stream[T] {
	o := joinOptionsOf(opts)
	return Process(k, name, func() *improving[K, T, S] {
		return &improving[K, T, S]{NewValue[S]("best", o.state...), score, better}
	}, o.step...)
}

type improving[K comparable, T, S any] struct {
	best   Value[S]
	score  func(T) S
	better func(a, b S) bool
}

// Process compares v with the best of its key.
func (m *improving[K, T, S]) Process(c *Context[K, T], v T) error {
	score := m.score(v)
	best, any, err := m.best.Lookup(c)
	if err != nil || any && !m.better(score, best) {
		return err
	}
	c.Emit(v)
	return m.best.Set(c, score)
}
