package governor

import (
	"fmt"
	"math"
	"time"
)

// YoungDaly is the time between checkpoints at which the least work is lost,
// to checkpoints that cost so much each and to failures that happen once in
// mtbf on average, exponentially distributed. It is the exact optimum
//
//	T = (λC + 1 + W₀(−e^(−λC−1))) / λ,  λ = 1/mtbf,
//
// with W₀ the principal branch of Lambert's function, of which √(2C/λ) is the
// first order (Young 1974; Daly 2006). It is the root of 1 − e^(−λT) = λ(T − C),
// found by Newton's method. Without a cost or without failures it is 0.
func YoungDaly(cost, mtbf time.Duration) time.Duration {
	if cost <= 0 || mtbf <= 0 {
		return 0
	}
	c := cost.Seconds() / mtbf.Seconds() // λC
	// In x = λT: f(x) = x − c + e^(−x) − 1, convex, and above its root at √2c + c.
	x := math.Sqrt(2*c) + c
	for range 8 {
		x -= (x - c + math.Expm1(-x)) / -math.Expm1(-x)
	}
	return fromSeconds(x * mtbf.Seconds())
}

// Schedule decides when a job's next checkpoint begins. It is of one job.
type Schedule struct {
	cfg      ScheduleConfig
	interval time.Duration
	waited   time.Duration // when records waited last, since the observations' origin; 0 for never
}

// ScheduleConfig is what a [Schedule] decides by. Zero fields have defaults.
type ScheduleConfig struct {
	// Fixed, if above 0, is the interval, whatever a checkpoint costs. It is exceeded
	// only where records wait and a checkpoint takes more than half of it.
	Fixed time.Duration
	// Recovery is the goal, 0 for none.
	Recovery time.Duration
	// MTBF is the mean time between failures. Default a day.
	MTBF time.Duration
	// Least and Most bound the interval. Default 1 s and 10 min.
	Least, Most time.Duration
	// First is the interval until a checkpoint has been measured. Default 10 s.
	First time.Duration
}

// JobObservation is a job between two checkpoints.
type JobObservation struct {
	Now   time.Duration // monotonic, since any origin
	Began time.Duration // when the last checkpoint began, or the job
	// Cost is the work that the last checkpoint cost the busiest task: its
	// capture and encoding, and what records took longer until it was durable.
	// 0 before the first.
	Cost     time.Duration
	Duration time.Duration // of the last checkpoint, trigger to publication
	Restart  time.Duration // to restart and restore, as measured or predicted
	// Load is the part of its time that the busiest task is busy, in [0, 1].
	Load float64
	// Behind says that records wait at the source, or that it replays: there
	// is no live input to catch up with.
	Behind bool
	// Compacting says that the store is rewriting what it holds.
	Compacting bool
}

// IntervalBound is what an interval was bound by.
type IntervalBound uint8

// The bounds of an interval.
const (
	IntervalFirst    IntervalBound = iota // nothing has been measured
	IntervalOptimum                       // least work lost
	IntervalRecovery                      // the recovery goal
	IntervalLeast                         // the least allowed
	IntervalMost                          // the most allowed
	IntervalFixed                         // the interval asked for
	IntervalShare                         // half of the time, which is left to records
)

var intervalNames = [...]string{"first", "optimum", "recovery", "least", "most", "fixed", "share"}

// String is the bound in a word.
func (b IntervalBound) String() string {
	if int(b) >= len(intervalNames) {
		return fmt.Sprintf("bound %d", b)
	}
	return intervalNames[b]
}

// Proposal is when the next checkpoint should begin.
type Proposal struct {
	Interval time.Duration
	At       time.Duration // since the observation's origin
	Bound    IntervalBound
	Optimum  time.Duration // as by [YoungDaly]; 0 if unknown
	Cap      time.Duration // as by the recovery goal; 0 for none
	Conflict Conflict
}

