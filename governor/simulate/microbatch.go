package simulate

import (
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
	// Input is the records a second that arrive; 0 for as many as are wanted.
	Input   float64
	Batches int
	Warmup  int // batches that are not counted
	Seed    uint64
}

// MicroResult is what came of a run of a [MicroBatch].
type MicroResult struct {
	Throughput float64 // records a second
	Ideal      float64 // what a server that is never idle would have reached
	// Delay is from the beginning of a batch's interval to its completion.
	Delay Quantiles
	// InFlightPeak is the most records that were formed and not processed.
	InFlightPeak int64
	// PredictionError is the median of |predicted − actual| / actual over
	// checkpoints.
	Sizes []int64 // of the counted batches, in order
}

type microBatch struct {
	governor.QueuedBatch
	index      int
	done       time.Duration
	checkpoint time.Duration
}

// Run processes the batches with a policy.
func (m MicroBatch) Run(p governor.BatchPolicy) MicroResult {
	r := rand.New(rand.NewPCG(m.Seed, 0x6d6963726f))
	cost := m.Checkpoint.sampler(r)
	var (
		res    MicroResult
		delays []time.Duration
		queue  []microBatch
		free   time.Duration
		total  int64
		lost   time.Duration
	)
	from, until := time.Duration(m.Warmup)*m.Interval, time.Duration(m.Batches)*m.Interval
	for i := range m.Batches {
		now := time.Duration(i) * m.Interval
		queue = m.complete(p, queue, now)
		b := microBatch{index: i}
		b.Checkpoint = m.Every > 0 && i%m.Every == m.Every-1
		b.Closes = now + m.Interval
		if b.Checkpoint {
			b.Dirty, b.State = cost.bytes(now)
		}
		b.Records = m.size(p, b, queue, now)
		start := max(b.Closes, free)
		if b.Checkpoint {
			b.checkpoint = cost.sample(b.Dirty, b.State)
		}
		b.done = start + m.work(r, i, b.Records) + b.checkpoint
		b.Started, free = start, b.done
		queue = append(queue, b)
		if b.done > from && b.done <= until {
			total += b.Records
		}
		if i < m.Warmup {
			continue
		}
		lost += b.checkpoint
		delays = append(delays, b.done-now)
		res.Sizes = append(res.Sizes, b.Records)
		res.InFlightPeak = max(res.InFlightPeak, inFlight(queue, b.Closes))
	}
	counted := until - from
	res.Throughput = float64(total) / counted.Seconds()
	share := 1 - m.Fixed.Seconds()/m.Interval.Seconds() - lost.Seconds()/counted.Seconds()
	res.Ideal = m.Rate * share
	res.Delay = quantiles(delays)
	return res
}

// complete tells the policy of the batches that are complete by now.
func (m MicroBatch) complete(
	p governor.BatchPolicy, queue []microBatch, now time.Duration,
) []microBatch {
	for len(queue) > 0 && queue[0].done <= now {
		b := queue[0]
		queue = queue[1:]
		p.Done(governor.CompletedBatch{
			Records: b.Records, Closed: b.Closes, Started: b.Started, Done: b.done,
			Checkpoint: b.checkpoint, Dirty: b.Dirty, State: b.State,
		})
	}
	return queue
}

func (m MicroBatch) size(
	p governor.BatchPolicy, b microBatch, queue []microBatch, now time.Duration,
) int64 {
	u := governor.Upcoming{
		Now: now, Closes: b.Closes, Interval: m.Interval,
		Checkpoint: b.Checkpoint, Dirty: b.Dirty, State: b.State,
	}
	for _, q := range queue {
		if q.Started > now {
			q.Started = -1
		}
		u.Queue = append(u.Queue, q.QueuedBatch)
	}
	n, _ := p.Size(u)
	if m.Input > 0 {
		n = min(n, int64(m.Input*m.Interval.Seconds()))
	}
	return max(0, n)
}

func (m MicroBatch) work(r *rand.Rand, i int, records int64) time.Duration {
	rate := m.Rate
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

func quantiles(d []time.Duration) Quantiles {
	if len(d) == 0 {
		return Quantiles{}
	}
	slices.Sort(d)
	at := func(q float64) time.Duration { return d[min(len(d)-1, int(q*float64(len(d))))] }
	return Quantiles{P50: at(0.5), P99: at(0.99), P999: at(0.999), Max: d[len(d)-1]}
}
