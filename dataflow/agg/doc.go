// Package agg holds aggregates: how many records become one result, a little
// at a time.
//
// The nouns:
//
//   - [Aggregate] turns records of type T into an accumulator A and that into
//     a result R. It is a plain value with four functions; write your own by
//     filling them in.
//   - [Count], [Sum], [Min], [Max], [Mean], [First], [Last], [TopN] and [Distinct]
//     are ready made, [Tuple] combines two.
//
// A user's own, the range of a value:
//
//	type span struct{ Min, Max int64 }
//
//	spread := agg.Aggregate[Flight, span, int64]{
//		Add:    func(s span, f Flight) span { ... },
//		Merge:  func(a, b span) span { ... },
//		Result: func(s span) int64 { return s.Max - s.Min },
//	}
//
// # Guarantees
//
// Accumulators are part of checkpoints, so A must be a type that package codec
// can encode. Merge lets sliding windows share partial results and sessions
// grow together; it must be associative, Add and Merge must agree, and merging
// with the accumulator of no records must change nothing.
//
// # Not here
//
// Windows and keys: an aggregate does not know when or for whom it runs.
package agg
