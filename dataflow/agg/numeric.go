package agg

// Count counts records.
func Count[T any]() Aggregate[T, int64, int64] {
	return Aggregate[T, int64, int64]{
		Add:    func(n int64, _ T) int64 { return n + 1 },
		Merge:  func(a, b int64) int64 { return a + b },
		Result: func(n int64) int64 { return n },
		Name:   "count",
	}
}
