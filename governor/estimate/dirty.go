package estimate

import (
	"math"
	"time"
)

// Dirty predicts the bytes that will have changed by the next barrier. Changes
// come fast after a capture and more slowly as they meet entries that have
// changed already: after t there are W·(1 − e^(−t/θ)) of them. The zero value has
// learnt nothing.
type Dirty struct {
	first, rate float64 // bytes a second: right after a capture, and lately
	since       time.Duration
	last        int64
	started     bool
}

// Observe takes the bytes dirty now, after a period.
func (d *Dirty) Observe(bytes int64, period time.Duration) {
	if period <= 0 || bytes < 0 {
		return
	}
	if !d.started || bytes < d.last { // a capture in between
		d.started, d.last, d.since = true, bytes, period
		d.first, d.rate = float64(bytes)/period.Seconds(), float64(bytes)/period.Seconds()
		return
	}
	grown := float64(bytes-d.last) / period.Seconds()
	d.last = bytes
	d.since += period
	d.rate += gain * (grown - d.rate)
	d.first = max(d.first, d.rate)
}

// At is the bytes expected after, and at most most of them: what there is.
func (d *Dirty) At(after time.Duration, most int64) int64 {
	t := max(0, after).Seconds()
	grown := d.rate * t
	if d.rate > 0 && d.first > 1.05*d.rate {
		theta := d.since.Seconds() / math.Log(d.first/d.rate)
		grown = d.rate * theta * -math.Expm1(-t/theta)
	}
	total := float64(d.last) + grown
	if most > 0 {
		total = min(total, float64(most))
	}
	return max(d.last, int64(min(total, 1<<62)))
}
