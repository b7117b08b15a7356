package dataflow

import (
	"fmt"
	"math"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
)

// machine is what the operators of [Process] and [Connect] have in common:
// the context, the handles and the clocks around a user's processor.
type machine[K comparable, U any] struct {
	c       Context[K, U]
	user    any
	keys    *keys[K]
	hash    func(K) uint64
	scratch []byte
	handles []cell

	onTimer, onWallTimer func(c *Context[K, U], at time.Time) error
	fired                [1]firing[K] // for the text of a panic
}

// firing is how the error of a timer describes it.
type firing[K comparable] struct {
	Key   K
	Timer time.Time
}

// newMachine makes a machine for a processor that inspect has found sound.
// The handles are looked for again because each instance has its own.
func newMachine[K comparable, U any](
	user any, pool *operator.Pool[U], hash func(K) uint64,
) machine[K, U] {
	handles, _ := findHandles(user)
	m := machine[K, U]{user: user, hash: hash, handles: handles}
	m.c.pool = pool
	if t, ok := user.(TimerProcessor[K, U]); ok {
		m.onTimer, m.c.s.event.handled = t.OnTimer, true
	}
	if t, ok := user.(ProcessingTimerProcessor[K, U]); ok {
		m.onWallTimer, m.c.s.wall.handled = t.OnProcessingTimer, true
	}
	return m
}

// Open binds the state.
func (m *machine[K, U]) Open(rt *operator.Runtime) (err error) {
	if m.keys, err = newKeys(m.hash); err != nil {
		return err
	}
	s := &m.c.s
	s.step, s.keys, s.now, s.watermark = rt.Step, m.keys, rt.Now, rt.Watermark
	s.ended = rt.Watermark == operator.MaxTimestamp
	m.c.count = rt.Count
	if o, ok := m.user.(ProcessorOpener); ok {
		if err := o.Open(rt); err != nil {
			return err
		}
	}
	if err := s.event.timers.open(s, rt.State, "timers/event"); err != nil {
		return err
	}
	if err := s.wall.timers.open(s, rt.State, "timers/processing"); err != nil {
		return err
	}
	for _, h := range m.handles {
		if err := h.bind(s, rt.State); err != nil {
			return err
		}
	}
	return nil
}

// begin prepares for a call of the engine.
func (m *machine[K, U]) begin(out operator.Outbox) {
	m.c.out = out
	if s := &m.c.s; len(s.wall.expiries) > 0 {
		s.wall.expire(s.now())
	}
}

// enter makes a record the one the context is of.
func (m *machine[K, U]) enter(key K, hash uint64, at operator.Timestamp) (err error) {
	s := &m.c.s
	m.c.key, s.hash, s.at, s.present = key, hash, at, max(at, s.watermark)
	m.scratch, s.key, err = m.keys.append(m.scratch[:0], &m.c.key)
	return err
}

// leave turns what happened in a call of the user's code into its result.
func (m *machine[K, U]) leave(err error) error {
	if err == nil {
		err = m.c.s.err
	}
	return err
}

// processEach passes the records of a batch to f.
func processEach[K comparable, T, U any](
	m *machine[K, U], b operator.Batch, out operator.Outbox, f func(*Context[K, U], T) error,
) error {
	m.begin(out)
	in := b.(*operator.Keyed[K, T])
	if err := processKeyed(m, in, f); err != nil {
		return err
	}
	in.Release()
	return m.c.flush()
}

func processKeyed[K comparable, T, U any](
	m *machine[K, U], in *operator.Keyed[K, T], f func(*Context[K, U], T) error,
) (err error) {
	i := 0
	defer operator.Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		err := m.enter(in.Keys[i], in.Hashes[i], in.Times[i])
		if err == nil {
			err = m.leave(f(&m.c, in.Values[i]))
		}
		switch {
		case m.c.stop != nil:
			return m.c.stop
		case err != nil:
			return fmt.Errorf("record %s: %w", operator.Describe(in.Values[i]), err)
		}
		if err := m.fireEvent(m.c.s.watermark); err != nil {
			return err
		}
	}
	return nil
}

