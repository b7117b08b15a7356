package window

import (
	"slices"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// windower is an operator that aggregates windows of event time.
type windower interface {
	operator.Operator
	operator.Opener
	operator.Watermarker
	// next is when there is something to do, MaxTimestamp for never.
	next() operator.Timestamp
}

// processing makes an operator of event time one of processing time: records
// are stamped as they come, and the clock is the watermark.
//
// What has fired is gone from the state, but for the later panes of sliding
// windows. So that those do not fire their earlier windows again after a
// restore, the state holds for each key group what the clock was when a window
// of it last fired. It does so by group because subtasks fire by themselves,
// and a restore may deal the groups of several to one.
type processing[K comparable, T, R any] struct {
	of     windower
	hash   func(K) uint64
	rt     *operator.Runtime
	table  state.Keyed[int, operator.Timestamp] // fired, for the next restore
	fired  []operator.Timestamp                 // by key group, from the subtask's first
	before []operator.Timestamp                 // fired as restored; nil once all of it has passed
	clock  operator.Timestamp                   // as it was last, for it must not go back
	ended  bool
}

func newProcessing[K comparable, T, R any](of windower, hash func(K) uint64) operator.Operator {
	return &processing[K, T, R]{of: of, hash: hash}
}

func (o *processing[K, T, R]) Open(rt *operator.Runtime) (err error) {
	o.rt, o.ended = rt, rt.Watermark == operator.MaxTimestamp
	o.table, err = state.Open(rt.State, state.Spec[int, operator.Timestamp]{
		Name: "fired", Hash: o.groupHash,
	})
	if err != nil {
		return err
	}
	groups := rt.State.Range()
	o.fired = slices.Repeat([]operator.Timestamp{operator.MinTimestamp}, groups.Len())
	o.table.Range(func(group int, at *operator.Timestamp) bool {
		o.fired[group-groups.From] = *at
		return true
	})
	o.clock = operator.MinTimestamp
	if o.table.Len() > 0 {
		o.before, o.clock = slices.Clone(o.fired), slices.Max(o.fired)
	}
	inner := *rt
	inner.Watermark = operator.MinTimestamp
	return o.of.Open(&inner)
}

// groupHash is the first of the hashes that lie in a key group.
func (o *processing[K, T, R]) groupHash(group int) uint64 {
	groups := uint64(o.rt.State.Groups())
	return (uint64(group)<<32 + groups - 1) / groups << 32
}

// Process fires what is due and then adds the records to the windows of the
// present.
func (o *processing[K, T, R]) Process(port int, b operator.Batch, out operator.Outbox) error {
	if err := o.Wake(o.rt.Now(), out); err != nil {
		return err
	}
	times := b.Stamps()
	for i := range times {
		times[i] = o.clock
	}
	return o.of.Process(port, b, out)
}

// Watermark fires everything at the end of the input. Until then event time
// means nothing here.
func (o *processing[K, T, R]) Watermark(at operator.Timestamp, out operator.Outbox) error {
	if at != operator.MaxTimestamp {
		return nil
	}
	o.ended = true
	return o.fire(at, out)
}

// Next is when the first window ends.
func (o *processing[K, T, R]) Next() operator.Timestamp {
	if o.ended {
		return operator.MaxTimestamp
	}
	return o.of.next()
}

// Wake fires the windows that have ended. A clock that was set back stands
// still until it has caught up: a window that has fired must take no records.
func (o *processing[K, T, R]) Wake(now operator.Timestamp, out operator.Outbox) error {
	if o.clock = max(o.clock, now); o.Next() > o.clock {
		return nil
	}
	return o.fire(o.clock, out)
}

func (o *processing[K, T, R]) fire(upto operator.Timestamp, out operator.Outbox) error {
	err := o.of.Watermark(upto, &firing[K, T, R]{o, out})
	o.before = nil // the clock has passed all of it
	return err
}

// firing passes panes on, but for those that have fired before, and notes the
// groups they are of.
type firing[K comparable, T, R any] struct {
	*processing[K, T, R]
	to operator.Outbox
}

func (f *firing[K, T, R]) Emit(port int, b operator.Batch) error {
	panes, ok := b.(*operator.Records[Pane[K, R]])
	if !ok {
		return f.to.Emit(port, b)
	}
	n := 0
	for i, p := range panes.Values {
		if f.note(f.hash(p.Key), panes.Times[i]) {
			panes.Values[n], panes.Times[n] = p, panes.Times[i]
			n++
		}
	}
	clear(panes.Values[n:])
	panes.Values, panes.Times = panes.Values[:n], panes.Times[:n]
	if n == 0 {
		panes.Release()
		return nil
	}
	return f.to.Emit(port, b)
}

// note reports whether a window with the given last instant is to be emitted.
func (f *firing[K, T, R]) note(hash uint64, last operator.Timestamp) bool {
	group := state.GroupOf(hash, uint64(f.rt.State.Groups()))
	i := group - f.rt.State.Range().From
	if f.fired[i] != f.clock {
		f.fired[i] = f.clock
		at, _ := f.table.Update(group, f.groupHash(group))
		*at = f.clock
	}
	return f.before == nil || last >= f.before[i]
}
