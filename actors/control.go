package actors

import (
	"math"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/governor"
	"github.com/flyball-stream/flyball/governor/estimate"
)

// regulator is a task's side of its policy: it observes, asks, and has the
// answer carried out.
type regulator struct {
	task     *task
	policy   governor.Policy
	batches  int64 // processed or, by a source, emitted
	before   counts
	obs      governor.Observation
	decision governor.Decision
	// ahead is what the latest decision before its barrier expected of the
	// checkpoint under way or, after it, of that, and expected what was at the
	// barrier.
	ahead, expected estimate.Prediction
	last            estimate.Checkpoint // the latest durable one
	lastID          uint64
}

// counts is what the meters read when the last control period ended.
type counts struct {
	at                             int64
	records, batches, bytes        int64
	busy, blocked, capture, encode int64
	writing, copied, dry           int64
	channels                       []taken
	outputs                        []dealt
}

// dealt is what had left by one output.
type dealt struct {
	records int64
	lanes   []int64
}

// newRegulator asks for a policy once the task's channels are known.
func newRegulator(t *task, cfg Config, hops int) *regulator {
	r := &regulator{task: t, policy: cfg.Policy(governor.Config{
		Goals: cfg.Goals, Window: cfg.Window, Batch: operator.BatchSize, Hops: max(1, hops),
		Task: t.id, Tasks: t.env.tasks, Channels: t.env.channels, Period: cfg.ControlPeriod,
	})}
	r.before.channels = make([]taken, len(t.inputs))
	r.obs.Channels = make([]governor.Channel, len(t.inputs))
	r.before.outputs = make([]dealt, len(t.boxes))
	r.obs.Outputs = make([]governor.Output, len(t.boxes))
	for i, o := range t.boxes {
		r.before.outputs[i].lanes = make([]int64, len(o.channels))
		r.obs.Outputs[i].Lanes = make([]governor.Lane, len(o.channels))
	}
	return r
}

// control ends a control period: the task tells its policy what it saw and
// does what that says.
func (r *regulator) control() {
	now := r.task.env.clock.mono()
	r.observe(now)
	r.policy.Step(&r.obs, &r.decision)
	r.apply()
	r.publish()
}

// observe fills in the observation of the period that ends now.
func (r *regulator) observe(now int64) {
	t, m, was := r.task, r.task.meter, &r.before
	c := counts{
		at: now, records: m.recordsIn.Load(), batches: r.batches, bytes: m.bytesIn.Load(),
		busy: m.busy.Load(), blocked: m.blocked.Load(), capture: m.capture.Load(),
		encode: m.encode.Load(), writing: t.env.conditions.writing.read(now), copied: t.snap.copies(),
		dry: t.dried(now), channels: was.channels, outputs: was.outputs,
	}
	o := &r.obs
	o.Now, o.Period = time.Duration(now), time.Duration(now-was.at)
	o.Records, o.Batches, o.Bytes = c.records-was.records, c.batches-was.batches, c.bytes-was.bytes
	o.Blocked, o.Dry = time.Duration(c.blocked-was.blocked), time.Duration(c.dry-was.dry)
	o.Checkpoint = r.checkpoint(now)
	o.Checkpoint.Capture = time.Duration(c.capture - was.capture)
	o.Checkpoint.Encode = time.Duration(c.encode - was.encode + c.copied - was.copied)
	o.Checkpoint.Persist = time.Duration(c.writing - was.writing)
	o.Busy = r.busy(time.Duration(c.busy - was.busy))
	o.Memory = t.env.conditions.memory.Load()
	o.Processors = math.Float64frombits(t.env.conditions.processors.Load())
	r.inputs()
	r.outputs()
	*was = c
}

// busy is the time that records took. A task that has some but no processor is
// busy, too: more would not be done sooner. Of a source nobody knows whether it
// could have read, so with it only time in the task counts.
func (r *regulator) busy(inTask time.Duration) time.Duration {
	o := &r.obs
	if r.task.source == nil {
		inTask = o.Period - o.Dry
	}
	return max(0, inTask-o.Blocked-o.Checkpoint.Capture-o.Checkpoint.Encode)
}

