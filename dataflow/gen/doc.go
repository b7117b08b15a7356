// Package gen makes synthetic streams: records that are a function of their
// number. They serve examples, tests and benchmarks.
//
// The nouns:
//
//   - [Sequence] is the stream of the numbers 0 to n-1, [Records] that of f(i)
//     for each such i.
//   - [Rate] and [Splits] are options, together with those of
//     package dataflow.
//
// A thousand orders a second, one a millisecond of event time:
//
//	orders := gen.Records(g, "orders", -1, order, gen.Rate[Order](1000),
//		dataflow.EventTime(ordered, time.Second))
//
//	func order(i int64) Order {
//		return Order{ID: i, At: start.Add(time.Duration(i) * time.Millisecond)}
//	}
//
//	func ordered(o Order) time.Time { return o.At }
//
// # Guarantees
//
// A stream is the same in every run, as far as f is: it can be replayed from
// any record, so flows can be exactly-once. f is called by one goroutine for
// each split at a time. Splits are named by their number; event times in
// different splits are kept close together only while the splits are open at
// the same time.
//
// # Not here
//
// Randomness: derive it from the number, for example as rand.NewPCG(seed,
// uint64(i)).
package gen
