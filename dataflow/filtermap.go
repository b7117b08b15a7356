package dataflow

import "github.com/flyball-stream/flyball/dataflow/operator"

// FilterMap turns every record into another, with the same event time, and
// drops those for which f returns false. It is a [Map] and a [Filter] in one
// look at the record:
//
//	// Bids are some of the events.
//	bids := dataflow.FilterMap(events, "bids", func(e Event) (Bid, bool) {
//		return e.Bid, e.Kind == BidKind
//	})
func FilterMap[T, U any](
	s Stream[T], name string, f func(T) (U, bool), opts ...Option,
) Stream[U] {
	return step(s.port, name, "filter-map", func(out *operator.Pool[U]) operator.Operator {
		return operator.FilterMap(out, f)
	}, opts)
}
