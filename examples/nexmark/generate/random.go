package generate

import "math"

// A random is java.util.Random, whose algorithm its documentation fixes: a
// linear congruential generator of 48 bits (Knuth, The Art of Computer
// Programming, volume 2, 3.2.1).
type random struct{ state uint64 }

const (
	multiplier = 0x5DEECE66D
	increment  = 0xB
	mask       = 1<<48 - 1
)

// newRandom is Java's new Random(seed).
func newRandom(seed uint64) random { return random{(seed ^ multiplier) & mask} }

// next is the state after r.
func (r random) next() random { return random{(r.state*multiplier + increment) & mask} }

func (r *random) advance() uint64 {
	*r = r.next()
	return r.state
}

// int32 is Java's nextInt().
func (r *random) int32() int32 { return int32(r.advance() >> 16) }

// int31 is Java's next(31).
func (r *random) int31() int32 { return int32(r.advance() >> 17) }

// below is Java's nextInt(n) for n > 0 that are no powers of two; where n is a
// constant it compiles to multiplications. Numbers from the last, incomplete
// run of n are drawn again.
func (r *random) below(n int32) int32 {
	for {
		u := r.int31()
		if v := u % n; u-v <= math.MaxInt32-(n-1) {
			return v
		}
	}
}

// intn is Java's nextInt(n) for any n > 0.
func (r *random) intn(n int32) int32 {
	if n&(n-1) == 0 {
		return int32(int64(n) * int64(r.int31()) >> 31)
	}
	return r.below(n)
}

// int64n is a number in [0, n), as Beam's LongGenerator draws it: skewed for
// large n.
func (r *random) int64n(n int64) int64 {
	if n < math.MaxInt32 {
		return int64(r.intn(int32(n)))
	}
	v := r.int64() % n
	return max(v, -v)
}

// int64 is Java's nextLong().
func (r *random) int64() int64 {
	high := int64(r.int32()) << 32
	return high + int64(r.int32())
}

// float64 is Java's nextDouble().
func (r *random) float64() float64 {
	high := r.advance() >> 22 << 27
	return float64(high+r.advance()>>21) * 0x1p-53
}

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood, 2014): it makes
// numbers that differ little differ in every bit.
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}
