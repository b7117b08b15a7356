package agg

import (
	"cmp"
	"maps"
	"slices"
)

// Distinct counts the different values of f, exactly: the accumulator holds
// them all, so its memory and the size of checkpoints grow with their number.
func Distinct[T any, V comparable](f func(T) V) Aggregate[T, map[V]struct{}, int64] {
	return distinct(f, "distinct", func(set map[V]struct{}) int64 { return int64(len(set)) })
}

// DistinctValues lists the different values of f in ascending order, at the
// same cost as [Distinct].
func DistinctValues[T any, V cmp.Ordered](f func(T) V) Aggregate[T, map[V]struct{}, []V] {
	return distinct(f, "distinct values", func(set map[V]struct{}) []V {
		return slices.Sorted(maps.Keys(set))
	})
}

func distinct[T any, V comparable, R any](
	f func(T) V, name string, result func(map[V]struct{}) R,
) Aggregate[T, map[V]struct{}, R] {
	return Aggregate[T, map[V]struct{}, R]{
		Add: func(set map[V]struct{}, v T) map[V]struct{} {
			if set == nil {
				set = map[V]struct{}{}
			}
			set[f(v)] = struct{}{}
			return set
		},
		Merge: func(a, b map[V]struct{}) map[V]struct{} {
			if a == nil && b != nil {
				a = make(map[V]struct{}, len(b))
			}
			maps.Copy(a, b)
			return a
		},
		Result: result,
		Name:   name, Commutative: true,
	}
}