// Watermark fires the timers that are due.
func (m *machine[K, U]) Watermark(at operator.Timestamp, out operator.Outbox) error {
	m.begin(out)
	s := &m.c.s
	if at == operator.MaxTimestamp {
		if err := m.fireRest(); err != nil {
			return err
		}
	}
	s.watermark = at
	if err := m.fireEvent(at); err != nil {
		return err
	}
	if at != operator.MaxTimestamp {
		s.event.expire(at)
	}
	return m.c.flush()
}

// fireEvent fires event-time timers up to a time, each after the state that
// has expired by its own.
func (m *machine[K, U]) fireEvent(upto operator.Timestamp) error {
	event := &m.c.s.event
	for {
		t, ok := event.timers.take(upto, math.MaxUint64)
		if !ok {
			return nil
		}
		event.expire(t.at)
		if err := m.fire(t, t.at, m.onTimer); err != nil {
			return err
		}
	}
}

// fireRest fires the processing-time timers that are left at the end, when no
// new ones are accepted.
func (m *machine[K, U]) fireRest() error {
	m.c.s.ended = true
	return m.fireWall(operator.MaxTimestamp)
}

// fireWall fires the processing-time timers due at a time that are set now.
// Those set meanwhile wait for the next call, so that a timer that sets itself
// again at once does not keep the task from its input.
func (m *machine[K, U]) fireWall(upto operator.Timestamp) error {
	wall := &m.c.s.wall
	defer wall.timers.release()
	for last := wall.timers.seq; ; {
		t, ok := wall.timers.take(upto, last)
		if !ok {
			return nil
		}
		if err := m.fire(t, m.c.s.watermark, m.onWallTimer); err != nil {
			return err
		}
		if err := m.fireEvent(m.c.s.watermark); err != nil {
			return err
		}
	}
}

// fire calls a timer's method.
func (m *machine[K, U]) fire(
	t timer, at operator.Timestamp, f func(*Context[K, U], time.Time) error,
) (err error) {
	s := &m.c.s
	s.key, s.hash, s.at, s.present = t.key, t.hash, at, at
	if f == nil {
		return fmt.Errorf("timer for %v: the processor no longer has a method for it", t.at.Time())
	}
	if m.c.key, err = m.keys.key(t.key); err != nil {
		return err
	}
	i := 0
	m.fired[0] = firing[K]{m.c.key, t.at.Time()}
	defer operator.Guard(&err, &i, m.fired[:])
	err = m.leave(f(&m.c, m.fired[0].Timer))
	if m.c.stop != nil {
		return m.c.stop
	}
	if err != nil {
		return fmt.Errorf("timer %s: %w", operator.Describe(m.fired[0]), err)
	}
	return nil
}

// Next is when the first processing-time timer or expiry is due.
func (m *machine[K, U]) Next() operator.Timestamp { return m.c.s.wall.next() }

// Wake fires the processing-time timers that are due.
func (m *machine[K, U]) Wake(now operator.Timestamp, out operator.Outbox) error {
	m.begin(out)
	if err := m.fireWall(now); err != nil {
		return err
	}
	return m.c.flush()
}

// processor is the operator of [Process].
type processor[K comparable, T, U any] struct {
	machine[K, U]
	process func(*Context[K, U], T) error
}

func (p *processor[K, T, U]) Process(_ int, b operator.Batch, out operator.Outbox) error {
	return processEach(&p.machine, b, out, p.process)
}

// coProcessor is the operator of [Connect].
type coProcessor[K comparable, A, B, U any] struct {
	machine[K, U]
	left  func(*Context[K, U], A) error
	right func(*Context[K, U], B) error
}

func (p *coProcessor[K, A, B, U]) Process(port int, b operator.Batch, out operator.Outbox) error {
	if port == 0 {
		return processEach(&p.machine, b, out, p.left)
	}
	return processEach(&p.machine, b, out, p.right)
}
