package actors

import (
	"time"

	"github.com/flyball-stream/flyball/actors/checkpoint"
	"github.com/flyball-stream/flyball/governor"
)

// planner decides when checkpoints begin: for a job with a recovery goal or without an
// interval of its own by what they cost and what the goal allows, for one that
// relaxes by how long they take.
type planner struct {
	job      *job
	schedule *governor.Schedule // nil: the interval is as configured
	interval time.Duration      // as planned last
	period   time.Duration      // of control
	asked    time.Time
	opened   time.Duration // from the attempt's beginning until its first tick
	restored int64         // bytes of state then
	last     CheckpointInfo
	told     bool // that checkpoints come later than asked for, if any interval was
}

// newPlanner makes the planner of an attempt.
func newPlanner(j *job, cfg Config) planner {
	p := planner{job: j, interval: cfg.CheckpointInterval, period: cfg.ControlPeriod, told: cfg.Adaptive}
	switch {
	case cfg.Adaptive:
		p.schedule = governor.NewSchedule(governor.ScheduleConfig{
			Recovery: cfg.Goals.Recovery, First: max(cfg.CheckpointInterval, 0),
		})
	case cfg.Relax && cfg.CheckpointInterval > 0:
		p.schedule = governor.NewSchedule(governor.ScheduleConfig{Fixed: cfg.CheckpointInterval})
	}
	j.env.conditions.interval.Store(int64(max(0, p.interval)))
	return p
}

// completed takes note of a checkpoint. The next may be overdue, and begins unless the
// schedule puts it off first.
func (p *planner) completed(info CheckpointInfo) {
	p.last, p.asked = info, time.Time{}
	p.tick(info.At)
}

// tick asks the schedule once a control period.
func (p *planner) tick(now time.Time) {
	if p.opened == 0 {
		p.opened = now.Sub(p.job.attempt.began)
		p.restored = p.job.attempt.load().state
	}
	if p.schedule == nil || now.Sub(p.asked) < p.period {
		return
	}
	p.asked = now
	o := p.observe(now)
	proposal := p.schedule.Step(o)
	p.job.attempt.stats.schedule(proposal)
	if proposal.Bound == governor.IntervalShare && !p.told {
		p.told = true
		p.job.env.log.Info("checkpoints come later than asked for: records wait, and one takes more than "+
			"half of the interval", "took", o.Duration, "interval", proposal.Interval)
	}
	if interval := proposal.At - o.Began; interval != p.interval {
		p.interval = interval
		p.job.env.conditions.interval.Store(int64(interval))
		p.job.step(checkpoint.Plan{Interval: interval})
	}
}

const (
	// restartFixed is what a restart takes beside restoring state: backoff,
	// opening the store, and noticing.
	restartFixed = 200 * time.Millisecond
	// restoreSpeed is assumed until a restore has been measured, in bytes a
	// second.
	restoreSpeed = 200 << 20
)

func (p *planner) observe(now time.Time) governor.JobObservation {
	l := p.job.attempt.load()
	clock := p.job.env.clock
	began := p.job.attempt.began
	if at, ok := p.job.coord.Next(); ok {
		began = at.Add(-p.interval)
	}
	o := governor.JobObservation{
		Now: time.Duration(clock.monoAt(now)), Began: time.Duration(clock.monoAt(began)),
		Duration: p.last.Duration, Load: l.busy, Behind: l.behind,
		Compacting: p.job.env.conditions.compacts.Load(),
		Restart:    restartFixed + time.Duration(float64(l.state)/restoreSpeed*float64(time.Second)),
	}
	if p.restored > 0 {
		o.Restart = restartFixed + time.Duration(float64(p.opened)*float64(l.state)/float64(p.restored))
	}
	if p.last.ID != 0 {
		o.Cost = max(l.lost, time.Microsecond)
	}
	return o
}

// jobLoad is what a planner must know of an attempt's tasks together.
type jobLoad struct {
	busy   float64 // part of its time that the busiest task works
	behind bool    // a source has more than it may send
	lost   time.Duration
	dirty  int64 // bytes of state that changed since the last checkpoint
	state  int64 // bytes
}

func (a *attempt) load() (l jobLoad) {
	for _, t := range a.tasks {
		l.lost = max(l.lost, time.Duration(t.meter.lost.Load()))
		g := t.meter.governed.Load()
		if g == nil {
			continue
		}
		l.busy = max(l.busy, g.Busy+g.Saving)
		l.behind = l.behind || t.source != nil && g.Blocked > hindered
		l.state += g.State
		l.dirty += g.Dirty
	}
	return l
}

// hindered is the part of its time from which on a source that waits for credit
// has more to send.
const hindered = 0.05
