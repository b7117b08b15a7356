package window

import (
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// sliding aggregates windows that overlap. The state holds one accumulator
// per key and pane, so a record is one update however many windows it is in;
// the windows are put together from the panes as they fire, by a slider or,
// where the aggregate can subtract, by a running total.
type sliding[K comparable, T, A, R any] struct {
	aggregation[K, T, A, R]
	cells state.Keyed[slot[K], cell[A]]
	line  timeline[K, slider[A]]
	last  *pane[K, slider[A]] // of the record before
	slide slide[A]            // gives access to the panes of at
	at    *member[K, slider[A]]
	who   [1]K // its key, for errors
	look  ahead
}

func newSliding[K comparable, T, A, R any](a aggregation[K, T, A, R]) windower {
	o := &sliding[K, T, A, R]{aggregation: a}
	o.line = newTimeline(a.spec, keeper[K, slider[A]](o))
	o.slide = slide[A]{
		zero: a.agg.Zero, merge: a.agg.Merge, combine: o.combine,
		pane: func(start operator.Timestamp) A { return o.cell(start).Acc },
	}
	return o
}

// of turns to the panes of m.
func (o *sliding[K, T, A, R]) of(m *member[K, slider[A]]) slide[A] {
	o.at, o.who[0] = m, m.key
	return o.slide
}

// cell is a pane of the key at hand, nil if it has none.
func (o *sliding[K, T, A, R]) cell(start operator.Timestamp) *cell[A] {
	return o.cells.Get(slot[K]{o.at.key, start}, subHash(o.at.hash, start))
}

func (o *sliding[K, T, A, R]) Open(rt *operator.Runtime) (err error) {
	o.begin(rt)
	o.line.begin(rt.Watermark)
	o.cells, err = state.Open(rt.State, state.Spec[slot[K], cell[A]]{
		Name: "windows", Hash: slotHash(o.hash),
	})
	if err != nil {
		return err
	}
	o.look.at(o.cells)
	for _, s := range inOrder(o.cells) {
		m := o.line.member(s.Key, o.hash(s.Key))
		m.order = s.order
		o.line.order = max(o.line.order, s.order+1)
		o.line.add(m, o.line.pane(s.Start))
	}
	return nil
}

func (o *sliding[K, T, A, R]) Process(_ int, b operator.Batch, out operator.Outbox) error {
	in := b.(*operator.Keyed[K, T])
	if err := o.apply(in, out); err != nil {
		return err
	}
	in.Release()
	return o.flush(out)
}

func (o *sliding[K, T, A, R]) apply(in *operator.Keyed[K, T], out operator.Outbox) (err error) {
	i := 0
	defer operator.Guard(&err, &i, in.Values)
	for ; i < len(in.Values); i++ {
		p := o.last
		if !p.has(in.Times[i]) {
			if p, err = o.assign(in, i, out); err != nil {
				return err
			} else if p == nil {
				continue
			}
		}
		c, created := o.cells.Update(slot[K]{in.Keys[i], p.start}, subHash(in.Hashes[i], p.start))
		if created {
			m := o.line.member(in.Keys[i], in.Hashes[i])
			c.Acc, c.Order = o.agg.Add(o.agg.Zero(), in.Values[i]), m.order
			o.line.add(m, p)
		} else {
			c.Acc = o.agg.Add(c.Acc, in.Values[i])
		}
		if p.entered {
			if err := o.changed(p, in, i, created, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// assign finds the pane of record i or, if no window takes it any more, emits
// the record as late and returns nil.
func (o *sliding[K, T, A, R]) assign(
	in *operator.Keyed[K, T], i int, out operator.Outbox,
) (*pane[K, slider[A]], error) {
	at := in.Times[i]
	if o.spec.timeless(at) {
		return nil, o.spec.needTime(in.Values[i])
	}
	start := o.spec.start(at)
	if o.spec.gone(o.spec.lastEnd(start), o.watermark) {
		return nil, o.late.add(in.Values[i], at, out)
	}
	o.last = o.line.pane(start)
	return o.last, nil
}

// changed deals with a record that is too late for the first of its windows:
// those of them within the allowance are emitted again.
func (o *sliding[K, T, A, R]) changed(
	p *pane[K, slider[A]], in *operator.Keyed[K, T], i int, created bool, out operator.Outbox,
) error {
	m := o.line.member(in.Keys[i], in.Hashes[i])
	switch {
	case created || o.spec.lastEnd(p.start) <= o.line.fired:
		// already entered, or in no window to come
	case o.agg.Subtract != nil:
		m.x.back = o.agg.Add(m.x.back, in.Values[i])
	case o.agg.Commutative && !m.x.stale:
		m.x.amend(p.start, func(a A) A { return o.agg.Add(a, in.Values[i]) })
	default:
		m.x.stale = true
	}
	var again slider[A]
	g := o.of(m)
	return o.line.again(p.start, o.watermark, func(start, end operator.Timestamp) error {
		if last := end.Add(-o.spec.Slide); len(again.front) == 0 {
			again.stale = true
		} else if o.cell(last) != nil {
			again.push(last, g)
		}
		if again.evict(start) {
			again.unfold(m.within(start, end), g)
		}
		return o.emit(m.key, start, end, again.read(g), out)
	})
}

// Watermark emits the windows whose time has come and forgets panes that no
// window needs any more.
func (o *sliding[K, T, A, R]) Watermark(at operator.Timestamp, out operator.Outbox) error {
	o.watermark, o.last = max(o.watermark, at), nil
	if err := o.advance(out); err != nil {
		return err
	}
	return o.flush(out)
}

func (o *sliding[K, T, A, R]) next() operator.Timestamp {
	if end, ok := o.line.next(); ok {
		return end
	}
	return operator.MaxTimestamp
}

func (o *sliding[K, T, A, R]) advance(out operator.Outbox) (err error) {
	i := 0
	defer operator.Guard(&err, &i, o.who[:])
	return o.line.advance(o.watermark, out)
}

// enter adds a pane to the key's running aggregate.
func (o *sliding[K, T, A, R]) enter(m *member[K, slider[A]], start operator.Timestamp) {
	g := o.of(m)
	if o.agg.Subtract == nil {
		m.x.push(start, g)
		return
	}
	if m.x.in == 0 {
		m.x.back = o.agg.Zero()
	}
	m.x.back = o.agg.Merge(m.x.back, g.pane(start))
	m.x.in++
}

// fire emits one key's window and takes out of the running total the pane
// that the next window will not have.
func (o *sliding[K, T, A, R]) fire(
	m *member[K, slider[A]], start, end operator.Timestamp, out operator.Outbox,
) error {
	g := o.of(m)
	if o.agg.Subtract == nil && m.x.evict(start) {
		m.x.unfold(m.within(start, end), g)
	}
	if err := o.emit(m.key, start, end, m.x.read(g), out); err != nil {
		return err
	}
	if o.spec.lastEnd(m.newest) <= end {
		m.x = slider[A]{}
		return nil
	}
	if o.agg.Subtract != nil {
		if c := o.cell(start); c != nil {
			m.x.back = o.agg.Subtract(m.x.back, c.Acc)
			m.x.in--
		}
	}
	return nil
}

// ahead fetches panes. A window is put together from its panes only now and then.
func (o *sliding[K, T, A, R]) ahead(ms []*member[K, slider[A]], c call, start operator.Timestamp) {
	for _, m := range ms {
		switch {
		case c != callFire || o.agg.Subtract != nil:
			o.look.add(subHash(m.hash, start))
		case m.x.unfolds(start):
			for _, at := range m.panes {
				if at >= start {
					o.look.add(subHash(m.hash, at))
				}
			}
		}
	}
	o.look.fetch()
}

func (o *sliding[K, T, A, R]) expire(m *member[K, slider[A]], start operator.Timestamp) {
	o.cells.Delete(slot[K]{m.key, start}, subHash(m.hash, start))
}
