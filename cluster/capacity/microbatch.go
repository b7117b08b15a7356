package capacity

import (
	"errors"
	"fmt"
	"time"

	"github.com/flyball-stream/flyball/governor"
	"github.com/flyball-stream/flyball/governor/simulate"
)

// MicroBatch has a flow work in batches: one is formed every interval, they are
// processed one after the other, and every so many carry a checkpoint inside.
type MicroBatch struct {
	Interval Duration `json:"interval"`
	Every    int      `json:"every"` // 0 for no checkpoints
	Fixed    Duration `json:"fixed"` // what a batch takes without records
}

// server is what a flow in micro-batches amounts to: a batch goes through all
// stages at once, so the busiest subtask sets the speed, and a checkpoint is over
// when the slowest has encoded and the disk has all.
type server struct {
	rate  float64 // records that leave the sources, a second
	input float64 // that arrive; 0 for as many as are taken
	save  func(rate float64, after time.Duration) time.Duration
}

func (p *Plan) checkBatches() error {
	m := p.MicroBatch
	switch {
	case m.Interval <= 0:
		return errors.New("microBatch: want an interval, such as \"1s\"")
	case m.Every < 0:
		return fmt.Errorf("microBatch: every %d: want a number of batches, 0 for no checkpoints", m.Every)
	case m.Fixed >= m.Interval:
		return fmt.Errorf("microBatch: a batch takes %v without records; want less than its interval of %v",
			time.Duration(m.Fixed), time.Duration(m.Interval))
	case p.Checkpoints.Interval > 0:
		return errors.New("checkpoints: an interval has no meaning beside microBatch; " +
			"there it is the interval of batches times \"every\"")
	}
	for _, s := range p.Stages {
		if l := s.Load; l != nil && (l.Burst > 0 || l.Swing > 0) {
			return fmt.Errorf("stage %q: burst and swing are not simulated of micro-batches", s.Name)
		}
		if len(s.Pauses) > 0 {
			return fmt.Errorf("stage %q: pauses are not simulated of micro-batches", s.Name)
		}
	}
	return nil
}

// server follows one record that leaves the sources through the stages.
func (p *Plan) server() server {
	shares, input := p.shares()
	busiest := 0.0
	out := map[string]float64{}
	rates := make([]float64, len(p.Stages)) // records for one that leaves the sources
	for i, s := range p.Stages {
		rate := shares[s.Name]
		for _, in := range s.Inputs {
			rate += out[in]
		}
		rates[i], out[s.Name] = rate, rate*s.selectivity()
		busiest = max(busiest, rate*s.work()*hottest(s.Hot, s.Parallelism))
	}
	v := server{input: input, save: func(rate float64, after time.Duration) time.Duration {
		return p.save(rates, rate*after.Seconds())
	}}
	if busiest > 0 {
		v.rate = 1 / busiest
	}
	return v
}

// shares is the part of all records that each source has, and how many arrive a
// second, 0 if any source is unbounded.
func (p *Plan) shares() (shares map[string]float64, input float64) {
	shares = map[string]float64{}
	sources, bounded := 0, true
	for _, s := range p.Stages {
		if s.Load != nil {
			sources++
			input += s.Load.Rate
			bounded = bounded && s.Load.Rate > 0
		}
	}
	for _, s := range p.Stages {
		switch {
		case s.Load != nil && bounded:
			shares[s.Name] = s.Load.Rate / input
		case s.Load != nil:
			shares[s.Name] = 1 / float64(sources)
		}
	}
	if !bounded {
		input = 0
	}
	return shares, input
}

// save is what a checkpoint takes after so many records have left the sources
// since the one before.
func (p *Plan) save(rates []float64, records float64) time.Duration {
	c := p.Checkpoints
	slowest, written := 0.0, 0.0
	for i, s := range p.Stages {
		n := rates[i] * records
		dirty := n*float64(s.State.Growth) + min(n*float64(s.State.Touched), float64(s.State.Working))
		if c.Full {
			dirty = float64(s.State.Size)
		}
		written += dirty
		if c.Encode > 0 {
			slowest = max(slowest, dirty*hottest(s.Hot, s.Parallelism)/float64(c.Encode))
		}
	}
	seconds := slowest
	if c.Disk > 0 {
		seconds += written / float64(c.Disk)
	}
	return time.Duration(c.Capture) + time.Duration(c.Sync) + time.Duration(seconds*float64(time.Second))
}

// work is what a record takes of a subtask, in seconds.
func (s *Stage) work() float64 {
	return time.Duration(s.Record).Seconds() + time.Duration(s.Batch).Seconds()/512
}

func (s *Stage) selectivity() float64 {
	if s.Selectivity == nil {
		return 1
	}
	return *s.Selectivity
}

// mostBatches bounds how long a simulation takes.
const mostBatches = 1 << 22

// batched simulates the plan in micro-batches under a policy.
func (p *Plan) batched(policy string, duration time.Duration) (Outcome, error) {
	v, b := p.server(), p.MicroBatch
	interval := time.Duration(b.Interval)
	n := int64(duration / interval)
	if v.rate == 0 || n < 4 || n > mostBatches {
		return Outcome{}, fmt.Errorf("simulate micro-batches: %d of %v by stages that take up to %v records "+
			"a second; want some work, and 4 to %d batches", n, interval, v.rate, mostBatches)
	}
	rate := v.rate * (1 - time.Duration(b.Fixed).Seconds()/interval.Seconds())
	if v.input > 0 {
		rate = min(rate, v.input)
	}
	m := simulate.MicroBatch{
		Interval: interval, Every: b.Every, Fixed: time.Duration(b.Fixed), Rate: v.rate, Noise: 0.05,
		Input: v.input, Batches: int(n), Warmup: int(n / 4), Seed: p.Seed,
		Goal: time.Duration(p.Goals.Latency),
	}
	o := Outcome{Policy: policy}
	if b.Every > 0 {
		o.Checkpoint = v.save(rate, interval*time.Duration(b.Every))
		m.Checkpoint = simulate.Cost{Mean: o.Checkpoint, Deviation: 0.1}
	}
	law, err := p.batchPolicy(policy, interval, rate)
	if err != nil {
		return o, err
	}
	r := m.Run(law)
	o.Throughput, o.Within = r.Throughput, r.Within
	o.InsideP50, o.InsideP99 = r.Delay.P50, r.Delay.P99
	o.InFlight = r.InFlightPeak * recordBytes
	return o, nil
}

// recordBytes is what a record is taken to have, as in continuous simulations.
const recordBytes = 100

// batchPolicy makes a policy. All begin with what the flow would do if there were
// no checkpoints, and none keeps to that.
func (p *Plan) batchPolicy(
	name string, interval time.Duration, rate float64,
) (governor.BatchPolicy, error) {
	switch name {
	case "pid":
		return governor.NewPIDBatch(governor.SparkGains, interval, rate)
	case "governor":
		return governor.NewBudgetBatch(governor.Goals{Latency: time.Duration(p.Goals.Latency)}, interval, rate)
	}
	return governor.FixedBatch(rate * interval.Seconds()), nil
}
