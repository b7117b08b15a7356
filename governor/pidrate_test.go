package governor

import (
	"math"
	"testing"
	"time"
)

// completed is one call of Compute and what it must return; rate 0 for nothing.
type completed struct {
	at         time.Duration
	records    int64
	processing time.Duration
	scheduling time.Duration
	rate       float64
}

func TestPIDRateIsSparks(t *testing.T) {
	const s, ms = time.Second, time.Millisecond
	tests := []struct {
		name  string
		gains Gains
		calls []completed
	}{
		{"the first call only primes", SparkGains, []completed{
			{1 * s, 1000, s, 0, 0},
			{2 * s, 1000, s, 0, 1000},
		}},
		{"with Kp 1 the old rate cancels", SparkGains, []completed{
			{1 * s, 5000, s, 0, 0},
			{2 * s, 1000, s, 0, 1000},
			{3 * s, 4000, s / 2, 0, 8000},
		}},
		{"a fifth of what waits is taken off", SparkGains, []completed{
			{1 * s, 1000, s, 0, 0},
			{2 * s, 1000, s, 2 * s, 600}, // 1000 − 0.2·2·1000
		}},
		{"no less than the least rate", SparkGains, []completed{
			{1 * s, 1000, s, 0, 0},
			{2 * s, 1000, s, 10 * s, 100},
			{3 * s, 50, s, 0, 100},
		}},
		{"nothing without records, time or progress", SparkGains, []completed{
			{1 * s, 0, s, 0, 0},
			{1 * s, 1000, 0, 0, 0},
			{1 * s, 1000, s, 0, 0}, // primes
			{1 * s, 1000, s, 0, 0}, // the same time again
			{s / 2, 1000, s, 0, 0}, // earlier
			{2 * s, 2000, s, 0, 2000},
		}},
		{"all three terms", Gains{0.5, 0.1, 0.25, 10}, []completed{
			{1 * s, 1000, s, 0, 0},
			// procRate 2000, error −1000, waiting 500·2000/1000 = 1000, slope −1000/1
			{2 * s, 2000, s, 500 * ms, 1650}, // 1000 + 500 − 100 + 250
			// procRate 1000, error 650, waiting 0, slope (650 + 1000)/0.5
			{2500 * ms, 1000, s, 0, 500}, // 1650 − 325 − 0 − 825
		}},
		{"priming remembers the time for the slope", Gains{0, 0, 1, 1}, []completed{
			{4 * s, 100, s, 0, 0},
			{6 * s, 300, s, 0, 200}, // 100 − (100 − 300 − 0)/2
		}},
	}
	for _, test := range tests {
		p, err := NewPIDRate(test.gains, time.Second)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		for i, c := range test.calls {
			rate, ok := p.Compute(c.at, c.records, c.processing, c.scheduling)
			if math.Abs(rate-c.rate) > 1e-9 || ok != (c.rate > 0) {
				t.Errorf("%s: call %d: got %v, %v, want %v", test.name, i, rate, ok, c.rate)
			}
		}
	}
}

// TestPIDRateClimbsBackGeometrically checks the law against its known
// consequence: where a batch takes a + n/µ, the rate returns from a
// disturbance by the factor a/B.
func TestPIDRateClimbsBackGeometrically(t *testing.T) {
	const a, mu, interval = 0.6, 50e3, time.Second
	p, err := NewPIDRate(SparkGains, interval)
	if err != nil {
		t.Fatal(err)
	}
	fixed := mu * (1 - a)
	rate := fixed / 2
	p.Compute(0, int64(rate), fromSeconds(a+rate/mu), 0)
	for i := range 6 {
		off := fixed - rate
		next, _ := p.Compute(time.Duration(i+1)*interval, int64(rate), fromSeconds(a+rate/mu), 0)
		// The slope at the fixed point is a/B, and larger below it.
		if ratio := (fixed - next) / off; ratio < a || ratio > 0.8 {
			t.Errorf("step %d: %.0f of %.0f left, want between %v and 0.8", i, fixed-next, off, a)
		}
		rate = next
	}
}

func TestPIDRateRefusesBadGains(t *testing.T) {
	tests := []struct {
		name     string
		gains    Gains
		interval time.Duration
	}{
		{"proportional", Gains{-1, 0, 0, 100}, 1},
		{"integral", Gains{1, -1, 0, 100}, 1},
		{"derivative", Gains{1, 0, -1, 100}, 1},
		{"least rate", Gains{1, 0, 0, 0}, 1},
		{"interval", SparkGains, 0},
	}
	for _, test := range tests {
		if _, err := NewPIDRate(test.gains, test.interval); err == nil {
			t.Errorf("%s: accepted %+v", test.name, test.gains)
		}
	}
}
