package simulate

import (
	"math"
	"slices"
	"time"
)

// Result is what came of a simulation.
type Result struct {
	// Throughput is the records a second that the sources read, after warm-up.
	Throughput float64
	// Variation is the coefficient of variation of what left the flow in each
	// sample.
	Variation float64
	// Latency is from a record's arrival to its leaving, the wait before the
	// source included: free of coordinated omission. Inside is from when it was
	// read. Both count the oldest record of a batch for all of it.
	Latency, Inside Quantiles
	// Within is the part of the samples with a 99th percentile of Inside below
	// the goal.
	Within float64
	// InFlightPeak is the most bytes that were covered by credit.
	InFlightPeak int64
	Checkpoints  []CheckpointResult
	// PredictionError is the median of |predicted − actual|/actual of the own
	// time of tasks, from each task's sixth checkpoint on.
	PredictionError float64
	Series          []Sample
	Left            int64 // records that have not left; 0 unless the flow is stuck
	Read, Gone      int64 // records read by sources, and arrived at sinks
}

// CheckpointResult is one checkpoint.
type CheckpointResult struct {
	At       time.Duration // when it began
	Duration time.Duration // until it was durable
	Align    time.Duration // the longest of a task
}

// Duration is the median duration of the checkpoints after warm-up.
func (r Result) Duration() time.Duration {
	var d []time.Duration
	for _, c := range r.Checkpoints {
		d = append(d, c.Duration)
	}
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[len(d)/2]
}

// Sample is a point of the series.
type Sample struct {
	At         time.Duration
	Read, Gone float64       // records a second
	P50, P99   time.Duration // of Inside; 0 if nothing left
	InFlight   int64         // bytes
	Credits    int64         // batches granted, over all channels
	Checkpoint bool          // one was under way
}

// collector gathers what becomes the result.
type collector struct {
	peak            int64
	read, gone      int64 // in all
	measured        int64 // read after warm-up
	latency, inside histogram
	recent          histogram
	lastRead        int64
	lastGone        int64
	series          []Sample
	checkpoints     []CheckpointResult
	errors          []float64
}

func (s *simulation) measuring() bool {
	return s.now >= s.spec.Warmup && s.now <= s.spec.Duration
}

// admit counts records read.
func (c *collector) admit(s *simulation, n int64) {
	c.read += n
	if s.measuring() {
		c.measured += n
	}
}

// leave counts records that left.
func (c *collector) leave(s *simulation, i item) {
	c.gone += i.records
	if !s.measuring() {
		return
	}
	c.latency.add(s.now-i.born, i.records)
	c.inside.add(s.now-i.admitted, i.records)
	c.recent.add(s.now-i.admitted, i.records)
}

// predicted compares a prediction with what came.
func (c *collector) predicted(s *simulation, t *task) {
	own := (t.ckpt.cost.Capture + t.ckpt.cost.Encode).Seconds()
	if t.ckpt.expected.Samples >= 5 && own > 1e-6 {
		c.errors = append(c.errors, math.Abs(t.ckpt.expected.Own().Seconds()-own)/own)
	}
}

func (c *collector) complete(s *simulation) {
	if s.round.began < s.spec.Warmup || s.over {
		return
	}
	c.checkpoints = append(c.checkpoints, CheckpointResult{
		At: s.round.began, Duration: s.now - s.round.began, Align: s.round.align,
	})
}

// sample adds a point to the series.
func (s *simulation) sample() {
	c := &s.res
	seconds := s.spec.Sample.Seconds()
	credits := int64(0)
	s.memory = 2 * s.flight
	for _, t := range s.tasks {
		s.memory += t.bytes()
		for _, ch := range t.inputs {
			credits += int64(ch.window.Batches)
		}
	}
	c.series = append(c.series, Sample{
		At: s.now, Read: float64(c.read-c.lastRead) / seconds,
		Gone: float64(c.gone-c.lastGone) / seconds,
		P50:  c.recent.quantile(0.5), P99: c.recent.quantile(0.99),
		InFlight: s.flight, Credits: credits, Checkpoint: s.round.left > 0,
	})
	c.lastRead, c.lastGone = c.read, c.gone
	c.recent.reset()
	if s.now < s.spec.Duration {
		s.agenda.push(event{at: s.now + s.spec.Sample, kind: sampled})
	}
}

func (s *simulation) result() Result {
	c := &s.res
	slices.Sort(c.errors)
	r := Result{
		Throughput: float64(c.measured) / (s.spec.Duration - s.spec.Warmup).Seconds(),
		Latency:    c.latency.quantiles(), Inside: c.inside.quantiles(), InFlightPeak: c.peak,
		Checkpoints: c.checkpoints, Series: c.series, Left: s.left(), Read: c.read, Gone: c.gone,
	}
	if n := len(c.errors); n > 0 {
		r.PredictionError = c.errors[n/2]
	}
	r.Variation, r.Within = s.smoothness()
	return r
}

// smoothness looks at the samples after warm-up.
func (s *simulation) smoothness() (variation, within float64) {
	var sum, squares, good, n float64
	for _, p := range s.res.series {
		if p.At <= s.spec.Warmup || p.At > s.spec.Duration {
			continue
		}
		n++
		sum += p.Gone
		squares += p.Gone * p.Gone
		if p.P99 <= s.spec.Goal {
			good++
		}
	}
	if n == 0 || sum == 0 {
		return 0, 0
	}
	mean := sum / n
	return math.Sqrt(max(0, squares/n-mean*mean)) / mean, good / n
}

// left is the records that are somewhere in the flow.
func (s *simulation) left() (records int64) {
	for _, t := range s.tasks {
		records += t.now.records
		queues := append([]queue{t.inbox, t.sends}, t.held...)
		for _, q := range queues {
			for _, i := range q.items[q.head:] {
				records += i.records
			}
		}
		for _, lanes := range t.outputs {
			for _, ch := range lanes {
				records += ch.buffer.records
			}
		}
	}
	return records
}
