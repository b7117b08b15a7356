package governor

import (
	"math"
	"time"

	"github.com/flyball-stream/flyball/governor/estimate"
)

// BudgetBatch sizes batches by deadline: as many records as can leave in time,
// given what is queued, what the checkpoint is predicted to take and how far
// both predictions tend to be off. A batch is to be complete an interval after
// it was formed, when the next may start; what it may overrun is what it takes
// to keep the server busy if the predictions were too high.
type BudgetBatch struct {
	interval time.Duration
	latency  time.Duration
	minRate  float64
	pid      *PIDBatch // until enough is known
	last     float64   // records of the latest batch
	service  estimate.Service
	cost     estimate.Checkpoints
}

// enough is how many batches must have been seen before the model is trusted.
const enough = 5

// confidence is how many mean errors a prediction may be too high without the
// server falling idle.
const confidence = 1.0

// NewBudgetBatch makes the policy. Until five batches are complete it does what
// Spark would, beginning with the initial rate in records a second. The latency
// goal, if there is one, bounds the time from the beginning of a batch's
// interval to its completion.
func NewBudgetBatch(g Goals, interval time.Duration, initial float64) (*BudgetBatch, error) {
	pid, err := NewPIDBatch(SparkGains, interval, initial)
	if err != nil {
		return nil, err
	}
	return &BudgetBatch{
		interval: interval, latency: g.Latency, minRate: SparkGains.MinRate, pid: pid,
	}, nil
}

// Done learns from the batch, the checkpoint taken out of its time.
func (p *BudgetBatch) Done(b CompletedBatch) {
	p.pid.Done(b)
	p.last = float64(b.Records)
	p.service.Observe(estimate.Work{
		Records: b.Records, Batches: 1, Busy: b.Done - b.Started - b.Checkpoint,
	})
	if b.Checkpoint > 0 {
		p.cost.Observe(estimate.Checkpoint{
			Dirty: b.Dirty, State: b.State, Capture: b.Checkpoint,
		})
	}
}

// Size is the deadline budget.
func (p *BudgetBatch) Size(u Upcoming) (int64, Reason) {
	if p.service.Samples() < enough {
		n, why := p.pid.Size(u)
		why.Bound = BoundLearning
		return n, why
	}
	free, doubt := p.drain(u)
	stall, margin := p.checkpoint(u.Checkpoint, u.Dirty, u.State)
	spread := 1.25 * confidence * math.Sqrt(doubt+margin*margin) // of a normal: σ = 1.25 mean errors
	interval := u.Interval.Seconds()
	overrun := min(spread, interval)
	why := Reason{Bound: BoundService, Limit: 1 / p.service.Record(), Stall: estimateSeconds(stall)}
	if p.latency > 0 && p.latency.Seconds() < 2*interval+overrun {
		overrun = p.latency.Seconds() - 2*interval
	}
	start := max(u.Closes.Seconds(), free)
	allow := u.Closes.Seconds() + interval + overrun - start - p.service.Batch() - stall
	if start > u.Closes.Seconds() || stall > 0 {
		why.Bound = BoundCheckpoint
	}
	n := allow / p.service.Record()
	return int64(max(n, p.minRate*interval)), why
}

// drain is when what is queued will have been processed, and the squared error
// of that, both in seconds.
func (p *BudgetBatch) drain(u Upcoming) (free, doubt float64) {
	free = u.Now.Seconds()
	for _, q := range u.Queue {
		n := float64(q.Records)
		stall, margin := p.checkpoint(q.Checkpoint, q.Dirty, q.State)
		work := p.service.Seconds(n, n) + stall
		err := p.service.Margin() * p.service.Seconds(n, n)
		begin := max(free, q.Closes.Seconds())
		if q.Started >= 0 {
			begin = q.Started.Seconds()
		}
		// What should be over and is not takes about as long as the error was.
		free = max(begin+work, u.Now.Seconds()+margin/2)
		doubt += err*err + margin*margin
	}
	return free, doubt
}

// checkpoint is the predicted stall and its mean error, in seconds.
func (p *BudgetBatch) checkpoint(taken bool, dirty, state int64) (stall, margin float64) {
	if !taken {
		return 0, 0
	}
	c := p.cost.Predict(dirty, state)
	return c.Own().Seconds(), c.Margin.Seconds()
}

func estimateSeconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
