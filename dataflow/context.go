package dataflow

import (
	"errors"
	"fmt"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// A Scope is the key whose state a handle reads or writes: the [Context] of
// the call in progress.
type Scope interface{ scope() *scope }

// scope is what handles and timers need of a context, whatever its types.
type scope struct {
	step      string
	keys      keySpace
	key       string // encoded; lives in memory that the next record's takes
	hash      uint64
	at        operator.Timestamp
	present   operator.Timestamp // event time that writes count from
	watermark operator.Timestamp
	now       func() operator.Timestamp
	event     clock
	wall      clock
	ended     bool  // no processing-time timers are accepted any more
	err       error // of a call that could not return it
}

// fail keeps the first error for the end of the call.
func (s *scope) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// A Context is a processor's view of the record or timer it is called with:
// its key, its time, a place for results. It is valid during the call only
// and must not be kept or passed to another goroutine.
type Context[K comparable, U any] struct {
	s     scope
	key   K
	count func(name string, n int)
	pool  *operator.Pool[U]
	to    *operator.Records[U] // nil while empty
	out   operator.Outbox
	stop  error // what the outbox returned
}

func (c *Context[K, U]) scope() *scope { return &c.s }

// Key is the key of the record or timer.
func (c *Context[K, U]) Key() K { return c.key }

// Time is the event time of the record or timer, in UTC; what [Context.Emit]
// emits gets it. A record without event time has the earliest time there is.
func (c *Context[K, U]) Time() time.Time { return c.s.at.Time() }

// Now is the processing time as of the call in progress, in UTC.
func (c *Context[K, U]) Now() time.Time { return c.s.now().Time() }

// Watermark is the event time before which no more records are expected, in
// UTC.
func (c *Context[K, U]) Watermark() time.Time { return c.s.watermark.Time() }

// AtEnd reports whether the input has ended and the timers that are left are
// firing.
func (c *Context[K, U]) AtEnd() bool { return c.s.ended }

// Count adds n to a counter of the step, which appears in metrics under the
// step's name.
func (c *Context[K, U]) Count(name string, n int) { c.count(name, n) }

// Emit emits a record with the event time [Context.Time].
func (c *Context[K, U]) Emit(u U) { c.emit(u, c.s.at) }

// EmitAt emits a record with an event time of its own. If that is before the
// watermark, the record is late for the steps that follow.
func (c *Context[K, U]) EmitAt(u U, at time.Time) { c.emit(u, operator.TimestampOf(at)) }

func (c *Context[K, U]) emit(u U, at operator.Timestamp) {
	if c.stop != nil {
		return
	}
	if c.to == nil {
		c.to = c.pool.Get()
	}
	c.to.Append(u, at)
	if c.to.Full() {
		c.stop = c.flush()
	}
}

// flush hands on what was emitted.
func (c *Context[K, U]) flush() error {
	to := c.to
	if to == nil || c.stop != nil {
		return c.stop
	}
	c.to = nil
	return c.out.Emit(0, to)
}

// SetTimer has OnTimer called for the key when the watermark reaches at; if
// it has done so already, right after this call. A timer that is set already
// stays as it is: a key has one timer for a time. Timers are state: they
// survive failures. They fire in order of time, and in the order in which
// they were set where that is the same.
func (c *Context[K, U]) SetTimer(at time.Time) {
	c.setTimer(&c.s.event, "OnTimer", at)
}

// DeleteTimer takes back a timer of the key that has not fired.
func (c *Context[K, U]) DeleteTimer(at time.Time) {
	c.s.event.timers.delete(&c.s, operator.TimestampOf(at))
}

// SetProcessingTimer has OnProcessingTimer called for the key at the
// processing time at or soon after. See [Context.SetTimer] for the rest.
func (c *Context[K, U]) SetProcessingTimer(at time.Time) {
	if c.AtEnd() {
		c.count("timers dropped", 1)
		return
	}
	c.setTimer(&c.s.wall, "OnProcessingTimer", at)
}

// DeleteProcessingTimer takes back a timer of the key that has not fired.
func (c *Context[K, U]) DeleteProcessingTimer(at time.Time) {
	c.s.wall.timers.delete(&c.s, operator.TimestampOf(at))
}

var errTimeEnds = errors.New("such times end in the year 2261; a timer that sets itself " +
	"again must stop when the context is AtEnd")

func (c *Context[K, U]) setTimer(k *clock, method string, at time.Time) {
	t := operator.TimestampOf(at)
	switch {
	case !k.handled:
		c.s.fail(fmt.Errorf("set timer: the processor has no method %s", method))
	case t >= operator.MaxTimestamp-1:
		c.s.fail(fmt.Errorf("set timer for %v: %w", at, errTimeEnds))
	default:
		k.timers.set(&c.s, t)
	}
}
