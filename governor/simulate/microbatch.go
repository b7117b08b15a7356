package simulate

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/flyball-stream/flyball/governor"
)

// MicroBatch is an engine that forms a batch every interval and processes
// batches one after the other, with a checkpoint inside every K-th.
type MicroBatch struct {
	Interval   time.Duration
	Every      int           // K; 0 for no checkpoints
	Fixed      time.Duration // a: what a batch takes without records
	Rate       float64       // µ: records a second on top of that
	Checkpoint Cost
	// Noise is the deviation of a batch's time, as a part of it.
	Noise float64
	// Swing alternates the rate by this part, up and down every hundred batches.
	Swing float64
	// Wander is the deviation of the rate, as a part of it, as it changes within
	// seconds: what a shared machine has.
	Wander float64
	// Input is the records a second that arrive; 0 for as many as are wanted.
	Input   float64
	Goal    time.Duration // of a batch's delay; 0 for none
	Batches int
	Warmup  int // batches that are not counted
	Seed    uint64
}

// MicroResult is what came of a run of a [MicroBatch].
type MicroResult struct {
	Throughput float64 // records a second
	Ideal      float64 // what a server that is never idle would have reached
	// Delay is from the beginning of a batch's interval to its completion.
	Delay  Quantiles
	Within float64 // part of the batches within the goal
	// InFlightPeak is the most records that were formed and not processed.
	InFlightPeak int64
	Sizes        []int64 // of the counted batches, in order
}

// microBatch is a batch with what became of it.
type microBatch struct {
	governor.QueuedBatch
	done       time.Duration
	checkpoint time.Duration
}

// microRun is a run under way.
type microRun struct {
	MicroBatch
	policy governor.BatchPolicy
	rand   *rand.Rand
	cost   sampler
	queue  []microBatch  // formed, and not known to the policy as complete
	free   time.Duration // when the server is
	off    float64       // by which the rate has wandered
	total  int64         // records processed in the time that counts
	lost   time.Duration // to checkpoints, in that time
	delays []time.Duration
	res    MicroResult
}

// Run processes the batches with a policy.
func (m MicroBatch) Run(p governor.BatchPolicy) MicroResult {
	r := rand.New(rand.NewPCG(m.Seed, 0x6d6963726f))
	run := microRun{MicroBatch: m, policy: p, rand: r, cost: m.Checkpoint.sampler(r)}
	for i := range m.Batches {
		now := time.Duration(i) * m.Interval
		run.complete(now)
		run.count(i, run.process(i, run.form(i, now)))
	}
	counted := (time.Duration(m.Batches-m.Warmup) * m.Interval).Seconds()
	share := 1 - m.Fixed.Seconds()/m.Interval.Seconds() - run.lost.Seconds()/counted
	run.res.Throughput, run.res.Ideal = float64(run.total)/counted, m.Rate*share
	run.res.Within = within(run.delays, m.Goal)
	run.res.Delay = quantiles(run.delays)
	return run.res
}

// complete tells the policy of the batches that are complete by now.
func (m *microRun) complete(now time.Duration) {
	for len(m.queue) > 0 && m.queue[0].done <= now {
		b := m.queue[0]
		m.queue = m.queue[1:]
		m.policy.Done(governor.CompletedBatch{
			Records: b.Records, Closed: b.Closes, Started: b.Started, Done: b.done,
			Checkpoint: b.checkpoint, Dirty: b.Dirty, State: b.State,
		})
	}
}

// form asks the policy how large a batch may be.
func (m *microRun) form(i int, now time.Duration) microBatch {
	var b microBatch
	b.Closes = now + m.Interval
	if b.Checkpoint = m.Every > 0 && i%m.Every == m.Every-1; b.Checkpoint {
		b.Dirty, b.State = m.cost.bytes(now)
	}
	u := governor.Upcoming{
		Now: now, Closes: b.Closes, Interval: m.Interval,
		Checkpoint: b.Checkpoint, Dirty: b.Dirty, State: b.State,
	}
	for _, q := range m.queue {
		if q.Started > now {
			q.Started = -1
		}
		u.Queue = append(u.Queue, q.QueuedBatch)
	}
	b.Records, _ = m.policy.Size(u)
	if m.Input > 0 {
		b.Records = min(b.Records, int64(m.Input*m.Interval.Seconds()))
	}
	b.Records = max(0, b.Records)
	return b
}

// process puts a batch behind those before it.
func (m *microRun) process(i int, b microBatch) microBatch {
	if b.Checkpoint {
		b.checkpoint = m.cost.sample(b.Dirty)
	}
	b.Started = max(b.Closes, m.free)
	m.wander()
	b.done = b.Started + m.work(m.rand, i, b.Records) + b.checkpoint
	m.free = b.done
	m.queue = append(m.queue, b)
	return b
}

// count takes a batch into the result, if it is part of the time that counts.
func (m *microRun) count(i int, b microBatch) {
	from, until := time.Duration(m.Warmup)*m.Interval, time.Duration(m.Batches)*m.Interval
	if b.done > from && b.done <= until {
		m.total += b.Records
	}
	if i < m.Warmup {
		return
	}
	m.lost += b.checkpoint
	m.delays = append(m.delays, b.done-b.Closes+m.Interval)
	m.res.Sizes = append(m.res.Sizes, b.Records)
	m.res.InFlightPeak = max(m.res.InFlightPeak, inFlight(m.queue, b.Closes))
}

// wander moves the rate for an interval, as a process of Ornstein and Uhlenbeck.
func (m *microRun) wander() {
	if m.Wander > 0 {
		keep := math.Exp(-m.Interval.Seconds() / wanderSeconds)
		m.off = keep*m.off + math.Sqrt(1-keep*keep)*m.Wander*m.rand.NormFloat64()
	}
}

// wanderSeconds is how long a rate remembers where it was.
const wanderSeconds = 3

func (m *microRun) work(r *rand.Rand, i int, records int64) time.Duration {
	rate := m.Rate * max(0.2, 1+m.off)
	if m.Swing > 0 {
		if i/100%2 == 0 {
			rate *= 1 - m.Swing
		} else {
			rate *= 1 + m.Swing
		}
	}
	s := m.Fixed.Seconds() + float64(records)/rate
	if m.Noise > 0 {
		s *= max(0.2, 1+m.Noise*r.NormFloat64())
	}
	return time.Duration(s * float64(time.Second))
}

func inFlight(queue []microBatch, at time.Duration) (records int64) {
	for _, q := range queue {
		if q.done > at {
			records += q.Records
		}
	}
	return records
}

// within is the part of the delays that are no longer than the goal.
func within(delays []time.Duration, goal time.Duration) float64 {
	n := 0
	for _, d := range delays {
		if goal <= 0 || d <= goal {
			n++
		}
	}
	return float64(n) / float64(max(1, len(delays)))
}

func quantiles(d []time.Duration) Quantiles {
	if len(d) == 0 {
		return Quantiles{}
	}
	slices.Sort(d)
	at := func(q float64) time.Duration { return d[min(len(d)-1, int(q*float64(len(d))))] }
	return Quantiles{P50: at(0.5), P99: at(0.99), P999: at(0.999), Max: d[len(d)-1]}
}
