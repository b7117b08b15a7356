package simulate

import (
	"math"
	"time"

	"github.com/flyball-stream/flyball/governor"
	"github.com/flyball-stream/flyball/governor/estimate"
)

// doing is what a task is at.
type doing uint8

const (
	nothing doing = iota
	working
	capturing
	encoding
	sending // or waiting for credit
)

// task is one subtask: it works on one item at a time, as in package actors.
type task struct {
	id      int
	stage   *Stage
	source  *source
	inputs  []*channel
	outputs [][]*channel // by output

	policy   governor.Policy
	obs      governor.Observation
	decision governor.Decision

	inbox   queue
	held    []queue // by channel, while an alignment blocks it
	blocked []bool
	doing   doing
	now     item          // being worked on
	began   time.Duration // doing
	ends    time.Duration // and when it is over
	sends   queue
	flushAt time.Duration // the last time partial batches were sent
	flush   bool          // a flush is on the agenda

	emitted []float64 // records owed by output, less than one
	ckpt    progress
	state   stateNow
	seen    counts
}

// counts is what happened in the control period.
type counts struct {
	at                                    time.Duration
	records, batches, bytes               int64
	busy, blocked, capture, encode, wrote time.Duration
	outputs                               []int64
	began                                 time.Duration // of what the task is doing
}

// stateNow is a task's state.
type stateNow struct {
	touched float64 // records since the last capture
	grown   int64   // bytes
}

// progress is a task's part of a checkpoint.
type progress struct {
	id       uint64 // latest captured
	missing  int    // barriers, in an alignment
	aligning uint64
	began    time.Duration // of the alignment
	captured time.Duration
	writing  bool
	left     time.Duration // to encode
	ready    time.Duration // when the next slice may begin
	waiting  bool          // an event for that is on the agenda
	debt     time.Duration // to encode before the next item
	doing    time.Duration // length of the present slice
	expected estimate.Prediction
	cost     estimate.Checkpoint
	last     estimate.Checkpoint
	lastID   uint64
}

func (t *task) dirty() int64 {
	s := t.stage.State
	if s.Touched <= 0 {
		return 0
	}
	if s.Working <= 0 {
		return int64(t.state.touched * float64(s.Touched))
	}
	w := float64(s.Working)
	return int64(w * -math.Expm1(-t.state.touched*float64(s.Touched)/w))
}

func (t *task) bytes() int64 { return t.stage.State.Size + t.state.grown }

// selectivity is the records that leave by each output for one that comes in.
func (t *task) selectivity() float64 {
	switch s := t.stage.Selectivity; {
	case s < 0:
		return 0
	case s == 0:
		return 1
	default:
		return s
	}
}

// pausedUntil is when the stage works again, or 0 if it does.
func (t *task) pausedUntil(now time.Duration) time.Duration {
	for _, p := range t.stage.Pauses {
		if now >= p.At && now < p.At+p.For {
			return p.At + p.For
		}
	}
	return 0
}

// observe fills in the observation of the period that ends now, and begins the
// next.
func (t *task) observe(now time.Duration, s *simulation) *governor.Observation {
	c, o := &t.seen, &t.obs
	t.account(now)
	wrote := s.wrote - max(0, s.disk-now)
	*o = governor.Observation{
		Now: now, Period: now - c.at, Records: c.records, Batches: c.batches, Bytes: c.bytes,
		Busy: c.busy, Blocked: c.blocked, Channels: o.Channels[:0], Outputs: o.Outputs,
		Checkpoint: governor.Checkpoint{
			Due: -1, Interval: s.spec.Checkpoints.Interval, Writing: t.ckpt.writing,
			Pending:  s.round.id > t.ckpt.id && s.round.left > 0,
			Captured: t.ckpt.id, Capture: c.capture, Encode: c.encode, Persist: wrote - c.wrote,
			Dirty: t.dirty(), State: t.bytes(), LastID: t.ckpt.lastID, Last: t.ckpt.last,
		},
		Memory: s.memory,
	}
	o.Dry = max(0, o.Period-o.Busy-o.Blocked-o.Checkpoint.Capture-o.Checkpoint.Encode)
	if s.spec.Checkpoints.Interval > 0 {
		o.Checkpoint.Due = max(0, s.round.next-now)
	}
	for i, ch := range t.inputs {
		o.Channels = append(o.Channels, governor.Channel{
			Window: ch.window, Queued: t.held[i].len(), Blocked: t.blocked[i],
			InFlight: governor.Window{
				Batches: ch.window.Batches - ch.batches, Bytes: ch.window.Bytes - int(ch.bytes),
			},
			Starved: ch.starved || ch.waiting,
			Records: ch.gotRecords, Batches: ch.gotBatches, Bytes: ch.gotBytes,
		})
		ch.starved, ch.gotRecords, ch.gotBatches, ch.gotBytes = false, 0, 0, 0
	}
	t.observeOutputs(o)
	*c = counts{at: now, wrote: wrote, outputs: c.outputs, began: now}
	clear(c.outputs)
	return o
}

func (t *task) observeOutputs(o *governor.Observation) {
	if o.Outputs == nil {
		o.Outputs = make([]governor.Output, len(t.outputs))
	}
	for i, lanes := range t.outputs {
		out := &o.Outputs[i]
		out.Records, out.Lanes = t.seen.outputs[i], out.Lanes[:0]
		for _, ch := range lanes {
			out.Lanes = append(out.Lanes, governor.Lane{Records: ch.sent, Rate: ch.rate})
			ch.sent = 0
		}
	}
}

// account adds the time since doing began, or the period, to what it was.
func (t *task) account(now time.Duration) {
	c := &t.seen
	d := now - c.began
	c.began = now
	switch t.doing {
	case working:
		c.busy += d
	case capturing:
		c.capture += d
	case encoding:
		c.encode += d
	case sending:
		c.blocked += d
	}
}

// become changes what the task is doing.
func (t *task) become(what doing, now time.Duration) {
	t.account(now)
	t.doing = what
}
