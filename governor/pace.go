package governor

import (
	"math/bits"
	"time"

	"github.com/flyball-stream/flyball/governor/estimate"
)

const (
	// spread is the part of the interval over which checkpoints are written at
	// most: until then a failure loses the interval before as well.
	spread = 0.2
	// disturbing is the slowdown of records from which on tasks take turns.
	disturbing = 1.05
	leastShare = 0.05
)

// pace is how the next checkpoint should be written. What fits into the latency
// goal is written as fast as can be, since a checkpoint is worth nothing before
// it is durable; otherwise encoding takes what records leave, and what it
// needs to be over in time.
func (g *Governor) pace(obs *Observation, next estimate.Prediction) (p Pace) {
	if g.cfg.Goals.Latency <= 0 || obs.Checkpoint.Interval <= 0 || next.Samples == 0 {
		return p
	}
	time := spread * obs.Checkpoint.Interval.Seconds()
	if encode := next.Encode.Seconds(); encode > g.stay()/4 {
		p.Share = min(max(1-g.flow.busy, encode/time, leastShare), unpaced)
	}
	if g.service.Slowdown() > disturbing {
		turns := min(next.Persist.Seconds()*float64(g.cfg.Tasks-1), time/2)
		p.Delay = Stagger(g.cfg.Task, fromSeconds(turns))
		if next.Persist.Seconds() < time/2 {
			p.BytesPerSecond = float64(obs.Checkpoint.Last.Dirty) / (time / 2)
		}
	}
	return p
}

// Stagger is when a task, by number from 0, begins its turn within a time in
// which all have theirs. It is the van der Corput sequence: however many tasks
// there are, they are spread evenly, and neighbours are far apart.
func Stagger(task int, within time.Duration) time.Duration {
	if task < 0 || within <= 0 {
		return 0
	}
	part := float64(bits.Reverse64(uint64(task))) / (1 << 63) / 2
	return time.Duration(part * float64(within))
}
