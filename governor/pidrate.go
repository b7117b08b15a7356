package governor

import (
	"errors"
	"time"
)

// Gains are the parameters of Spark's rate estimator.
type Gains struct {
	Proportional float64 // ≥ 0
	Integral     float64 // ≥ 0
	Derivative   float64 // ≥ 0
	MinRate      float64 // records a second, > 0
}

// SparkGains are the defaults of Spark Streaming (StreamingConf:
// spark.streaming.backpressure.pid.*).
var SparkGains = Gains{Proportional: 1, Integral: 0.2, Derivative: 0, MinRate: 100}

// PIDRate is Spark Streaming's rate estimator, exactly as in its
// PIDRateEstimator.compute. The set point is the rate issued last, the measured
// value the rate at which the batch was processed, and the integral term the
// work that waits, as a rate.
type PIDRate struct {
	gains    Gains
	interval time.Duration
	primed   bool
	time     time.Duration
	rate     float64
	err      float64
}

// NewPIDRate makes an estimator for batches of an interval.
func NewPIDRate(g Gains, interval time.Duration) (*PIDRate, error) {
	if g.Proportional < 0 || g.Integral < 0 || g.Derivative < 0 {
		return nil, errors.New("pid rate: a gain is negative")
	}
	if !(g.MinRate > 0) {
		return nil, errors.New("pid rate: the least rate must be above 0")
	}
	if interval <= 0 {
		return nil, errors.New("pid rate: the batch interval must be above 0")
	}
	return &PIDRate{gains: g, interval: interval, time: -time.Millisecond}, nil
}

// Compute takes a batch that was complete at a time since some origin, with its
// records, how long it was processed and how long it had waited before. It
// returns the rate to issue, in records a second. The first batch only primes
// the estimator; a batch without records, without processing time or not
// later than the last one is ignored.
func (p *PIDRate) Compute(
	at time.Duration, records int64, processing, scheduling time.Duration,
) (rate float64, ok bool) {
	if at <= p.time || records <= 0 || processing <= 0 {
		return 0, false
	}
	elapsed := (at - p.time).Seconds()
	processed := float64(records) / processing.Seconds()
	err := p.rate - processed
	waiting := scheduling.Seconds() * processed / p.interval.Seconds()
	slope := (err - p.err) / elapsed
	p.time = at
	if !p.primed {
		p.primed, p.rate, p.err = true, processed, 0
		return 0, false
	}
	g := p.gains
	next := p.rate - g.Proportional*err - g.Integral*waiting - g.Derivative*slope
	p.rate, p.err = max(g.MinRate, next), err
	return p.rate, true
}
