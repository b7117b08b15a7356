package actors

import (
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/flyball-stream/flyball/actors/checkpoint"
	"github.com/flyball-stream/flyball/actors/microbatch"
	"github.com/flyball-stream/flyball/actors/snapshot"
)

// Messages to the job from outside its tasks.
type (
	jobTick   struct{ now time.Time }
	stopJob   struct{} // take a final checkpoint and end
	savepoint struct {
		label string
		reply chan<- savepointReply
	}
	savepointReply struct {
		id  uint64
		err error
	}
	publishedJob struct {
		checkpoint uint64
		bytes      int64
		err        error
	}
	found struct {
		step   string
		splits []assigned
	}
)

// outcome is how an attempt ended.
type outcome struct {
	err    error // nil when the job is done
	kind   Kind
	closed bool // the final checkpoint has committed
	began  bool // it failed at something else than opening state and sinks
}

// job is the actor that leads one attempt: it hears from the tasks, asks the
// coordinator what follows, and carries that out.
type job struct {
	env     *environment
	attempt *attempt
	coord   *checkpoint.Coordinator
	plan    planner
	batches batching
	cmds    []checkpoint.Command
	parts   []taskSnapshot // of the checkpoint under way, by task
	inject  checkpoint.Inject
	began   time.Time
	ended   int
	result  chan<- outcome
	over    bool
	waiting map[uint64]chan<- savepointReply
	asked   []chan<- savepointReply // savepoints not yet begun, in order
}

// Receive handles one message.
func (j *job) Receive(ctx actor.Context) {
	if j.over {
		return
	}
	switch m := ctx.Message().(type) {
	case jobTick:
		j.plan.tick(m.now)
		j.batches.tick()
		j.step(checkpoint.Tick{Now: m.now})
	case ended:
		if j.ended++; j.ended == len(j.attempt.tasks) {
			j.step(checkpoint.Ended{})
		}
	case acked:
		j.acked(m)
	case declined:
		j.step(checkpoint.Declined{Task: m.task, Checkpoint: m.checkpoint, Err: m.err})
	case publishedJob:
		j.published(m)
	case committed:
		j.step(checkpoint.Committed{Task: m.task, Checkpoint: m.checkpoint})
	case failed:
		j.end(outcome{err: m.err, kind: m.err.Kind, began: !m.opening})
	case batchRead:
		j.batches.step(microbatch.Read{Batch: m.batch, Records: m.records})
	case batchPassed:
		j.batches.step(microbatch.Passed{Batch: m.batch})
	case found:
		j.attempt.assign(m.step, m.splits)
	case stopJob:
		j.step(checkpoint.Stop{})
	case savepoint:
		j.asked = append(j.asked, m.reply)
		j.step(checkpoint.Trigger{Label: m.label})
	}
}

// step asks the coordinator and carries out what it says.
func (j *job) step(ev checkpoint.Event) {
	j.cmds = j.coord.Step(ev, j.cmds[:0])
	for _, cmd := range j.cmds {
		j.carryOut(cmd)
	}
	if id := j.coord.InProgress(); id == 0 && j.inject.Checkpoint != 0 {
		j.inject.Checkpoint = 0
		j.batches.step(microbatch.Checkpointed{})
	}
	j.attempt.stats.inProgress(j.coord.InProgress())
	next, ok := j.coord.Next()
	if !ok {
		j.env.conditions.next.Store(-1)
		return
	}
	j.env.conditions.next.Store(j.env.clock.monoAt(next))
}

func (j *job) carryOut(cmd checkpoint.Command) {
	switch c := cmd.(type) {
	case checkpoint.Inject:
		j.begin(c)
	case checkpoint.Publish:
		m := j.manifest(c.Checkpoint)
		j.env.beside(func() { j.publish(m) })
	case checkpoint.Commit:
		j.tellAll(published{c.Checkpoint})
	case checkpoint.Abort:
		j.env.log.Warn("checkpoint failed", "checkpoint", c.Checkpoint, "err", c.Err)
		j.attempt.stats.failed(c.Checkpoint, c.Err)
		j.answer(c.Checkpoint, c.Err)
		j.tellAll(aborted{c.Checkpoint})
	case checkpoint.Finish:
		j.end(outcome{closed: true})
	case checkpoint.Fail:
		j.end(outcome{err: c.Err, kind: State, began: true})
	}
}

