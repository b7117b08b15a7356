package dataflow

import (
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// A Processor handles the records of a keyed stream one by one, with state
// and timers for each key: what the other verbs cannot say. State is held in
// fields of type [Value], [List] and [MapState]:
//
//	// dedupe lets each order id through once a day.
//	type dedupe struct{ seen dataflow.Value[bool] }
//
//	func newDedupe() *dedupe {
//		return &dedupe{dataflow.NewValue[bool]("seen", dataflow.TTL(24*time.Hour))}
//	}
//
//	func (d *dedupe) Process(c *dataflow.Context[string, Order], o Order) error {
//		seen, err := d.seen.Get(c)
//		if err != nil || seen {
//			return err
//		}
//		c.Emit(o)
//		return d.seen.Set(c, true)
//	}
//
// The handles must be reachable from the processor through fields, pointers,
// arrays, slices and maps whose types show them: a handle in an interface or
// a closure is not found, and using it is an error. Everything else that a
// processor keeps in its fields is lost in a failure.
//
// A processor may also be a [TimerProcessor], a [ProcessingTimerProcessor] or
// a [ProcessorOpener]. Each subtask has one of its own and calls it from one
// goroutine at a time. An error fails the task, with the record in its text.
type Processor[K comparable, T, U any] interface {
	Process(c *Context[K, U], v T) error
}

// A CoProcessor handles the records of two keyed streams with the same state
// and timers; see [Connect] and [Processor].
type CoProcessor[K comparable, A, B, U any] interface {
	ProcessLeft(c *Context[K, U], a A) error
	ProcessRight(c *Context[K, U], b B) error
}

// A TimerProcessor is a processor that sets event-time timers. OnTimer is
// called once for each, when the watermark has reached at; [Context.Key] is
// the key that the timer was set for and [Context.Time] is at. It may set
// further timers; those that are due already fire next.
//
// When the input has ended, every timer fires, however far off. A timer that
// sets itself again must therefore stop when [Context.AtEnd] is true.
type TimerProcessor[K comparable, U any] interface {
	OnTimer(c *Context[K, U], at time.Time) error
}

// A ProcessingTimerProcessor is a processor that sets processing-time timers.
// OnProcessingTimer is called once for each, at the time at or later;
// [Context.Time] is then the watermark.
//
// When the input has ended, the timers that are still set fire early, in
// order, so that what they were to flush is not lost. Those set from then on
// are dropped and counted as "timers dropped".
type ProcessingTimerProcessor[K comparable, U any] interface {
	OnProcessingTimer(c *Context[K, U], at time.Time) error
}

// A ProcessorOpener is a processor that wants to know where it runs. Open is
// called before the first record and before the processor's state is bound.
type ProcessorOpener interface {
	Open(rt *operator.Runtime) error
}

// Process passes every record to a processor. New makes a processor with
// handles of its own whenever it is called, which happens for each subtask
// and, to check the handles, while the flow is built.
func Process[K comparable, T, U any, P Processor[K, T, U]](
	k Keyed[K, T], name string, new func() P, opts ...Option,
) Stream[U] {
	inspect(k.g, name, func() any { return new() }, timerMethods[K, U]()...)
	return step(k.port, name, "process", func(out *operator.Pool[U]) operator.Operator {
		p := new()
		return &processor[K, T, U]{
			machine: newMachine[K](p, out, k.hash), process: p.Process,
		}
	}, opts)
}

// Connect passes the records of two streams with keys of one type to a
// processor, the left stream's to ProcessLeft and the right's to
// ProcessRight. In which order records of different streams come is open;
// timers and watermarks follow the slower of the two. See [Process].
func Connect[K comparable, A, B, U any, P CoProcessor[K, A, B, U]](
	left Keyed[K, A], name string, right Keyed[K, B], new func() P, opts ...Option,
) Stream[U] {
	g := left.g
	inspect(g, name, func() any { return new() }, timerMethods[K, U]()...)
	pool := operator.NewPool[U]()
	at := g.add(&plan.Step{
		Name: name, Kind: "connect", Inputs: []plan.Input{left.input(), right.input()},
		Outputs: []operator.Shape{pool},
		New: func() operator.Operator {
			p := new()
			return &coProcessor[K, A, B, U]{
				machine: newMachine[K](p, pool, left.hash),
				left:    p.ProcessLeft, right: p.ProcessRight,
			}
		},
	}, opts)
	return Stream[U]{port{g: g, from: at}, pool}
}
