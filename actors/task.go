package actors

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/flyball-stream/flyball/actors/barrier"
	"github.com/flyball-stream/flyball/actors/progress"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// task is one subtask as an actor: its mailbox is its inbox, so at most one
// goroutine is in it at a time and nothing in here needs a lock.
type task struct {
	env     *environment
	id      int // among the attempt's tasks
	vertex  *plan.Vertex
	subtask int
	pid     *actor.PID
	log     *slog.Logger

	inputs  []*channel
	held    [][]*delivery // arrived on a blocked channel, by channel
	aligner *barrier.Aligner
	merger  *progress.Merger
	ended   int  // inputs that have ended
	idle    bool // all inputs are idle and downstream knows
	batches int  // inputs at whose end of the micro-batch the task is

	nodes  []*node          // the chain, head first
	alarms []operator.Alarm // of the chain, once it is open
	source *reading
	boxes  []*outbox
	snap   snapshots
	reg    *regulator

	meter    *meter
	turned   int64 // when it last let others have the processor, monotonic
	dryBegan int64 // when nothing was left to do, monotonic; 0 while there is something
	dry      int64 // nanoseconds of that so far
	stop     <-chan struct{}
	opened   bool // state and sinks
	dead     bool
}

func (t *task) head() *node { return t.nodes[0] }

// Receive handles one message. It is the task's only entry.
func (t *task) Receive(ctx actor.Context) {
	switch ctx.Message().(type) {
	case *actor.Started, *actor.Restarting, *actor.Stopping:
		return
	case *actor.Stopped:
		t.close()
		return
	}
	if t.dead {
		return
	}
	began := t.env.clock.mono()
	t.dry = t.dried(began)
	if err := t.handle(ctx.Message()); err != nil {
		t.fail(err)
	}
	t.meter.partial.Store(t.partial())
	t.meter.alarm.Store(int64(t.nextAlarm()))
	ended := t.env.clock.mono()
	t.meter.busy.Add(ended - began)
	if t.dryBegan = 0; !t.awaited() {
		t.dryBegan = ended
	}
	if t.meter.due.Load() && t.opened && !t.dead {
		t.meter.due.Store(false)
		t.reg.control()
	}
	if turn := t.reg.decision.Turn; turn > 0 && ended-t.turned > int64(turn) {
		t.turned = ended
		yield()
	}
}

func (t *task) handle(msg any) error {
	switch m := msg.(type) {
	case *delivery:
		return t.delivered(m)
	case *fetched:
		return t.source.fetched(m)
	case encode:
		return t.snap.more(m.checkpoint)
	case *persisted:
		return t.snap.persisted(m)
	case tick:
		t.meter.ticked.Store(false)
		return t.tick(m.now)
	case control:
		t.meter.controlled.Store(false)
	case inject:
		return t.source.inject(m)
	case published:
		return t.snap.published(m.checkpoint)
	case release:
		return t.source.release(m)
	case aborted:
		t.snap.aborted(m.checkpoint)
	case assign:
		return t.source.assign(m.splits)
	case start:
		return t.start()
	}
	return nil
}

// start opens the chain, last step first, so that every operator finds those
// it emits to ready.
func (t *task) start() error {
	for i := len(t.nodes) - 1; i >= 0; i-- {
		if err := t.env.open(t, t.nodes[i]); err != nil {
			return err
		}
	}
	t.opened = true
	for _, n := range t.nodes {
		if a, ok := n.op.(operator.Alarm); ok {
			t.alarms = append(t.alarms, a)
		}
	}
	t.reg.before.at = t.env.clock.mono()
	t.reg.control()
	return t.head().wake(t.env.clock.now())
}

// delivered takes what a channel brings, or holds it back while the channel
// waits for the barriers of others.
func (t *task) delivered(d *delivery) error {
	if t.aligner.Blocked(d.channel) {
		t.held[d.channel] = append(t.held[d.channel], d)
		return nil
	}
	return t.take(d.open())
}

func (t *task) take(d delivery) error {
	if d.batch != nil {
		return t.consume(d)
	}
	switch d.mark.kind {
	case watermarkMark:
		t.inputs[d.channel].marks.Add(-1)
		return t.advance(t.merger.Advance(d.channel, d.mark.at))
	case idleMark:
		t.inputs[d.channel].marks.Add(-1)
		if err := t.advance(t.merger.Advance(d.channel, d.mark.at)); err != nil {
			return err
		}
		return t.advance(t.merger.Idle(d.channel))
	case barrierMark:
		return t.barrier(d.channel, d.mark)
	case batchMark:
		if t.batches++; t.batches == len(t.inputs) {
			t.batches = 0
			return t.passed(d.mark.checkpoint)
		}
	case endMark:
		if t.ended++; t.ended == len(t.inputs) {
			return t.finish()
		}
	}
	return nil
}

// consume processes a batch and only then gives its credit back.
func (t *task) consume(d delivery) error {
	c, n := t.inputs[d.channel], int64(d.batch.Len())
	t.meter.recordsIn.Add(n)
	t.meter.bytesIn.Add(int64(d.bytes))
	began := t.snap.working()
	if err := t.head().process(c.port, d.batch); err != nil {
		return err
	}
	t.reg.batches++
	c.taken = taken{c.taken.records + n, c.taken.batches + 1, c.taken.bytes + int64(d.bytes)}
	c.give(d.bytes)
	return t.snap.worked(began)
}

