package replay

import (
	"fmt"
	"time"
)

// Shape is a rate over time: steps of equal length that repeat. The zero Shape
// has no rate: everything is due at once.
type Shape struct {
	Name   string
	Period time.Duration
	// upto is how many records are due before each step of a period, and after
	// the last.
	upto []float64
}

// Constant is an even rate, in records a second.
func Constant(rate float64) Shape { return newShape("constant", rate, time.Second, []float64{1}) }

// Bursty has three times the mean rate for two seconds of every ten and half
// of it for the rest.
func Bursty(rate float64) Shape {
	return newShape("bursty", rate, 10*time.Second, []float64{0.5, 0.5, 3, 0.5, 0.5})
}

// Diurnal is a day in twelve seconds: what departs in each hour of it, in the
// sample of flights.
func Diurnal(rate float64) Shape {
	return newShape("diurnal", rate, 12*time.Second, []float64{
		0.09, 0.05, 0.01, 0.00, 0.00, 0.29, 1.50, 1.59, 1.56, 1.46, 1.37, 1.48,
		1.42, 1.56, 1.37, 1.46, 1.40, 1.61, 1.42, 1.40, 1.22, 0.89, 0.62, 0.24,
	})
}

// Shaped finds a shape by its name and gives it a mean rate; without a name it
// is the zero Shape.
func Shaped(name string, rate float64) (Shape, error) {
	switch name {
	case "":
		return Shape{}, nil
	case "constant":
		return Constant(rate), nil
	case "bursty":
		return Bursty(rate), nil
	case "diurnal":
		return Diurnal(rate), nil
	}
	return Shape{}, fmt.Errorf("no shape is called %q: take constant, bursty or diurnal", name)
}

// newShape scales weights so that their mean is the rate.
func newShape(name string, rate float64, period time.Duration, weights []float64) Shape {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	s := Shape{Name: name, Period: period, upto: make([]float64, len(weights)+1)}
	for i, w := range weights {
		s.upto[i+1] = s.upto[i] + w/sum*rate*period.Seconds()
	}
	return s
}

// Paced reports whether there is a rate.
func (s Shape) Paced() bool { return len(s.upto) > 0 }

// Due is when record i, from 0, is due.
func (s Shape) Due(i int64) time.Duration {
	if !s.Paced() {
		return 0
	}
	steps := len(s.upto) - 1
	each := s.upto[steps]
	rounds := int64(float64(i) / each)
	rest := float64(i) - float64(rounds)*each
	k := 0
	for k < steps-1 && s.upto[k+1] <= rest {
		k++
	}
	part := float64(k)
	if grown := s.upto[k+1] - s.upto[k]; grown > 0 {
		part += min(1, (rest-s.upto[k])/grown)
	}
	return time.Duration(rounds)*s.Period + time.Duration(part/float64(steps)*float64(s.Period))
}

// Count is how many records are due at a time: those whose time is not later.
func (s Shape) Count(at time.Duration) int64 {
	if !s.Paced() || at < 0 {
		return 0
	}
	steps := len(s.upto) - 1
	part := (at % s.Period).Seconds() / s.Period.Seconds() * float64(steps)
	k := min(int(part), steps-1)
	within := s.upto[k] + (part-float64(k))*(s.upto[k+1]-s.upto[k])
	n := int64(float64(at/s.Period)*s.upto[steps] + within)
	for n > 0 && s.Due(n-1) > at {
		n--
	}
	for s.Due(n) <= at {
		n++
	}
	return n
}
