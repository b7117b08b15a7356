package simulate

import (
	"time"

	"github.com/flyball-stream/flyball/governor/estimate"
)

// round is the checkpoint under way.
type round struct {
	id    uint64
	left  int // tasks whose part is not durable
	began time.Duration
	next  time.Duration // when the next is due
	align time.Duration // the longest
}

// inject begins a checkpoint at the sources.
func (s *simulation) inject() {
	if s.over {
		return
	}
	s.round = round{
		id: s.round.id + 1, left: len(s.tasks), began: s.now,
		next: s.now + s.spec.Checkpoints.Interval,
	}
	for _, t := range s.tasks {
		if t.source != nil {
			t.source.barrier = s.round.id
			s.run(t)
		}
	}
}

// barrier aligns; the last barrier begins the capture.
func (s *simulation) barrier(t *task, in int, id uint64) {
	c := &t.ckpt
	if c.aligning == 0 {
		c.aligning, c.missing, c.began = id, len(t.inputs), s.now
	}
	t.blocked[in] = true
	if c.missing--; c.missing > 0 {
		return
	}
	c.aligning = 0
	clear(t.blocked)
	align := s.now - c.began
	s.round.align = max(s.round.align, align)
	c.cost.Align = align
	s.capture(t, id)
}

// capture has the task stand still.
func (s *simulation) capture(t *task, id uint64) {
	t.ckpt.id = id
	t.ckpt.expected = t.decision.Next
	s.busy(t, capturing, s.stall(t))
}

// stall is how long a task stands still: only one with state does.
func (s *simulation) stall(t *task) time.Duration {
	if t.stage.State == (State{}) {
		return 0
	}
	return s.spec.Checkpoints.Capture
}

// captured sends the barrier on, goes on with what was held back and begins to
// write.
func (s *simulation) captured(t *task) {
	k, c := s.spec.Checkpoints, &t.ckpt
	c.cost = estimate.Checkpoint{
		Dirty: t.dirty(), State: t.bytes(), Align: c.cost.Align, Capture: s.stall(t),
	}
	bytes := c.cost.Dirty
	if k.Full {
		bytes = c.cost.State
	}
	t.state.touched = 0
	c.captured, c.writing, c.ready = s.now, true, s.now+t.decision.Pace.Delay
	if k.Encode > 0 {
		c.left = time.Duration(float64(bytes) / k.Encode * float64(time.Second))
	}
	c.cost.Encode = c.left
	s.flush(t)
	for _, lanes := range t.outputs {
		for _, ch := range lanes {
			t.sends.push(item{channel: ch, checkpoint: c.id})
		}
	}
	var held []item
	for i := range t.held {
		q := &t.held[i]
		held = append(held, q.items[q.head:]...)
		*q = queue{}
	}
	t.inbox.before(held)
	if c.left == 0 {
		s.store(t)
	}
}

// slice begins to encode a little, if there is something and it is time.
func (s *simulation) slice(t *task) bool {
	c := &t.ckpt
	if !c.writing || c.left <= 0 {
		return false
	}
	if s.now < c.ready {
		if !c.waiting {
			c.waiting = true
			s.at(c.ready, resumed, t)
		}
		return false
	}
	d := encodeSlice
	if t.doing == nothing && c.debt > d { // as much as is due at once
		d = c.debt
	}
	c.doing = min(c.left, d)
	s.busy(t, encoding, c.doing)
	return true
}

// encoded ends a slice; after the last the task's part goes to the disk.
func (s *simulation) encoded(t *task) {
	c := &t.ckpt
	c.left -= c.doing
	c.debt = 0
	if c.left == 0 {
		s.store(t)
	}
}

// store writes the task's part, after those of others that came before.
func (s *simulation) store(t *task) {
	k, cost := s.spec.Checkpoints, &t.ckpt.cost
	bytes := float64(cost.Dirty)
	if k.Full {
		bytes = float64(cost.State)
	}
	d := 0.0
	if k.Disk > 0 {
		d = bytes / k.Disk
	}
	if k.Burst > 0 && s.rand.Float64() < k.Burst {
		d *= k.BurstBy
	}
	length := time.Duration(d * float64(time.Second))
	s.disk = max(s.disk, s.now) + length
	s.wrote += length
	end := s.disk
	if limit := t.decision.Pace.BytesPerSecond; limit > 0 {
		end = max(end, s.now+time.Duration(bytes/limit*float64(time.Second)))
	}
	s.agenda.push(event{
		at: end + k.Sync, kind: written, task: int32(t.id), arg: t.ckpt.id,
	})
}

// written ends a task's part of a checkpoint, and the last one the checkpoint.
func (s *simulation) written(t *task, id uint64) {
	c := &t.ckpt
	c.writing = false
	c.cost.Persist = s.now - c.captured
	c.last, c.lastID = c.cost, id
	s.res.predicted(s, t)
	if s.round.left--; s.round.left > 0 {
		return
	}
	s.res.complete(s)
	s.round.next = max(s.round.began+s.spec.Checkpoints.Interval, s.now)
	s.agenda.push(event{at: s.round.next, kind: injected})
}
