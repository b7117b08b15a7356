package estimate

import (
	"math"
	"math/rand/v2"
	"testing"
)

func learner() *Linear { return &Linear{Forget: 0.92, Expect: expectation} }

func TestLinearFindsTheLine(t *testing.T) {
	tests := []struct {
		name string
		want Vector
	}{
		{"all three", Vector{0.2, 0.01, 0.003}},
		{"a constant", Vector{0.5, 0, 0}},
		{"changed bytes alone", Vector{0, 0.01, 0}},
		{"all bytes alone", Vector{0, 0, 0.002}},
		{"nothing", Vector{}},
	}
	for _, test := range tests {
		r := rand.New(rand.NewPCG(1, 2))
		l := learner()
		for range 60 {
			x := Vector{1, 10 + 90*r.Float64(), 500 * r.Float64()}
			l.Update(x, dot(test.want, x))
		}
		x := Vector{1, 70, 300}
		got, margin := l.Predict(x)
		if want := dot(test.want, x); math.Abs(got-want) > 0.01*want+1e-9 {
			t.Errorf("%s: got %v of %v, want %v", test.name, got, l.Coefficients(), want)
		}
		if margin > 0.02*got+1e-9 {
			t.Errorf("%s: got a margin of %v without noise", test.name, margin)
		}
	}
}

func TestLinearIsNeverNegative(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	l := learner()
	for i := range 500 {
		x := Vector{1, 100 * r.Float64(), 100 * r.Float64()}
		l.Update(x, max(0, 50-x[1]/4+20*r.NormFloat64())) // falls with x[1]
		for j, c := range l.Coefficients() {
			if c < 0 || math.IsNaN(c) {
				t.Fatalf("sample %d: coefficient %d is %v", i, j, c)
			}
		}
	}
}

// TestLinearTakesChangedBytesForTheCause sees the same sizes again and again:
// what made the cost cannot be told, and changed bytes are taken for it.
func TestLinearTakesChangedBytesForTheCause(t *testing.T) {
	l := learner()
	for range 10 {
		l.Update(Vector{1, 100, 1000}, 2)
	}
	if got, _ := l.Predict(Vector{1, 200, 1000}); got < 3.5 || got > 4.01 {
		t.Errorf("twice the changes: got %v, want almost twice the 2 seen", got)
	}
}

// TestLinearSeesThroughBursts has every fifth sample take six times as long.
func TestLinearSeesThroughBursts(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	l := learner()
	far, off := 0, 0.0
	for i := range 200 {
		x := Vector{1, 50 + 50*r.Float64(), 500}
		cost := 0.01 * x[1] * (1 + 0.05*r.NormFloat64())
		p, margin := l.Predict(x)
		if i > 20 && math.Abs(p-0.01*x[1]) > 0.3*0.01*x[1] {
			far++
		}
		if i%5 == 4 {
			cost *= 6
		}
		if i > 20 {
			off += math.Abs(cost-p) - margin
		}
		l.Update(x, cost)
	}
	if far > 18 {
		t.Errorf("%d of 180 predictions are 30%% off what is usual, want at most a tenth", far)
	}
	if mean := off / 180; mean > 0.1 || mean < -0.5 {
		t.Errorf("errors exceed the margin by %v on average: it is not honest", mean)
	}
}

func TestLinearFollowsAStep(t *testing.T) {
	l := learner()
	for range 50 {
		l.Update(Vector{1, 100, 0}, 1)
	}
	n := 0
	for ; n < 20; n++ {
		if got, _ := l.Predict(Vector{1, 100, 0}); math.Abs(got-4) < 0.4 {
			break
		}
		l.Update(Vector{1, 100, 0}, 4)
	}
	if n > step+1 {
		t.Errorf("took %d samples to follow a step, want %d", n, step+1)
	}
}

// TestLinearKeepsWhatIsNotContradicted sees different sizes first and one size
// for long: what was learnt of the others must last.
func TestLinearKeepsWhatIsNotContradicted(t *testing.T) {
	l := learner()
	cost := func(x Vector) float64 { return 0.5 + 0.01*x[1] }
	for i := range 20 {
		x := Vector{1, float64(10 * (i % 10)), 0}
		l.Update(x, cost(x))
	}
	for range 1000 {
		l.Update(Vector{1, 50, 0}, 1)
	}
	if got, _ := l.Predict(Vector{1, 0, 0}); math.Abs(got-0.5) > 0.05 {
		t.Errorf("got a fixed part of %v, want the 0.5 learnt long ago", got)
	}
}

func TestLinearIgnoresNonsense(t *testing.T) {
	l := learner()
	for range 5 {
		l.Update(Vector{1, 2, 3}, 4)
	}
	before, _ := l.Predict(Vector{1, 2, 3})
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1} {
		l.Update(Vector{1, 2, 3}, bad)
		l.Update(Vector{1, bad, 3}, 4)
		if got, _ := l.Predict(Vector{1, bad, 3}); got != 0 {
			t.Errorf("Predict with %v: got %v, want 0", bad, got)
		}
	}
	if after, _ := l.Predict(Vector{1, 2, 3}); after != before {
		t.Errorf("got %v after nonsense, want %v as before", after, before)
	}
}

func FuzzLinear(f *testing.F) {
	f.Add(1.0, 2.0, 4.0, 1e300)
	f.Add(0.0, 0.0, 0.0, 0.0)
	f.Add(1e-300, 1e18, 1e-9, 1e12)
	f.Fuzz(func(t *testing.T, a, b, y, z float64) {
		l := learner()
		for range 4 {
			l.Update(Vector{a, b, 1}, y)
			l.Update(Vector{b, a, y}, z)
			l.Update(Vector{}, 1)
		}
		got, margin := l.Predict(Vector{1, 1, 1})
		if !(got >= 0) || math.IsInf(got, 0) || !(margin >= 0) || math.IsInf(margin, 0) {
			t.Errorf("got %v ± %v of %v", got, margin, l.Coefficients())
		}
	})
}
