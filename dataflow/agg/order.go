package agg

import (
	"cmp"
	"slices"
)

// Pick is the accumulator of aggregates that pick one value of many.
type Pick[V any] struct {
	Value V
	Any   bool // there was a value at all
}

// pick keeps, of two values, the one that choose returns.
func pick[T, V any](name string, f func(T) V, choose func(a, b V) V) Aggregate[T, Pick[V], V] {
	return Aggregate[T, Pick[V], V]{
		Add: func(a Pick[V], v T) Pick[V] {
			if !a.Any {
				return Pick[V]{f(v), true}
			}
			return Pick[V]{choose(a.Value, f(v)), true}
		},
		Merge: func(a, b Pick[V]) Pick[V] {
			switch {
			case !a.Any:
				return b
			case !b.Any:
				return a
			}
			return Pick[V]{choose(a.Value, b.Value), true}
		},
		Result: func(a Pick[V]) V { return a.Value },
		Name:   name,
	}
}

func itself[T any](v T) T { return v }

// Min is the smallest f of the records; for floats NaN if there is one.
func Min[T any, N cmp.Ordered](f func(T) N) Aggregate[T, Pick[N], N] {
	a := pick("min", f, func(a, b N) N { return min(a, b) })
	a.Commutative = true
	return a
}

// Max is the largest f of the records; for floats NaN if there is one.
func Max[T any, N cmp.Ordered](f func(T) N) Aggregate[T, Pick[N], N] {
	a := pick("max", f, func(a, b N) N { return max(a, b) })
	a.Commutative = true
	return a
}

// MinBy is the least record by less, of equal ones the first to arrive.
func MinBy[T any](less func(a, b T) bool) Aggregate[T, Pick[T], T] {
	return pick("min", itself[T], func(a, b T) T {
		if less(b, a) {
			return b
		}
		return a
	})
}

// MaxBy is the greatest record by less, of equal ones the first to arrive.
func MaxBy[T any](less func(a, b T) bool) Aggregate[T, Pick[T], T] {
	return pick("max", itself[T], func(a, b T) T {
		if less(a, b) {
			return b
		}
		return a
	})
}

// First is the record that arrived first. Where a window is put together from
// parts, as sliding windows and sessions are, earlier parts come first.
func First[T any]() Aggregate[T, Pick[T], T] {
	return pick("first", itself[T], func(a, _ T) T { return a })
}

// Last is the record that arrived last, with the same proviso as [First].
func Last[T any]() Aggregate[T, Pick[T], T] {
	return pick("last", itself[T], func(_, b T) T { return b })
}

// TopN is the n greatest records by less, greatest first, of equal ones those
// that arrived first. An n below 1 keeps none. Each record costs O(n).
func TopN[T any](n int, less func(a, b T) bool) Aggregate[T, []T, []T] {
	add := func(top []T, v T) []T {
		if len(top) >= n && (n < 1 || !less(top[n-1], v)) {
			return top
		}
		at := len(top)
		for at > 0 && less(top[at-1], v) {
			at--
		}
		top = slices.Insert(top, at, v)
		if len(top) > n {
			clear(top[n:])
			top = top[:n]
		}
		return top
	}
	return Aggregate[T, []T, []T]{
		Add: add,
		Merge: func(a, b []T) []T {
			for _, v := range b {
				a = add(a, v)
			}
			return a
		},
		Result: slices.Clone[[]T],
		Name:   "top",
	}
}

// MaxAll is all records whose f is the greatest, in order of arrival: Max
// with its ties. The accumulator holds them.
func MaxAll[T any, N cmp.Ordered](f func(T) N) Aggregate[T, []T, []T] {
	// rank compares f of a record with that of the greatest so far.
	rank := func(top []T, v T) int {
		if len(top) == 0 {
			return 1
		}
		return cmp.Compare(f(v), f(top[0]))
	}
	return Aggregate[T, []T, []T]{
		Add: func(top []T, v T) []T {
			switch r := rank(top, v); {
			case r > 0:
				clear(top)
				return append(top[:0], v)
			case r == 0:
				return append(top, v)
			}
			return top
		},
		Merge: func(a, b []T) []T {
			switch {
			case len(b) == 0 || rank(a, b[0]) < 0:
				return a
			case rank(a, b[0]) > 0:
				clear(a)
				a = a[:0]
			}
			return append(a, b...)
		},
		Result: slices.Clone[[]T],
		Name:   "max with ties",
	}
}
