package governor

import (
	"math"
	"time"
)

// PID is Spark's law in a continuous engine, as a baseline. What a task does in
// an interval, of one or several control periods, stands for a batch: its
// records, and as processing delay the time the task worked, checkpoints
// included as they are in Spark. The scheduling delay is the time that what
// waits in the channels will take. The rate that comes of it, or what
// downstream admits if that is less, is what the task admits: to a source it is
// a rate, to channels it is a window of an interval's records, in proportion to
// what each brings: Spark has a rate for each stream.
type PID struct {
	pid      *PIDRate
	window   Window
	batch    int
	interval time.Duration
	rate     float64
	flow     flow

	elapsed, processing time.Duration // of the interval so far
	records             int64
}

// NewPID makes the policy of one task, for batches of an interval; 0 is the
// control period.
func NewPID(cfg Config, gains Gains, interval time.Duration) (*PID, error) {
	orElse(&cfg.Window, DefaultWindow)
	orElse(&cfg.Batch, 512)
	orElse(&cfg.Period, 100*time.Millisecond)
	orElse(&interval, cfg.Period)
	pid, err := NewPIDRate(gains, interval)
	if err != nil {
		return nil, err
	}
	return &PID{pid: pid, window: cfg.Window, batch: cfg.Batch, interval: interval}, nil
}

// Step observes and decides.
func (p *PID) Step(obs *Observation, d *Decision) {
	*d = Decision{Grants: d.Grants[:0], Reason: Reason{Rate: BoundLearning, Window: BoundNone}}
	p.flow.fit(obs)
	if obs.Period > 0 {
		p.flow.observe(obs)
		p.elapsed += obs.Period
		p.records += max(0, obs.Records)
		p.processing += obs.Busy + obs.Checkpoint.Capture + obs.Checkpoint.Encode
	}
	if p.elapsed >= p.interval-p.interval/20 {
		p.complete(obs)
	}
	rate := math.Inf(1)
	if p.rate > 0 {
		rate = p.rate
		d.Reason = Reason{Rate: BoundPID, Limit: rate, Window: BoundPID}
	}
	if granted, why := p.flow.downstream(obs); granted < rate {
		rate, why.Window = granted, BoundPID
		d.Reason = why
	}
	p.grant(obs, rate, d)
}

// complete feeds the estimator with the interval that has passed.
func (p *PID) complete(obs *Observation) {
	rate, ok := p.pid.Compute(obs.Now, p.records, p.processing, p.waiting(obs))
	if ok {
		p.rate = rate
	}
	p.elapsed, p.processing, p.records = 0, 0, 0
}

// waiting is how long the task will work on what is in its channels.
func (p *PID) waiting(obs *Observation) time.Duration {
	batches := 0
	for _, c := range obs.Channels {
		batches += max(0, c.InFlight.Batches)
	}
	if p.records <= 0 {
		return 0
	}
	records := float64(batches) * p.flow.batch(p.batch)
	return fromSeconds(p.processing.Seconds() * records / float64(p.records))
}

func (p *PID) grant(obs *Observation, rate float64, d *Decision) {
	if math.IsInf(rate, 1) {
		for range obs.Channels {
			d.Grants = append(d.Grants, Grant{Window: p.window})
		}
		return
	}
	if len(obs.Channels) == 0 {
		d.Rate = rate
	}
	sum := 0.0
	for _, c := range p.flow.channels {
		sum += c.records
	}
	for _, c := range p.flow.channels {
		g := Grant{Window: p.window}
		if c.records > 0 { // as Spark: a stream without records has no rate yet
			g.Rate = rate * c.records / sum
			if n := g.Rate * p.interval.Seconds() / p.flow.batch(p.batch); n < float64(g.Window.Batches) {
				g.Window.Batches = max(1, int(n))
			}
		}
		d.Grants = append(d.Grants, g)
	}
}