// NewSchedule makes a schedule.
func NewSchedule(cfg ScheduleConfig) *Schedule {
	orElse(&cfg.MTBF, 24*time.Hour)
	orElse(&cfg.Least, time.Second)
	orElse(&cfg.Most, 10*time.Minute)
	orElse(&cfg.First, 10*time.Second)
	return &Schedule{cfg: cfg, interval: cfg.First}
}

// Step proposes when the next checkpoint begins. While the store compacts it is
// put off, by a fifth of the interval at most, unless the interval is fixed.
func (s *Schedule) Step(o JobObservation) Proposal {
	if s.cfg.Fixed > 0 {
		return s.relax(o)
	}
	p := s.propose(o)
	if old := s.interval; relative(p.Interval, old) <= hysteresis {
		p.Interval = old
	}
	s.interval = p.Interval
	p.At = o.Began + p.Interval
	if o.Compacting {
		p.At = max(p.At, min(o.Now+p.Interval/20, p.At+p.Interval/5))
	}
	return p
}

// relax keeps to the fixed interval unless the last checkpoint took more than half of
// it and records have waited within twice that time: then half of the time is theirs.
// With more state than an interval's records visit twice, each record would otherwise
// have its own entry encoded.
func (s *Schedule) relax(o JobObservation) Proposal {
	if o.Behind {
		s.waited = max(o.Now, 1)
	}
	p := Proposal{Interval: s.cfg.Fixed, Bound: IntervalFixed}
	if s.waited > 0 && o.Now-s.waited < 2*o.Duration {
		p.leaveHalf(o.Duration)
	}
	p.At = o.Began + p.Interval
	return p
}

// leaveHalf has checkpoints that take so long leave half of the time to records.
func (p *Proposal) leaveHalf(took time.Duration) {
	if p.Interval < 2*took {
		p.Interval, p.Bound = 2*took, IntervalShare
	}
}

func (s *Schedule) propose(o JobObservation) Proposal {
	p := Proposal{Interval: s.cfg.First, Bound: IntervalFirst}
	if o.Cost > 0 {
		p.Optimum = YoungDaly(o.Cost, s.cfg.MTBF)
		p.Interval, p.Bound = p.Optimum, IntervalOptimum
	}
	if p.Interval > s.cfg.Most {
		p.Interval, p.Bound = s.cfg.Most, IntervalMost
	}
	if s.cfg.Recovery > 0 {
		p.Cap = s.replayable(o)
		if p.Cap < p.Interval {
			p.Interval, p.Bound = p.Cap, IntervalRecovery
		}
	}
	if p.Interval < s.cfg.Least {
		p.Interval, p.Bound = s.cfg.Least, IntervalLeast
	}
	p.leaveHalf(o.Duration)
	if p.Cap > 0 && p.Interval > p.Cap {
		p.Conflict = RecoveryBelowCost
	}
	if s.cfg.Recovery > 0 && o.Restart >= s.cfg.Recovery {
		p.Conflict = RecoveryBelowRestore
	}
	return p
}

// replayable is the longest interval that the recovery goal allows: what is
// lost at worst, an interval and the checkpoint that was under way, arrived at
// the load and is done again at full speed, while as much as ever arrives if
// the input is live.
func (s *Schedule) replayable(o JobObservation) time.Duration {
	load := min(max(o.Load, 0.01), 0.95)
	again := load / (1 - load)
	if o.Behind {
		again = 1
	}
	left := (s.cfg.Recovery - o.Restart).Seconds()
	return max(1, fromSeconds(left/again)-o.Duration)
}

func relative(a, b time.Duration) float64 {
	return math.Abs(float64(a-b)) / float64(max(1, b))
}

func orElse[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// fromSeconds converts, without overflow.
func fromSeconds(s float64) time.Duration {
	const most = 1 << 30 // 34 years
	if !(s > 0) {
		return 0
	}
	return time.Duration(min(s, most) * float64(time.Second))
}
