package generate

import "math"

// price draws an amount of cents between 100 and 100,000,000, its logarithm
// evenly distributed: Beam's nextPrice.
func price(r *random) int64 { return priceAt(r.float64()) }

// priceAt is the price at a point of [0, 1).
func priceAt(u float64) int64 {
	cents := nearPower(u)
	whole := math.Floor(cents)
	if part := cents - whole; math.Abs(part-0.5) < 1e-4 {
		return exactPrice(u)
	} else if part > 0.5 {
		whole++
	}
	return int64(whole)
}

// exactPrice rounds as Java's Math.round does.
func exactPrice(u float64) int64 { return int64(math.Floor(math.Pow(10, u*6)*100 + 0.5)) }

const (
	powerSteps = 512
	logRange   = 6 * math.Ln10
)

// powers are 100 * 10^(6u) in the middle of each of the steps that u is in.
var powers = func() (p [powerSteps]float64) {
	for i := range p {
		p[i] = 100 * math.Pow(10, 6*(float64(i)+0.5)/powerSteps)
	}
	return p
}()

// nearPower is 100 * 10^(6u) for u in [0, 1), to 10^-14 of it: a power from the
// table times the exponential of what is left, at most 0.0135, by its series.
func nearPower(u float64) float64 {
	i := int(u * powerSteps)
	x := (u - (float64(i)+0.5)/powerSteps) * logRange
	return powers[i&(powerSteps-1)] * (1 + x*(1+x*(1./2+x*(1./6+x*(1./24+x*(1./120))))))
}
