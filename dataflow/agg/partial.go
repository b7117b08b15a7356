package agg

// Partial aggregates accumulators of a, made elsewhere of some of the records
// each, to the result of all: what is left to do after dataflow.Combine. It
// needs a's Merge.
func Partial[T, A, R any](a Aggregate[T, A, R]) Aggregate[A, A, R] {
	return Aggregate[A, A, R]{
		New: a.New, Add: a.Merge, Merge: a.Merge, Subtract: a.Subtract,
		Commutative: a.Commutative, Result: a.Result, Name: a.Name,
	}
}
