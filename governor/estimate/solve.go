package estimate

import "math"

// inertia is how much the coefficients resist a change, relative to samples.
const inertia = 1e-3

// solve minimises θᵀAθ − 2bᵀθ + Σ p·(θ − θ′)² over θ ≥ 0, with θ′ the
// coefficients so far and p such that a change counts in relation to the size
// of what it changes. With three features each set of those in use can be
// tried.
func (l *Linear) solve() (best Vector) {
	a, b := l.a, l.b
	for i := range a {
		if a[i][i] <= 0 {
			continue
		}
		size := max(l.theta[i], l.Expect[i]*math.Sqrt(l.yy/a[i][i]))
		if p := inertia * l.yy / (size * size); p > 0 && !math.IsInf(p, 0) {
			a[i][i] += p
			b[i] += p * l.theta[i]
		}
	}
	least := 0.0 // what θ = 0 achieves
	for set := 1; set < 1<<Features; set++ {
		theta, ok := solveSet(a, b, set)
		if !ok {
			continue
		}
		// At the minimum over a set, θᵀAθ = bᵀθ.
		if value := -dot(b, theta); value < least {
			best, least = theta, value
		}
	}
	return best
}

// solveSet solves A·θ = b over the features in set by elimination, the others
// 0. It is not ok if the solution is negative or not determined.
func solveSet(a [Features]Vector, b Vector, set int) (theta Vector, ok bool) {
	var in [Features]int
	n := 0
	for i := range Features {
		if set&(1<<i) != 0 {
			in[n] = i
			n++
		}
	}
	for p := range n {
		pivot := a[in[p]][in[p]]
		if pivot <= 0 || math.IsNaN(pivot) {
			return theta, false
		}
		for q := p + 1; q < n; q++ {
			f := a[in[q]][in[p]] / pivot
			for r := p; r < n; r++ {
				a[in[q]][in[r]] -= f * a[in[p]][in[r]]
			}
			b[in[q]] -= f * b[in[p]]
		}
	}
	for p := n - 1; p >= 0; p-- {
		i := in[p]
		theta[i] = b[i]
		for q := p + 1; q < n; q++ {
			theta[i] -= a[i][in[q]] * theta[in[q]]
		}
		theta[i] /= a[i][i]
		if !(theta[i] >= 0) || math.IsInf(theta[i], 0) {
			return Vector{}, false
		}
	}
	return theta, true
}
