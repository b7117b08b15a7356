package agg

// An Aggregate turns many records into one result by way of an accumulator,
// whose zero value, or New's result where New is set, is that of no records.
// All functions are called by one task at a time.
type Aggregate[T, A, R any] struct {
	// New makes the accumulator of no records; nil means the zero A.
	New func() A
	// Add returns a with v added. It may change what a points at and return a.
	Add func(a A, v T) A
	// Merge returns the accumulator of the records of both. It must leave
	// what b points at as it is and must not keep it; it may change a. The
	// records of a come before those of b, in time or in order of arrival.
	Merge func(a, b A) A
	// Subtract returns a without the records of b, all of which are in a,
	// under the same rules. It is optional and spares sliding windows memory.
	// Set it only where it is exact and the order of records does not matter.
	Subtract func(a, b A) A
	// Commutative says that the order in which records are added makes no
	// difference. It spares sliding windows work when records come late.
	Commutative bool
	// Result reads the accumulator without changing it. What it returns must
	// not share memory with a that a later Add may change.
	Result func(a A) R
	// Name describes the aggregate in plans, such as "count".
	Name string
}

// Zero is the accumulator of no records.
func (g Aggregate[T, A, R]) Zero() A {
	if g.New != nil {
		return g.New()
	}
	var zero A
	return zero
}
