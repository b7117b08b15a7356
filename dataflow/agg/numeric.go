package agg

import "math"

// Integer is any type that is an integer underneath.
type Integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Number is any type that is an integer or a float underneath.
type Number interface {
	Integer | ~float32 | ~float64
}

// fractional reports whether N is a float.
func fractional[N Number]() bool {
	one, two := N(1), N(2)
	return one/two != 0
}

// Count counts records.
func Count[T any]() Aggregate[T, int64, int64] {
	return Aggregate[T, int64, int64]{
		Add:      func(n int64, _ T) int64 { return n + 1 },
		Merge:    func(a, b int64) int64 { return a + b },
		Subtract: func(a, b int64) int64 { return a - b },
		Result:   func(n int64) int64 { return n },
		Name:     "count", Commutative: true,
	}
}

// Sum adds up f of the records in f's own type. An integer sum that leaves
// the range of N wraps around, as Go's + does: let f return an int64 even
// where the field is narrower. A float sum rounds with each addition, so its
// last digits depend on the order in which records arrive; sum cents, not
// dollars, where that matters.
func Sum[T any, N Number](f func(T) N) Aggregate[T, N, N] {
	a := Aggregate[T, N, N]{
		Add:    func(sum N, v T) N { return sum + f(v) },
		Merge:  func(a, b N) N { return a + b },
		Result: func(sum N) N { return sum },
		Name:   "sum", Commutative: true,
	}
	if !fractional[N]() {
		a.Subtract = func(a, b N) N { return a - b }
	}
	return a
}

// Average is the accumulator of [Mean]: a count and a sum, which is kept as
// the unevaluated sum of two floats and so has about 106 bits.
type Average struct {
	N         int64
	High, Low float64
}

// Mean is the arithmetic mean of f of the records, 0 if there are none. The
// sum behind it is exact for integers of up to 2^106 in total and rounds
// floats once, at the end, in all but contrived cases.
func Mean[T any, N Number](f func(T) N) Aggregate[T, Average, float64] {
	a := Aggregate[T, Average, float64]{
		Add: func(a Average, v T) Average {
			high, low := split(f(v))
			return a.add(1, high).add(0, low)
		},
		Merge: func(a, b Average) Average { return a.add(b.N, b.High).add(0, b.Low) },
		Result: func(a Average) float64 {
			if a.N == 0 {
				return 0
			}
			return (a.High + a.Low) / float64(a.N)
		},
		Name: "mean", Commutative: true,
	}
	if !fractional[N]() {
		a.Subtract = func(a, b Average) Average { return a.add(-b.N, -b.High).add(0, -b.Low) }
	}
	return a
}

// split returns v as the exact sum of two floats.
func split[N Number](v N) (high, low float64) {
	if fractional[N]() {
		return float64(v), 0
	}
	if v < 0 {
		i := int64(v)
		return float64(i >> 32 << 32), float64(i & math.MaxUint32)
	}
	u := uint64(v)
	return float64(u >> 32 << 32), float64(u & math.MaxUint32)
}

// add adds n records with sum x: the sum of High and x in High, what that
// rounds off in Low (2Sum; Knuth, TAOCP 2, 4.2.2, theorem B), and both
// normalised so that High is the sum to the nearest float.
func (a Average) add(n int64, x float64) Average {
	s := a.High + x
	if s-s != 0 {
		return Average{a.N + n, s, 0} // infinite or NaN: nothing is rounded off
	}
	b := s - a.High
	rest := (a.High - (s - b)) + (x - b) + a.Low
	high := s + rest
	return Average{a.N + n, high, rest - (high - s)}
}
