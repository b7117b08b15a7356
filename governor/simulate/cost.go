package simulate

import (
	"math/rand/v2"
	"time"
)

// Cost is what a checkpoint takes.
type Cost struct {
	Mean time.Duration
	// Deviation is that of a normal distribution, as a part of the mean.
	Deviation float64
	// Burst is the chance that a checkpoint takes BurstBy times as long, as
	// when the store compacts.
	Burst, BurstBy float64
	// Grows adds this part of the mean for each second of the run.
	Grows float64
	// StepAt is when the cost becomes StepBy times as high; 0 for never.
	StepAt time.Duration
	StepBy float64
}

// sampler draws costs. Bytes follow the mean, so that a model can learn it.
type sampler struct {
	Cost
	r *rand.Rand
}

func (c Cost) sampler(r *rand.Rand) sampler { return sampler{c, r} }

// bytes is the changed bytes and all bytes at a time: 100 MB for each second of
// the mean cost, ten times as many in all.
func (s sampler) bytes(now time.Duration) (dirty, state int64) {
	mean := s.Mean.Seconds() * (1 + s.Grows*now.Seconds())
	if s.StepAt > 0 && now >= s.StepAt {
		mean *= s.StepBy
	}
	dirty = int64(mean * 100e6)
	return dirty, 10 * dirty
}

// sample is what a checkpoint of changed bytes takes this time.
func (s sampler) sample(dirty int64) time.Duration {
	mean := float64(dirty) / 100e6
	c := mean * (1 + s.Deviation*s.r.NormFloat64())
	if s.Burst > 0 && s.r.Float64() < s.Burst {
		c *= s.BurstBy
	}
	return time.Duration(max(c, min(0.05, mean)) * float64(time.Second))
}
