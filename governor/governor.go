package governor

import (
	"math"
	"time"

	"github.com/flyball-stream/flyball/governor/estimate"
)

// Config is what the governor of one task must know. Zero fields have defaults.
type Config struct {
	Goals Goals
	// Window is the widest window of a channel. Default [DefaultWindow].
	Window Window
	// Batch is the most records that a batch can have. Default 512.
	Batch int
	// Hops is the number of tasks, sources left out, on the longest path from
	// a source to a sink through this one: each has an equal part of the
	// latency goal. Default 1.
	Hops int
	// Task and Tasks are this task's number among those of the job, from 0:
	// tasks take turns at writing.
	Task, Tasks int
	// Channels of the whole job share the memory goal. Default 1.
	Channels int
	// Period is the control period. Default 100 ms.
	Period time.Duration
	// MTBF is the mean time between failures. Default a day.
	MTBF time.Duration
}

// Governor is the policy that grants a task what it can work off within its
// part of the latency goal, given its measured speed, what its downstream
// admits and what the checkpoint that is due will take. Without goals it
// grants the widest window.
type Governor struct {
	cfg      Config
	service  estimate.Service
	cost     estimate.Checkpoints
	dirty    estimate.Dirty
	flow     flow
	queue    queue
	learnt   uint64 // the latest checkpoint learnt from
	captured uint64 // and captured, of the period before
	rates    []float64
	windows  []Window      // as last granted
	encode   float64       // part of the time spent encoding, while it is
	part     float64       // of its speed that the task has for records now
	interval time.Duration // between checkpoints, as last observed
}

// New makes the governor of one task.
func New(cfg Config) *Governor {
	orElse(&cfg.Window, DefaultWindow)
	orElse(&cfg.Batch, 512)
	orElse(&cfg.Hops, 1)
	orElse(&cfg.Tasks, 1)
	orElse(&cfg.Channels, 1)
	orElse(&cfg.Period, 100*time.Millisecond)
	orElse(&cfg.MTBF, 24*time.Hour)
	return &Governor{cfg: cfg, queue: queue{seconds: firstQueue}}
}

// Step observes and decides.
func (g *Governor) Step(obs *Observation, d *Decision) {
	*d = Decision{Grants: d.Grants[:0]}
	g.flow.fit(obs)
	g.learn(obs)
	d.Next = g.predict(obs)
	g.interval = obs.Checkpoint.Interval
	dirty := max(obs.Checkpoint.Last.Dirty, obs.Checkpoint.Dirty)
	d.Pace, d.Turn = g.pace(dirty, d.Next), g.turn()
	d.Lost = g.lost(d.Next)
	d.Interval = YoungDaly(d.Lost, g.cfg.MTBF)
	rate := g.admit(obs, d)
	if len(obs.Channels) > 0 {
		g.grant(obs, rate, d)
	} else if !math.IsInf(rate, 1) {
		// Credit does the metering: the rate only takes the edge off a burst. It
		// is never so low that a source could not show that it can do more, and
		// higher as long as little is known: what begins is slow at first.
		edge := 2 + beginning/float64(max(1, g.service.Samples()))
		d.Rate = edge * max(rate, float64(g.cfg.Batch)/g.cfg.Period.Seconds())
	}
}

// learn takes in a period, unless it cannot have been one: after a jump of the
// clock or a long sleep of the machine nothing can be said about it.
func (g *Governor) learn(obs *Observation) {
	c := &obs.Checkpoint
	if c.LastID > g.learnt {
		g.learnt = c.LastID
		g.cost.Observe(c.Last)
	}
	if !g.plausible(obs) {
		return
	}
	g.dirty.Observe(c.Dirty, c.State, c.Captured != g.captured, obs.Period)
	g.captured = c.Captured
	g.service.Observe(estimate.Work{
		Records: obs.Records, Batches: obs.Batches, Busy: obs.Busy,
		Persisting: c.Persist.Seconds() / obs.Period.Seconds(),
	})
	g.flow.observe(obs)
	if g.flow.busy+g.flow.blocked > saturated {
		g.queue.learn(obs, g.stay())
	}
	g.encode += 0.5 * (min(0.9, c.Encode.Seconds()/obs.Period.Seconds()) - g.encode)
}

