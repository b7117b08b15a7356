package governor

import (
	"math/bits"
	"time"

	"github.com/flyball-stream/flyball/governor/estimate"
)

const (
	// written is the part of the interval within which a checkpoint is written:
	// until then a failure loses the interval before as well.
	written    = 0.2
	easy       = 0.7 // a load that causes hardly any queue
	leastShare = 0.05
	mostShare  = 0.5
	hurried    = 0.3 // of the periods with a sender out of credit: it has more
)

// pace is how a checkpoint of so many dirty bytes should be written. A task with time to spare
// encodes in that. A busy one takes as long whenever it encodes, so it does at
// once: a checkpoint is worth nothing before it is durable, and the sooner it is
// over the less changes meanwhile. It gives half of its time, or less where
// records would miss the latency goal by it; then it gives what is needed to be
// over in time.
func (g *Governor) pace(dirty int64, next estimate.Prediction) (p Pace) {
	if g.cfg.Goals.Latency <= 0 || g.interval <= 0 {
		return p
	}
	time := written * g.interval.Seconds()
	encode := next.Encode.Seconds()
	load := g.flow.busy + g.flow.blocked
	if (1-load)*time >= encode {
		p.Share = min(mostShare, max(1-load/easy, leastShare))
	} else {
		fits := 1 - g.queue.need()/g.stay()
		p.Share = min(mostShare, max(fits, encode/time, leastShare))
	}
	g.spread(float64(dirty), next, time, &p)
	return p
}

// spread slows the writing down if it would otherwise make a task that keeps up
// fall behind: then tasks take turns, and write no faster than leaves them the
// speed they need. A task that is busy all the time, or whose senders have more
// than it takes, gains nothing by it: what the writing disturbs is as much in
// all, only longer.
func (g *Governor) spread(bytes float64, next estimate.Prediction, time float64, p *Pace) {
	slow, busy := g.service.Slowdown(), g.flow.busy
	behind := busy >= saturated || g.flow.pressed > hurried
	if next.Samples == 0 || next.Persist <= 0 || behind || busy*slow <= saturated {
		return
	}
	p.Delay = Stagger(g.cfg.Task, min(next.Persist, fromSeconds(time)))
	bearable := (saturated/busy - 1) / (slow - 1) // of the present intensity
	p.BytesPerSecond = max(bearable*bytes/next.Persist.Seconds(), bytes/time)
	p.Within = fromSeconds(time)
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
