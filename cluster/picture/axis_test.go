package picture

import (
	"math"
	"testing"
	"time"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct{ most, step, end float64 }{
		{0, 1, 1},
		{-3, 1, 1},
		{math.NaN(), 1, 1},
		{math.Inf(1), 1, 1},
		{5e-324, 1, 1}, // a quarter of it is 0
		{4, 1, 4},
		{4.1, 2, 6},
		{7, 2, 8},
		{850_000, 500_000, 1_000_000},
		{0.075, 0.02, 0.08},
		{0.1 + 0.2, 0.1, 0.3}, // a little more than 0.3
		{1e300, 5e299, 1e300},
	} {
		step, end := ticks(c.most, 4)
		if !near(step, c.step) || !near(end, c.end) {
			t.Errorf("ticks(%v): got %v to %v, want %v to %v", c.most, step, end, c.step, c.end)
		}
	}
}

// near is for numbers computed in another order.
func near(got, want float64) bool { return math.Abs(got-want) <= 1e-9*math.Abs(want) }

func TestTimeStep(t *testing.T) {
	day := 24 * time.Hour
	for end, want := range map[time.Duration]time.Duration{
		time.Nanosecond:  1,
		time.Millisecond: 100 * time.Microsecond,
		3 * time.Second:  500 * time.Millisecond,
		11 * time.Second: 2 * time.Second,
		50 * time.Second: 5 * time.Second,
		51 * time.Second: 10 * time.Second,
		3 * time.Minute:  30 * time.Second,
		time.Hour:        10 * time.Minute,
		10 * time.Hour:   time.Hour,
		10 * day:         day,
		365 * day:        37 * day,
	} {
		got := timeStep(end, 10)
		if got != want {
			t.Errorf("timeStep(%v): got %v, want %v", end, got, want)
		}
		if n := end / max(1, got); n > 10 {
			t.Errorf("timeStep(%v) makes %d ticks, want at most 10", end, n)
		}
	}
}

func TestWords(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.5: "0.5", 999: "999", 1500: "1.5k", 250_000: "250k", 2e6: "2M", 3e9: "3G", 4e12: "4000G",
	} {
		if got := figure(v); got != want {
			t.Errorf("figure(%v): got %q, want %q", v, got, want)
		}
	}
	for v, want := range map[float64]string{
		0: "0s", 0.02: "20ms", 0.1 + 0.2: "300ms", 60: "1m", 90: "1m30s", 3600: "1h", 5400: "1h30m",
		600: "10m",
	} {
		if got := length(v); got != want {
			t.Errorf("length(%v): got %q, want %q", v, got, want)
		}
	}
}
