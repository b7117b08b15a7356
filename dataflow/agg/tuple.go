package agg

// Pair is two values side by side: the accumulators or the results of the
// aggregates that [Tuple] combines.
type Pair[A, B any] struct {
	First  A
	Second B
}

// Tuple computes two aggregates in one step. Nest it for more.
func Tuple[T, A, B, R, S any](
	a Aggregate[T, A, R], b Aggregate[T, B, S],
) Aggregate[T, Pair[A, B], Pair[R, S]] {
	both := func(f func(x, y A) A, g func(x, y B) B) func(x, y Pair[A, B]) Pair[A, B] {
		if f == nil || g == nil {
			return nil
		}
		return func(x, y Pair[A, B]) Pair[A, B] {
			return Pair[A, B]{f(x.First, y.First), g(x.Second, y.Second)}
		}
	}
	return Aggregate[T, Pair[A, B], Pair[R, S]]{
		New: func() Pair[A, B] { return Pair[A, B]{a.Zero(), b.Zero()} },
		Add: func(p Pair[A, B], v T) Pair[A, B] {
			return Pair[A, B]{a.Add(p.First, v), b.Add(p.Second, v)}
		},
		Merge:    both(a.Merge, b.Merge),
		Subtract: both(a.Subtract, b.Subtract),
		Result: func(p Pair[A, B]) Pair[R, S] {
			return Pair[R, S]{a.Result(p.First), b.Result(p.Second)}
		},
		Commutative: a.Commutative && b.Commutative,
		Name:        a.Name + " and " + b.Name,
	}
}