// advance passes event time on when it has risen, and idleness when it has
// changed.
func (t *task) advance(low operator.Timestamp, risen bool) error {
	idle := t.merger.AllIdle()
	if risen {
		t.meter.watermark.Store(int64(low))
		if err := t.head().watermark(low); err != nil {
			return err
		}
	}
	if idle == t.idle {
		return nil
	}
	t.idle = idle
	m := mark{kind: watermarkMark, at: low}
	if idle {
		m.kind = idleMark
	}
	for _, o := range t.boxes {
		if err := o.announce(m); err != nil {
			return err
		}
	}
	return nil
}

// barrier aligns; once aligned, the task takes its snapshot and goes on with
// what it has held back.
func (t *task) barrier(in int, m mark) error {
	if t.aligner.Aligning() == 0 {
		t.snap.alignBegan = t.env.clock.mono()
	}
	aligned, err := t.aligner.Barrier(in, m.checkpoint)
	if err != nil || !aligned {
		return err
	}
	t.snap.aligned = t.env.clock.mono() - t.snap.alignBegan
	t.meter.alignment.Store(t.snap.aligned)
	if err := t.snap.capture(m.checkpoint, m.extent, nil); err != nil {
		return err
	}
	return t.unhold()
}

// unhold takes what was held back, until another barrier blocks its channel.
func (t *task) unhold() error {
	for in := range t.held {
		queue := t.held[in]
		t.held[in] = nil
		for i, d := range queue {
			if t.aligner.Blocked(in) {
				t.held[in] = append(t.held[in], queue[i:]...)
				break
			}
			if err := t.take(d.open()); err != nil {
				return err
			}
		}
	}
	return nil
}

// passed sends the end of a micro-batch on. Only one is under way at a time, so
// the ends that channels bring are of the same.
func (t *task) passed(batch uint64) error {
	for _, o := range t.boxes {
		if err := o.mark(mark{kind: batchMark, checkpoint: batch}); err != nil {
			return err
		}
	}
	t.env.tell(batchPassed{batch})
	return nil
}

// finish ends the task's stream. The task lives on: the final checkpoint has
// yet to pass through it.
func (t *task) finish() error {
	if err := t.head().finish(); err != nil {
		return err
	}
	for _, o := range t.boxes {
		if err := o.mark(mark{kind: endMark}); err != nil {
			return err
		}
	}
	t.env.tell(ended{t.id})
	return nil
}

// tick sends on what has waited long enough and wakes operators.
func (t *task) tick(now operator.Timestamp) error {
	if t.source != nil {
		if err := t.source.tick(now); err != nil {
			return err
		}
	}
	t.snap.tick(now)
	if err := t.head().wake(now); err != nil {
		return err
	}
	for _, o := range t.boxes {
		if err := o.flushAll(); err != nil {
			return err
		}
	}
	return nil
}

// nextAlarm is when an operator of the chain wants to be woken. Any message
// may have changed that.
func (t *task) nextAlarm() operator.Timestamp {
	next := t.snap.resume
	if t.source != nil {
		next = min(next, t.source.meter.resume, t.source.batch.patience)
	}
	for _, a := range t.alarms {
		next = min(next, a.Next())
	}
	return next
}

func (t *task) partial() bool {
	for _, o := range t.boxes {
		if o.partial {
			return true
		}
	}
	return false
}

// await waits until the channel has credit and takes it. The wait is used to
// write a capture that is under way.
func (t *task) await(c *channel, bytes int) error {
	c.dry.Store(true)
	began, encoded := t.env.clock.mono(), t.meter.encode.Load()
	defer func() {
		encoded = t.meter.encode.Load() - encoded
		t.meter.blocked.Add(t.env.clock.mono() - began - encoded)
	}()
	for !c.tryTake(bytes) {
		if t.snap.slice() || !c.park() {
			continue
		}
		select {
		case <-c.wake:
		case <-t.stop:
			return errStopped
		}
	}
	return nil
}

// deliver puts an item into the receiver's mailbox, which is unbounded;
// credit is what bounds it.
func (t *task) deliver(c *channel, d *delivery) { t.env.root.Send(c.to, d) }

// fail reports the error, once, and leaves the rest of the mailbox alone: the
// attempt is over.
func (t *task) fail(err error) {
	t.dead = true
	if errors.Is(err, errStopped) {
		return
	}
	e := &TaskError{
		Flow: t.env.flow, Step: t.head().step.Name, Subtask: t.subtask,
		Attempt: t.env.attempt, Kind: Internal, Err: err,
	}
	var at *stepError
	if errors.As(err, &at) {
		e.Step, e.Kind, e.Err = at.step, at.kind, at.err
	}
	t.env.tell(failed{e, !t.opened})
}

// close gives back what the task holds. It runs in the actor after its last
// message.
func (t *task) close() {
	t.snap.close()
	if t.source != nil {
		t.source.close()
	}
	for _, n := range t.nodes {
		if n.sink == nil {
			continue
		}
		if err := guarded(n.sink.Close); err != nil {
			t.log.Warn("close sink", "step", n.step.Name, "err", err)
		}
	}
}

func (t *task) String() string { return fmt.Sprintf("%s[%d]", t.vertex.Name, t.subtask) }
