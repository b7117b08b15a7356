package window

import (
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// Pane is the result of one key's window [Start, End). The global window's
// bounds are the ends of what a timestamp can hold.
type Pane[K comparable, R any] struct {
	Key        K
	Start, End time.Time
	Value      R
}

// outlet fills batches for one output port.
type outlet[O any] struct {
	port  int
	pool  *operator.Pool[O]
	batch *operator.Records[O]
}

func (o *outlet[O]) add(v O, at operator.Timestamp, out operator.Outbox) error {
	if o.batch == nil {
		o.batch = o.pool.Get()
	}
	o.batch.Append(v, at)
	if o.batch.Full() {
		return o.flush(out)
	}
	return nil
}

func (o *outlet[O]) flush(out operator.Outbox) error {
	if o.batch == nil {
		return nil
	}
	b := o.batch
	o.batch = nil
	return out.Emit(o.port, b)
}

// lateOutlet counts what it emits under "late".
type lateOutlet[T any] struct {
	outlet[T]
	n int
}

func (l *lateOutlet[T]) add(v T, at operator.Timestamp, out operator.Outbox) error {
	l.n++
	return l.outlet.add(v, at, out)
}

func (l *lateOutlet[T]) flush(rt *operator.Runtime, out operator.Outbox) error {
	if l.n == 0 {
		return nil
	}
	if rt.Count != nil {
		rt.Count("late", l.n)
	}
	l.n = 0
	return l.outlet.flush(out)
}
