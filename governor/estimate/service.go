package estimate

import "time"

// Service learns how long a task works: a for each batch and s for each
// record. The two are fitted together: dividing records by time would take the
// fixed cost of small batches for slowness. Time of checkpoints is not in it,
// and the slowdown while one is being persisted beside the task is learnt
// apart. The zero value has learnt nothing.
type Service struct {
	// Forget is the weight that what was learnt keeps when more is, in (0, 1); 0 for
	// 0.9.
	Forget float64

	fit   Linear
	slow  float64       // multiplier while a persist is in flight, less 1
	carry time.Duration // busy since records were last completed
}

// Work is what a task did in some time.
type Work struct {
	Records, Batches int64
	Busy             time.Duration // in operators, without checkpoint work
	// Persisting is the part of the time in which a persist was in flight,
	// from 0 to 1.
	Persisting float64
}

const (
	serviceForget = 0.9
	mostSlow      = 20 // times
)

// Observe learns from some time's work. Time in which no batch was completed
// counts for the next that is: a batch may take longer than a period, and a
// window that fires does so for records that came before.
func (s *Service) Observe(w Work) {
	if w.Busy < 0 {
		return
	}
	w.Busy += s.carry
	if w.Records <= 0 || w.Batches <= 0 {
		s.carry = min(w.Busy, time.Hour)
		return
	}
	s.carry = 0
	if w.Busy <= 0 {
		return
	}
	s.fit.Forget, s.fit.Expect = s.Forget, Vector{0.1, 0.4}
	if s.Forget == 0 {
		s.fit.Forget = serviceForget
	}
	n, size := float64(w.Records), float64(w.Records)/float64(w.Batches)
	busy := w.Busy.Seconds()
	expected := s.Seconds(n, size)
	if w.Persisting > 0.5 && expected > 0 {
		now := min(max(busy/expected-1, 0), mostSlow-1)
		s.slow += gain * (now/w.Persisting - s.slow)
		return
	}
	busy /= 1 + s.slow*min(max(w.Persisting, 0), 1)
	// Errors are in proportion to the time, so each sample is put in relation
	// to what was expected of it: unless that is far too much, as after a spell in
	// which the task was slow, when it would hardly weigh against what came before.
	unit := min(expected, 2*busy)
	if unit <= 0 {
		unit = busy
	}
	s.fit.Update(Vector{float64(w.Batches) / unit, n / unit}, busy/unit)
}

// Known reports whether anything has been learnt.
func (s *Service) Known() bool { return s.fit.samples > 0 }

// Seconds is how long the task works on records that come in batches of size
// on average.
func (s *Service) Seconds(records, size float64) float64 {
	return dot(s.fit.theta, Vector{records / max(size, 1), records})
}

// Rate is the records a second that the task can work at, in batches of size.
// It is 0 as long as nothing is known.
func (s *Service) Rate(size float64) float64 {
	one := s.Seconds(1, size)
	if one <= 0 {
		return 0
	}
	return 1 / one
}

// Batch and Record are the fitted costs of a batch and of a record, in seconds.
func (s *Service) Batch() float64 { return s.fit.theta[0] }

// Record is the fitted cost of a record, in seconds.
func (s *Service) Record() float64 { return s.fit.theta[1] }

// Slowdown is the factor by which work takes longer while a persist is in
// flight, at least 1.
func (s *Service) Slowdown() float64 { return 1 + max(0, s.slow) }

// Margin is the mean error of Seconds, relative to it.
func (s *Service) Margin() float64 { return s.fit.dev }

// Samples is how many times have been learnt from.
func (s *Service) Samples() int { return s.fit.samples }