// begin sends a barrier into all sources.
func (j *job) begin(c checkpoint.Inject) {
	j.env.fault(faultInject)
	j.inject, j.began = c, j.env.clock.wall()
	j.env.conditions.injected.Store(c.Checkpoint)
	j.parts = make([]taskSnapshot, len(j.attempt.tasks))
	if c.Savepoint && len(j.asked) > 0 {
		j.waiting[c.Checkpoint] = j.asked[0]
		j.asked = j.asked[1:]
	}
	what := newState
	switch {
	case c.Savepoint:
		what = allState
	case c.Final && j.allEnded():
		what = noState
	}
	for _, t := range j.attempt.tasks {
		if t.source != nil {
			j.env.root.Send(t.pid, inject{checkpoint: c.Checkpoint, final: c.Final, extent: what})
		}
	}
}

// allEnded reports whether the input of all tasks has ended.
func (j *job) allEnded() bool { return j.ended == len(j.attempt.tasks) }

func (j *job) acked(m acked) {
	if m.checkpoint == j.coord.InProgress() {
		j.parts[m.task] = m.snapshot
		j.batches.step(microbatch.Captured{Dirty: m.dirty, State: m.state})
	}
	j.step(checkpoint.Acked{
		Task: m.task, Checkpoint: m.checkpoint, Commits: len(m.snapshot.Commits) > 0,
	})
}

func (j *job) manifest(id uint64) *snapshot.Manifest {
	g := j.attempt.plan.Graph
	m := &snapshot.Manifest{
		Flow: g.Flow, Fingerprint: j.attempt.plan.Fingerprint, ID: id,
		Generation: j.env.generation, Attempt: j.env.attempt, Created: j.env.clock.wall(),
		Final: j.inject.Final && j.allEnded(), KeyGroups: g.Groups, Tasks: j.parts,
	}
	if j.inject.Savepoint {
		m.Kind, m.Label = snapshot.Savepoint, j.inject.Label
	}
	return m
}

// publish runs beside the job: it waits for the disk.
func (j *job) publish(m *snapshot.Manifest) {
	j.env.fault(faultPublish)
	err := j.env.store.Publish(m)
	j.env.fault(faultPublished)
	done := publishedJob{checkpoint: m.ID, err: err}
	for _, t := range m.Tasks {
		for _, s := range t.States {
			for _, ref := range s.Segments {
				if ref.Checkpoint == m.ID {
					done.bytes += int64(ref.Bytes)
				}
			}
		}
	}
	j.env.tell(done)
}

func (j *job) published(m publishedJob) {
	if m.err == nil {
		info := j.info(m)
		j.attempt.stats.completed(info)
		if !j.inject.Savepoint { // which says nothing of the checkpoints to come
			j.plan.completed(info)
		}
		j.answer(m.checkpoint, nil)
		j.env.beside(j.collect)
	}
	j.step(checkpoint.Published{Checkpoint: m.checkpoint, Err: m.err})
}

func (j *job) info(m publishedJob) CheckpointInfo {
	info := CheckpointInfo{ID: m.checkpoint, At: j.env.clock.wall(), Bytes: m.bytes}
	info.Duration = info.At.Sub(j.began)
	for i, t := range j.attempt.tasks {
		info.Alignment = max(info.Alignment, time.Duration(t.meter.alignment.Load()))
		for _, s := range j.parts[i].States {
			for _, ref := range s.Segments {
				if ref.Checkpoint == m.checkpoint {
					info.Blocks++
					info.Entries += int64(ref.Entries)
				}
			}
		}
	}
	return info
}

// collect frees what retired checkpoints held. A failure costs disk space
// only, and the next checkpoint tries again.
func (j *job) collect() {
	j.env.fault(faultCollect)
	defer j.env.fault(faultCollected)
	j.env.conditions.compacts.Store(true)
	defer j.env.conditions.compacts.Store(false)
	if err := j.env.store.Collect(j.attempt.ctx); err != nil && j.attempt.ctx.Err() == nil {
		j.env.log.Warn("collect old checkpoints", "err", err)
	}
}

// answer replies to who asked for the savepoint.
func (j *job) answer(id uint64, err error) {
	if reply, ok := j.waiting[id]; ok {
		reply <- savepointReply{id, err}
		delete(j.waiting, id)
	}
}

func (j *job) tellAll(msg any) {
	for _, t := range j.attempt.tasks {
		j.env.root.Send(t.pid, msg)
	}
}

// end reports the outcome, once, and answers everybody who still waits.
func (j *job) end(o outcome) {
	j.over = true
	err := o.err
	if err == nil {
		err = fmt.Errorf("flow %q has ended", j.env.flow)
	}
	for id := range j.waiting {
		j.answer(id, err)
	}
	for _, reply := range j.asked {
		reply <- savepointReply{err: err}
	}
	report(j.result, o)
}
