package estimate

import "math"

// Features is the number of features of a [Linear]; those not needed are 0.
const Features = 3

// Vector is one value for each feature.
type Vector [Features]float64

// Linear is a linear model without negative coefficients, learnt one sample at
// a time: recursive least squares with exponential forgetting, in information
// form. What is kept is the weighted sum of x·xᵀ, x·y and y²; the coefficients
// are those that fit it best and stay close to what they were, in relation to
// their size. So a time in which all samples are alike leaves alone what they
// say nothing about, and noise goes to the largest part of the cost.
type Linear struct {
	// Forget is the weight that samples keep when another arrives, in (0, 1).
	Forget float64
	// Expect is the part of the cost that a feature is thought capable of
	// before anything is known, in (0, 1): where several could explain a cost,
	// those with more do.
	Expect Vector

	a       [Features]Vector
	b       Vector
	yy      float64
	theta   Vector
	samples int
	scale   float64 // median absolute residual, about
	dev     float64 // mean absolute residual
	mean    float64 // of y, as weighted as dev
	streak  int     // outliers in a row, signed by their side
}

const (
	gain    = 1.0 / 4 // of deviations, as in TCP (Jacobson 1988, RFC 6298)
	outlier = 4       // scales away from the line: 2.7 deviations of a normal
	drift   = 1.3     // of the scale, up or down with each sample
	noise   = 0.01    // of y: the least scale
	// step is how many outliers on one side, in a row, mean that the world has
	// changed; what was learnt before then keeps stale of its weight.
	step  = 3
	stale = 0.05
)

// Samples is how many samples have been learnt.
func (l *Linear) Samples() int { return l.samples }

// Update learns that x took y. A sample that is not finite, or negative, is
// ignored.
func (l *Linear) Update(x Vector, y float64) {
	if !usable(x, y) {
		return
	}
	w := l.weigh(y-dot(l.theta, x), y)
	l.fade(l.Forget)
	for i := range x {
		for j := range x {
			l.a[i][j] += w * x[i] * x[j]
		}
		l.b[i] += w * x[i] * y
	}
	l.yy += w * y * y
	l.samples++
	l.theta = l.solve()
}

// Predict is what x will take, and the margin by which that is wrong on
// average. Both grow with x.
func (l *Linear) Predict(x Vector) (y, margin float64) {
	y = dot(l.theta, x)
	if !usable(x, y) {
		return 0, 0
	}
	margin = l.dev
	if l.mean > 0 {
		margin *= max(1, y/l.mean)
	}
	return y, margin
}

// Coefficients are the learnt costs of a unit of each feature.
func (l *Linear) Coefficients() Vector { return l.theta }

// weigh is the weight of a sample that is e off the line: 1, or less the
// further out it is, but not once the line itself is proved wrong. The weight
// falls with the square: were it inverse to the distance (Huber), bursts on one
// side would shift the line by as much as its scale, and so raise the scale.
func (l *Linear) weigh(e, y float64) float64 {
	if l.samples == 0 {
		l.scale, l.dev, l.mean = y/2, y/2, y
		return 1
	}
	size := math.Abs(e)
	l.dev += gain * (size - l.dev)
	l.mean += gain * (y - l.mean)
	clip := outlier * max(l.scale, noise*y)
	if size > l.scale {
		l.scale *= drift
	} else {
		l.scale = max(l.scale/drift, noise*y)
	}
	if size <= clip {
		l.streak = 0
		return 1
	}
	if l.changed(e > 0) {
		return 1
	}
	return clip * clip / (size * size)
}

// changed counts outliers on one side and, at the step-th, lets go of the past.
func (l *Linear) changed(above bool) bool {
	switch {
	case above && l.streak >= 0:
		l.streak++
	case !above && l.streak <= 0:
		l.streak--
	default:
		l.streak = 0
	}
	if l.streak < step && l.streak > -step {
		return false
	}
	l.fade(stale)
	return true
}

// fade takes weight from all samples so far.
func (l *Linear) fade(keep float64) {
	for i := range l.a {
		for j := range l.a[i] {
			l.a[i][j] *= keep
		}
		l.b[i] *= keep
	}
	l.yy *= keep
}

func usable(x Vector, y float64) bool {
	sum := y
	for _, v := range x {
		if v < 0 {
			return false
		}
		sum += v
	}
	return y >= 0 && !math.IsNaN(sum) && !math.IsInf(sum, 0)
}

func dot(a, b Vector) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
