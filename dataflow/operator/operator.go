package operator

import (
	"github.com/flyball-stream/flyball/dataflow/state"
)

// An Operator is one step's single-threaded half. Only its task calls it, one
// call at a time.
type Operator interface {
	// Process consumes the batch b that arrived on the input port. It owns b
	// and must emit it, hand it on or release it before it returns. An error
	// fails the task; the restart policy decides what follows.
	Process(port int, b Batch, out Outbox) error
}

// An Outbox takes what an operator emits. Emit hands b over together with its
// ownership, to every consumer of the output port in turn, and may block
// until downstream has granted credit. It returns an error only when the task
// is being stopped or a consumer in the same task has failed; the operator
// returns that error unchanged.
type Outbox interface {
	Emit(port int, b Batch) error
}

// An Opener is an operator that wants to know where it runs, usually to open
// its state. Open is called once, before the first record; state that a
// checkpoint holds is already in the tables when they are opened.
type Opener interface {
	Open(rt *Runtime) error
}

// A Watermarker is an operator that acts on event time. Watermark is called
// whenever the smallest watermark of all inputs has risen to at, before the
// watermark is passed on: no record with an earlier event time is to be
// expected, though one may still come and is then late. At the end of input
// at is [MaxTimestamp].
type Watermarker interface {
	Watermark(at Timestamp, out Outbox) error
}

// A Finisher is an operator with something left to say when all inputs have
// ended. Finish is called once, after the last watermark.
type Finisher interface {
	Finish(out Outbox) error
}

// A Barrierer is an operator that holds records back until a checkpoint.
// Barrier is called when the checkpoint's barrier has come on all inputs,
// before the operator's state is captured and before the barrier is passed on.
// What it emits is therefore part of the checkpoint for all steps that follow,
// in the same task or in others. Of the steps of a task the first is called
// first, so each has processed what those before it have released.
//
// It is called at every barrier, the last one of a run that is stopped and
// those of checkpoints that fail later included. At the end of input Finish
// comes first and must leave nothing to emit: those who follow may have
// finished by the time of the last barrier. What is held back must be in the
// operator's state like everything else that it remembers.
type Barrierer interface {
	Barrier(out Outbox) error
}

// An Alarm is an operator that acts on processing time. Next is the time at
// which it wants to be woken, [MaxTimestamp] for never; Wake is called at or
// after that time with the time it then is.
type Alarm interface {
	Next() Timestamp
	Wake(now Timestamp, out Outbox) error
}

// Runtime is what an operator learns about where it runs. It lives as long as
// the operator and is used by its task alone.
type Runtime struct {
	// Step is the step's name, Subtask its index among Parallelism equals.
	Step                 string
	Subtask, Parallelism int
	// State holds the step's keyed state for the key groups of this subtask.
	State *state.Backend
	// Watermark is the watermark the operator had reached when the checkpoint
	// it is restored from was taken, [MinTimestamp] on a fresh start. Records
	// older than it are late, as they were before.
	Watermark Timestamp
	// Now is the processing time as of the call in progress.
	Now func() Timestamp
	// Count adds to one of the step's counters, such as "late", which appear
	// in metrics under the step's name.
	Count func(name string, n int)
}

// Func adapts a plain function to an [Operator].
type Func func(port int, b Batch, out Outbox) error

// Process calls f.
func (f Func) Process(port int, b Batch, out Outbox) error { return f(port, b, out) }
