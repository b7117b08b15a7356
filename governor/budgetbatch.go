package governor

import (
	"math"
	"slices"
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
	pid      *PIDBatch        // until enough is known
	service  estimate.Service // at its usual speed
	lately   float64          // what batches take of that
	cost     estimate.Checkpoints

	last    CompletedBatch
	recent  [32]int64 // records of the latest batches
	done    int       // batches
	caution float64   // by which the last batch took longer than could be foreseen
	slack   float64   // mean errors that a batch may overrun
	load    float64   // part of the time in checkpoints
	waits   float64   // for checkpoints: of a batch, in intervals
	ramp    int       // batches to come that are known to be too small
}

const (
	// enough is how many batches must have been seen before the model is trusted.
	enough = 5
	// The slack is found by trial, like the queue of a task: it rises when the
	// server is idle for more than a part of the time, and falls when for less.
	// That part is the smaller the more time goes to checkpoints and the longer
	// batches wait for them anyway, while every idle moment is lost: a checkpoint of
	// some intervals makes as many batches wait, and so its square counts. It is
	// larger where batches cannot be foreseen, and much delay would buy little of it.
	leastSlack, mostSlack = 0.8, 6.0
	slackGain             = 0.02
	leastIdle, idleEnough = 0.001, 0.015
	doubtful              = 0.3 // of the mean error of a batch's time: the idleness
	heavy                 = 0.4 // of the time in checkpoints: the least idleness
	late                  = 10  // times less idleness where batches wait an interval on average
	// How fast a machine is changes within seconds, and sizes follow it. Learnt in
	// one, all batches take about the interval whatever their size, which looks
	// like a fixed cost. So the speed is followed quickly, and what of a batch is
	// fixed is learnt slowly, from what the speed does not explain.
	follow     = 0.2  // of what a batch's time was off: its logarithm
	lasting    = 0.93 // weight that older batches keep
	trusted    = 0.9  // of the speed that the last batch has shown
	mostGrowth = 2    // times the largest of the recent batches
)

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
		service: estimate.Service{Forget: lasting}, lately: 1, caution: 1, slack: leastSlack,
	}, nil
}

// Done learns from the batch, the checkpoint taken out of its time.
func (p *BudgetBatch) Done(b CompletedBatch) {
	p.pid.Done(b)
	busy := b.Done - b.Started - b.Checkpoint
	work := estimate.Work{Records: b.Records, Batches: 1, Busy: fromSeconds(busy.Seconds() / p.lately)}
	if n := float64(b.Records); n > 0 && p.service.Known() {
		ratio := busy.Seconds() / p.seconds(n)
		p.caution = p.unforeseen(ratio)
		p.lately *= math.Pow(min(4, max(0.25, ratio)), follow)
	}
	p.service.Observe(work)
	if b.Checkpoint > 0 {
		p.cost.Observe(estimate.Checkpoint{
			Dirty: b.Dirty, State: b.State, Capture: b.Checkpoint,
		})
	}
	p.try(b)
	p.recent[p.done%len(p.recent)] = b.Records
	p.done++
	p.last = b
}

// seconds is how long records take in one batch, at the present speed.
func (p *BudgetBatch) seconds(n float64) float64 { return p.lately * p.service.Seconds(n, n) }

// try takes in how long the server was idle before a batch.
func (p *BudgetBatch) try(b CompletedBatch) {
	if p.ramp > 0 { // no slack would have helped
		p.ramp--
		return
	}
	interval := p.interval.Seconds()
	stall := b.Checkpoint.Seconds() / interval
	p.load += 0.02 * (stall - p.load)
	p.waits += 0.02 * (stall*stall - p.waits)
	target := max(idleEnough, doubtful*p.service.Margin()) * (1 + 2*p.service.Batch()/interval)
	target = max(leastIdle, target*(1-p.load/heavy)/(1+late*p.waits))
	idle := max(0, (b.Started-p.last.Done).Seconds()) / interval
	p.slack *= math.Exp(slackGain * min(50, idle/target-1))
	p.slack = min(mostSlack, max(leastSlack, p.slack))
}

// unforeseen is by how much more than expected a batch took if that is no mere
// noise. It may be a whim or the first of many: the next batch allows for it.
// Where noise begins is far out: to follow each whim makes the next batch as
// wrong on the other side.
func (p *BudgetBatch) unforeseen(ratio float64) float64 {
	if noise := 8*p.service.Margin() + 0.05; math.Abs(ratio-1) < noise {
		return 1
	}
	return min(4, max(0.5, ratio))
}

// Size is the deadline budget.
func (p *BudgetBatch) Size(u Upcoming) (int64, Reason) {
	if p.service.Samples() < enough {
		n, why := p.pid.Size(u)
		why.Window = BoundLearning
		return n, why
	}
	free, doubt := p.drain(u)
	stall, margin := p.checkpoint(u.Checkpoint, u.Dirty, u.State)
	interval, closes := u.Interval.Seconds(), u.Closes.Seconds()
	overrun := min(interval, p.slack*math.Sqrt(doubt+margin*margin))
	why := Reason{Rate: BoundService, Window: BoundQueue, Stall: fromSeconds(stall)}
	if goal := p.latency.Seconds(); goal > 0 && overrun > goal-2*interval {
		overrun = goal - 2*interval
		why.Window = BoundLatency
	}
	start := max(closes, free)
	if stall > 0 || start > closes {
		why.Window = BoundCheckpoint
	}
	n := p.records((closes + interval + overrun - start - stall) / p.caution)
	why.Limit = p.service.Rate(n) / p.lately
	least := p.minRate * interval
	if n < least {
		n, why.Window = least, BoundFloor
		if p.latency > 0 && stall > (p.latency-u.Interval).Seconds() {
			why.Conflict = LatencyBelowStall
		}
	}
	return int64(n), why
}

// records is how many can be processed in a time. As long as a batch has a
// fixed cost, it can be scaled up with the time it took and have time to spare:
// whatever the model says, no fewer than that. Otherwise a model that takes
// records for too dear would see small batches alone and never learn better. A
// tenth is left to chance: the larger of two estimates is too large, mostly.
func (p *BudgetBatch) records(seconds float64) float64 {
	n := (seconds/p.lately - p.service.Batch()) / max(p.service.Record(), 1e-12)
	took := (p.last.Done - p.last.Started - p.last.Checkpoint).Seconds()
	if took > 0 && took < seconds {
		n = max(n, trusted*float64(p.last.Records)*seconds/took)
	}
	if most := mostGrowth * float64(slices.Max(p.recent[:])); n > most {
		n, p.ramp = most, 3
	}
	return n
}

// drain is when what is queued will have been processed, and the squared error
// of that, both in seconds.
func (p *BudgetBatch) drain(u Upcoming) (free, doubt float64) {
	free = u.Now.Seconds()
	for _, q := range u.Queue {
		n := float64(q.Records)
		stall, margin := p.checkpoint(q.Checkpoint, q.Dirty, q.State)
		work := p.caution * p.seconds(n)
		err := p.service.Margin() * work
		begin := max(free, q.Closes.Seconds())
		if q.Started >= 0 {
			begin = q.Started.Seconds()
		}
		// What should be over and is not takes about as long as the error was.
		free = max(begin+work+stall, u.Now.Seconds()+margin/2)
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
