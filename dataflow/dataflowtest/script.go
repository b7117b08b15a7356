package dataflowtest

import (
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// A Script is what comes into a stage of one input, in order. All times are
// durations since the Unix epoch, at which processing time begins. After the
// last event the input ends. Methods return the script, to be chained.
type Script[T any] struct{ events []event }

// event is one thing that happens to a stage.
type event struct {
	put   func(b operator.Batch) // appends a record; nil for the others
	input int
	mark  operator.Timestamp // a watermark, if it is nothing else
	wait  time.Duration      // processing time that passes
	cut   bool               // a checkpoint's barrier passes
}

// NewScript returns an empty script.
func NewScript[T any]() *Script[T] { return &Script[T]{} }

// At adds records with one event time.
func (s *Script[T]) At(at time.Duration, values ...T) *Script[T] {
	s.events = append(s.events, records(0, operator.Timestamp(at), values)...)
	return s
}

// Untimed adds records without event time.
func (s *Script[T]) Untimed(values ...T) *Script[T] {
	s.events = append(s.events, records(0, operator.MinTimestamp, values)...)
	return s
}

// Watermark lets event time pass: no record before at is expected any more.
func (s *Script[T]) Watermark(at time.Duration) *Script[T] {
	s.events = append(s.events, event{input: -1, mark: operator.Timestamp(at)})
	return s
}

// Wait lets processing time pass.
func (s *Script[T]) Wait(d time.Duration) *Script[T] {
	s.events = append(s.events, event{input: -1, wait: d})
	return s
}

// Barrier lets the barrier of a checkpoint pass all steps, which emit what they
// hold back until then. The checkpoints that [Operator] takes by itself pass
// no barriers: what is held back must survive them as state.
func (s *Script[T]) Barrier() *Script[T] {
	s.events = append(s.events, event{input: -1, cut: true})
	return s
}

func records[T any](input int, at operator.Timestamp, values []T) []event {
	all := make([]event, len(values))
	for i, v := range values {
		all[i] = event{input: input, put: func(b operator.Batch) {
			b.(*operator.Records[T]).Append(v, at)
		}}
	}
	return all
}

// A Script2 is what comes into a stage of two inputs; see [Script].
// Watermarks are those of both inputs.
type Script2[A, B any] struct{ events []event }

// NewScript2 returns an empty script.
func NewScript2[A, B any]() *Script2[A, B] { return &Script2[A, B]{} }

// Left adds records of the first input with one event time.
func (s *Script2[A, B]) Left(at time.Duration, values ...A) *Script2[A, B] {
	s.events = append(s.events, records(0, operator.Timestamp(at), values)...)
	return s
}

// Right adds records of the second input with one event time.
func (s *Script2[A, B]) Right(at time.Duration, values ...B) *Script2[A, B] {
	s.events = append(s.events, records(1, operator.Timestamp(at), values)...)
	return s
}

// Watermark lets event time pass on both inputs.
func (s *Script2[A, B]) Watermark(at time.Duration) *Script2[A, B] {
	s.events = append(s.events, event{input: -1, mark: operator.Timestamp(at)})
	return s
}

// Wait lets processing time pass.
func (s *Script2[A, B]) Wait(d time.Duration) *Script2[A, B] {
	s.events = append(s.events, event{input: -1, wait: d})
	return s
}

// Barrier lets the barrier of a checkpoint pass all steps; see
// [Script.Barrier].
func (s *Script2[A, B]) Barrier() *Script2[A, B] {
	s.events = append(s.events, event{input: -1, cut: true})
	return s
}

// call is one call of a machine: a batch for an input or a mark for all.
type call struct {
	events []event // the records, or one that is none
}

// calls cuts events into calls: of one record each, or of as many as come in
// a row on one input.
func calls(events []event, batched bool) []call {
	var all []call
	for _, e := range events {
		if n := len(all); batched && n > 0 && e.put != nil && all[n-1].takes(e) {
			all[n-1].events = append(all[n-1].events, e)
			continue
		}
		all = append(all, call{[]event{e}})
	}
	return append(all, call{})
}

func (c call) takes(e event) bool {
	return c.events[0].put != nil && c.events[0].input == e.input &&
		len(c.events) < operator.BatchSize
}

// do carries the call out; one without events is the end of the input.
func (c call) do(m *machine) error {
	if len(c.events) == 0 {
		return m.end()
	}
	switch e := c.events[0]; {
	case e.put != nil:
		b := m.sources[e.input].step.Outputs[0].New()
		for _, e := range c.events {
			e.put(b)
		}
		return m.sources[e.input].Emit(0, b)
	case e.cut:
		return m.barrier()
	case e.wait != 0:
		return m.wait(e.wait)
	default:
		return m.watermark(e.mark)
	}
}

// input is the source of a stage under test, which is never read: the machine
// emits on its behalf.
type input[T any] struct{ dataflow.Source[T] }

func (input[T]) Grows() bool      { return false }
func (input[T]) Replayable() bool { return true }
