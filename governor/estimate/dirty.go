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
	gone        float64 // bytes by which changes have exceeded what there is, lately
	started     bool
}

// fading is what is left of gone after a period.
const fading = 0.99

// Observe takes the bytes dirty now, among state bytes, after a period in which there was a
// capture or none. Without one there may be fewer than before: entries that came and went again
// need not be written.
func (d *Dirty) Observe(bytes, state int64, captured bool, period time.Duration) {
	if period <= 0 || bytes < 0 {
		return
	}
	d.gone = max(fading*d.gone, float64(bytes-state))
	if !d.started || captured {
		d.started, d.last, d.since = true, bytes, period
		d.first, d.rate = float64(bytes)/period.Seconds(), float64(bytes)/period.Seconds()
		return
	}
	grown := float64(bytes-d.last) / period.Seconds()
	d.last = bytes
	d.since += period
	d.rate = max(0, d.rate+gain*(grown-d.rate))
	d.first = max(d.first, d.rate)
}

// At is the bytes expected after, among most: changes are no more than that, but for deletions,
// which are written as well.
func (d *Dirty) At(after time.Duration, most int64) int64 {
	t := max(0, after).Seconds()
	grown := d.rate * t
	if d.rate > 0 && d.first > 1.05*d.rate {
		theta := d.since.Seconds() / math.Log(d.first/d.rate)
		grown = d.rate * theta * -math.Expm1(-t/theta)
	}
	total := float64(d.last) + grown
	if most > 0 {
		total = min(total, float64(most)+d.gone)
	}
	return max(d.last, int64(min(total, 1<<62)))
}
