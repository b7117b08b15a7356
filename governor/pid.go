package governor

import (
	"math"
	"time"
)

// PID is Spark's law in a continuous engine, as a baseline. A control period
// stands for a batch: its records, and as processing delay the time the task
// worked, checkpoints included as they are in Spark. The scheduling delay is
// the time that what waits in the channels will take. The rate that comes of it,
// or what downstream admits if that is less, is what the task admits: to a
// source it is a rate, to channels it is a window of one period's records,
// divided equally.
type PID struct {
	pid    *PIDRate
	window Window
	batch  int
	period time.Duration
	rate   float64
	flow   flow
}

// NewPID makes the policy of one task.
func NewPID(cfg Config, gains Gains) (*PID, error) {
	orElse(&cfg.Window, DefaultWindow)
	orElse(&cfg.Batch, 512)
	orElse(&cfg.Period, 100*time.Millisecond)
	pid, err := NewPIDRate(gains, cfg.Period)
	if err != nil {
		return nil, err
	}
	return &PID{pid: pid, window: cfg.Window, batch: cfg.Batch, period: cfg.Period}, nil
}

// Step observes and decides.
func (p *PID) Step(obs *Observation, d *Decision) {
	*d = Decision{Grants: d.Grants[:0], Reason: Reason{Bound: BoundLearning}}
	p.flow.fit(obs)
	if obs.Period > 0 {
		p.flow.observe(obs)
	}
	processing := obs.Busy + obs.Checkpoint.Capture + obs.Checkpoint.Encode
	if rate, ok := p.pid.Compute(obs.Now, obs.Records, processing, p.waiting(obs, processing)); ok {
		p.rate = rate
	}
	rate := math.Inf(1)
	if p.rate > 0 {
		rate = p.rate
		d.Reason = Reason{Bound: BoundPID, Limit: rate}
	}
	if granted, output, lane := p.flow.downstream(obs); granted < rate {
		rate = granted
		d.Reason = Reason{Bound: BoundDownstream, Limit: rate, Output: output, Lane: lane}
	}
	p.grant(obs, rate, d)
}

// waiting is how long the task will work on what is in its channels.
func (p *PID) waiting(obs *Observation, processing time.Duration) time.Duration {
	batches := 0
	for _, c := range obs.Channels {
		batches += max(0, c.InFlight.Batches)
	}
	if obs.Records <= 0 {
		return 0
	}
	records := float64(batches) * p.flow.batch(p.batch)
	return fromSeconds(processing.Seconds() * records / float64(obs.Records))
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
	each := rate / float64(len(obs.Channels))
	for range obs.Channels {
		w := p.window
		if n := each * p.period.Seconds() / p.flow.batch(p.batch); n < float64(w.Batches) {
			w.Batches = max(1, int(n))
		}
		d.Grants = append(d.Grants, Grant{Window: w, Rate: each})
	}
}
