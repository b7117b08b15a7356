package generate

import "math"

// price draws an amount of cents between 100 and 100,000,000, its logarithm
// evenly distributed: Beam's nextPrice.
func price(r *random) int64 {
	return int64(math.Floor(math.Pow(10, r.float64()*6)*100 + 0.5))
}