// beginning is how many periods it takes to know a task's speed, about.
const beginning = 20

// saturated is the part of its time that a task works or waits for credit, from
// which on it could not do much more.
const saturated = 0.85

// plausible reports whether the durations of a period fit each other.
func (g *Governor) plausible(obs *Observation) bool {
	p, c := obs.Period, obs.Checkpoint
	if p <= 0 || p > max(time.Minute, 100*g.cfg.Period) {
		return false
	}
	most := p + p/4 // what began in the period before is counted when it ends
	for _, part := range []time.Duration{obs.Busy, obs.Blocked, c.Capture, c.Encode, c.Persist} {
		if part < 0 || part > most+time.Second {
			return false
		}
	}
	return obs.Records >= 0 && obs.Batches >= 0 && obs.Bytes >= 0
}

// predict is what the checkpoint that comes next will take.
func (g *Governor) predict(obs *Observation) estimate.Prediction {
	c := obs.Checkpoint
	after := max(0, c.Due)
	if c.Pending {
		after = 0
	}
	return g.cost.Predict(g.dirty.At(after, c.State), c.State)
}

// Revise predicts and paces the checkpoint of what is dirty now.
func (g *Governor) Revise(dirty, state int64) (estimate.Prediction, Pace) {
	p := g.cost.Predict(dirty, state)
	return p, g.pace(dirty, p)
}

// lost is the work that the checkpoint costs: the task's own time, and what
// records take longer until all is durable.
func (g *Governor) lost(p estimate.Prediction) time.Duration {
	if p.Samples == 0 {
		return 0
	}
	return p.Own() + time.Duration(float64(p.Persist)*(g.service.Slowdown()-1))
}

// admit is the records a second that the task can take in, and says what binds.
func (g *Governor) admit(obs *Observation, d *Decision) float64 {
	rate := math.Inf(1)
	d.Reason = Reason{Rate: BoundLearning}
	if g.service.Known() {
		g.part = g.free(obs)
		rate = g.service.Rate(g.flow.batch(g.cfg.Batch)) * g.part
		d.Reason = Reason{Rate: BoundService, Limit: rate}
	}
	granted, why := g.flow.downstream(obs)
	if math.IsInf(granted, 1) && g.flow.blocked > hindered {
		granted = headroom * g.flow.drained // nobody said more than that
		why = Reason{Rate: BoundDownstream, Limit: granted}
	}
	if granted < rate {
		rate, d.Reason = granted, why
	}
	return rate
}

// free is the part of its speed that the task has for records at present: less
// than 1 while it encodes and while checkpoints are written.
func (g *Governor) free(obs *Observation) float64 {
	writing := 0.0
	if obs.Period > 0 {
		writing = min(1, max(0, obs.Checkpoint.Persist.Seconds()/obs.Period.Seconds()))
	}
	return (1 - g.encode) / (1 + (g.service.Slowdown()-1)*writing)
}

// due reports whether a barrier will reach the task while records that arrive
// now are still there.
func (g *Governor) due(obs *Observation) bool {
	c := obs.Checkpoint
	return c.Pending || c.Due >= 0 && c.Due <= fromSeconds(g.stay())+2*g.cfg.Period
}

// longestTurn is what a task works at a time if there is a latency goal. Go takes a
// processor away from who has it after ten milliseconds, so with a few tasks on
// each, records would wait for several times that in every queue.
const longestTurn = time.Millisecond

// turn is for how long the task should work at a time.
func (g *Governor) turn() time.Duration {
	return min(longestTurn, fromSeconds(g.stay()/4))
}

// stay is the time that a record may stay with the task, in seconds; 0 for as
// long as it takes.
func (g *Governor) stay() float64 {
	return planned(g.cfg.Hops) * g.cfg.Goals.Latency.Seconds() / float64(g.cfg.Hops)
}

// planned is the part of the latency goal that is planned with. The rest is for
// what no task sees of itself: the collector, and processors that others use.
// With one hop and goals of 2 to 8 ms on two shared cores, the 99th percentile
// was 1.4 to 2 times what had been planned; what delays hops apart from each
// other adds up as the square root of their number.
func planned(hops int) float64 {
	root := math.Sqrt(float64(hops))
	return root / (root + 1)
}
