// Package agg holds aggregates: how many records become one result, a little
// at a time.
//
// The nouns:
//
//   - [Aggregate] turns records of type T into an accumulator A and that into
//     a result R. It is a plain value of functions; write your own by filling
//     in Add, Merge and Result.
//   - [Count], [Sum], [Mean], [Min], [Max], [MaxAll], [MinBy], [MaxBy], [First],
//     [Last], [TopN], [Distinct] and [DistinctValues] are ready made.
//   - [Tuple] computes two of them at once.
//
// A user's own, the range of a value:
//
//	type span struct{ N, Min, Max int64 }
//
//	var spread = agg.Aggregate[Flight, span, int64]{
//		Add:    func(s span, f Flight) span { return s.and(span{1, f.Delay, f.Delay}) },
//		Merge:  span.and,
//		Result: func(s span) int64 { return s.Max - s.Min },
//	}
//
//	func (s span) and(t span) span {
//		if s.N == 0 { // of no records: the zero accumulator
//			return t
//		}
//		if t.N == 0 {
//			return s
//		}
//		return span{s.N + t.N, min(s.Min, t.Min), max(s.Max, t.Max)}
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