// checkpoint is where the task stands with checkpoints.
func (r *regulator) checkpoint(now int64) governor.Checkpoint {
	s, env := &r.task.snap, r.task.env.conditions
	c := governor.Checkpoint{
		Due: -1, Interval: time.Duration(env.interval.Load()),
		Pending: env.injected.Load() > s.captured, Captured: s.captured,
		Writing: s.now != nil && !s.now.durable,
		LastID:  r.lastID, Last: r.last,
	}
	if next := env.next.Load(); next >= 0 {
		c.Due = time.Duration(max(0, next-now))
	}
	c.Dirty, c.State = s.load()
	return c
}

func (r *regulator) inputs() {
	for i, c := range r.task.inputs {
		batches, bytes := c.held()
		was, now := &r.before.channels[i], c.taken
		r.obs.Channels[i] = governor.Channel{
			Window: c.window,
			InFlight: governor.Window{
				Batches: c.window.Batches - int(batches), Bytes: c.window.Bytes - int(bytes),
			},
			Queued: len(r.task.held[i]), Blocked: r.task.aligner.Blocked(i), Starved: c.dry.Swap(false),
			Records: now.records - was.records, Batches: now.batches - was.batches,
			Bytes: now.bytes - was.bytes,
		}
		*was = now
	}
}

func (r *regulator) outputs() {
	for i, o := range r.task.boxes {
		was, out := &r.before.outputs[i], &r.obs.Outputs[i]
		out.Records, was.records = o.emitted-was.records, o.emitted
		for j, c := range o.channels {
			out.Lanes[j] = governor.Lane{
				Records: c.sent - was.lanes[j], Rate: math.Float64frombits(c.rate.Load()),
			}
			was.lanes[j] = c.sent
		}
	}
}

// apply carries the decision out.
func (r *regulator) apply() {
	t, d := r.task, &r.decision
	for i, g := range d.Grants {
		t.inputs[i].grant(g, d.Batch)
	}
	if t.source != nil {
		t.source.meter.pace(d.Rate)
	}
	t.snap.pace = d.Pace
	t.meter.lost.Store(int64(d.Lost))
}

// revise has the checkpoint that begins expected and written by what is known of
// it now, if the policy has more to say than it had.
func (r *regulator) revise(c *estimate.Checkpoint) {
	r.ahead, r.expected = r.decision.Next, r.decision.Next
	if p, ok := r.policy.(governor.Revisor); ok {
		r.expected, r.task.snap.pace = p.Revise(c.Dirty, c.State)
	}
}

// durable takes note of what a checkpoint has cost the task.
func (r *regulator) durable(id uint64, cost estimate.Checkpoint) { r.lastID, r.last = id, cost }

// publish lets observers see the decision.
func (r *regulator) publish() {
	t, o, d := r.task, &r.obs, &r.decision
	g := &Governed{
		Reason: d.Reason, Rate: d.Rate, Next: d.Next, LastID: r.lastID, Last: r.last,
		Forecast: r.ahead, Predicted: r.expected, Dirty: o.Checkpoint.Dirty, State: o.Checkpoint.State,
	}
	if period := o.Period.Seconds(); period > 0 {
		g.Busy, g.Blocked = o.Busy.Seconds()/period, o.Blocked.Seconds()/period
		g.Saving = (o.Checkpoint.Capture + o.Checkpoint.Encode).Seconds() / period
		g.Disturbed = o.Checkpoint.Persist.Seconds() / period
	}
	if o.Busy > 0 {
		g.Service = float64(o.Records) / o.Busy.Seconds()
	}
	for _, c := range t.inputs {
		g.Windows = append(g.Windows, c.window)
	}
	t.meter.governed.Store(g)
	if tell := t.env.events.Decision; tell != nil {
		tell(Decided{
			Flow: t.env.flow, Vertex: t.vertex.Name, Subtask: t.subtask, At: o.Now,
			Observation: o, Decision: d,
		})
	}
}
