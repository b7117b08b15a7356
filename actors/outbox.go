package actors

import (
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// outbox is a task's end of one edge: it deals records to the edge's channels
// and gathers them into full batches on the way.
type outbox struct {
	task     *task
	edge     *plan.Edge
	channels []*channel       // by downstream subtask; one for a forward edge
	buffers  []operator.Batch // being filled, by channel; nil while empty
	owed     []mark           // watermark to follow the buffer, by channel
	route    []uint16         // key group to channel
	turn     int              // next channel of a rebalance
	partial  bool             // some buffer or watermark waits for its flush
	emitted  int64            // records dealt
	// receivers are the tasks at the channels' ends, by number.
	receivers []int
}

func newOutbox(t *task, e *plan.Edge, groups int, channels []*channel) *outbox {
	o := &outbox{
		task: t, edge: e, channels: channels,
		buffers: make([]operator.Batch, len(channels)), owed: make([]mark, len(channels)),
	}
	if e.Partitioning == plan.Hash {
		o.route = state.Route(len(channels), groups)
	}
	return o
}

// accept deals the records of b.
func (o *outbox) accept(b operator.Batch) error {
	o.task.meter.recordsOut.Add(int64(b.Len()))
	o.emitted += int64(b.Len())
	switch {
	case len(o.channels) == 1:
		return o.gather(0, b)
	case o.edge.Partitioning == plan.Hash:
		return o.scatter(b)
	case o.edge.Partitioning == plan.Broadcast:
		for i := range o.channels[1:] {
			if err := o.gather(i+1, b.Clone()); err != nil {
				return err
			}
		}
		return o.gather(0, b)
	}
	o.turn = (o.turn + 1) % len(o.channels)
	return o.gather(o.turn, b)
}

// gather adds b to a channel's buffer, or sends it as it is when that is at
// least half full, not larger than credits count on, and nothing waits before
// it.
func (o *outbox) gather(i int, b operator.Batch) error {
	most := o.channels[i].most()
	if n := b.Len(); o.buffers[i] == nil && n >= most/2 && n <= most && b.Bytes() <= operator.BatchBytes {
		return o.send(i, b)
	}
	o.partial = true
	for from := 0; from < b.Len(); {
		if o.buffers[i] == nil {
			o.buffers[i] = o.edge.Shape.New()
		}
		next := o.edge.Shape.Copy(o.buffers[i], b, from, most)
		if next < b.Len() || o.buffers[i].Len() >= most {
			if err := o.flush(i); err != nil {
				return err
			}
		}
		from = next
	}
	b.Release()
	return nil
}

// scatter deals records by key group.
func (o *outbox) scatter(b operator.Batch) error {
	for i := range o.buffers {
		if o.buffers[i] == nil {
			o.buffers[i] = o.edge.Shape.New()
		}
	}
	o.partial = true
	for from := 0; from < b.Len(); {
		next, full := o.edge.Shape.Scatter(b, from, o.route, o.buffers)
		if full >= 0 {
			if err := o.flush(full); err != nil {
				return err
			}
			o.buffers[full] = o.edge.Shape.New()
		}
		from = next
	}
	b.Release()
	return o.trim()
}

// trim flushes the buffers that hold as much as their channels take at a time.
func (o *outbox) trim() error {
	for i, b := range o.buffers {
		if b.Len() < o.channels[i].most() {
			continue
		}
		if err := o.flush(i); err != nil {
			return err
		}
	}
	return nil
}

// watermark follows the records that wait in the buffers. It does not flush
// them: a later watermark takes its place, so event time costs no batch size.
func (o *outbox) watermark(at operator.Timestamp) error {
	return o.announce(mark{kind: watermarkMark, at: at})
}

func (o *outbox) announce(m mark) error {
	o.partial = true
	for i := range o.owed {
		o.owed[i] = m
		if o.buffers[i] == nil {
			if err := o.flush(i); err != nil {
				return err
			}
		}
	}
	return nil
}

// mark sends an item behind everything that was emitted before it.
func (o *outbox) mark(m mark) error {
	if err := o.flushAll(); err != nil {
		return err
	}
	for i, c := range o.channels {
		o.announceOwed(i)
		o.task.deliver(c, notice(c.index, m))
	}
	o.partial = false
	return nil
}

func (o *outbox) flushAll() error {
	for i := range o.channels {
		if err := o.flush(i); err != nil {
			return err
		}
	}
	o.partial = false
	for _, m := range o.owed {
		o.partial = o.partial || m.kind != noMark
	}
	return nil
}

// flush sends a channel's buffer and the watermark that follows it, unless the
// receiver has many to process yet: then a later one will do.
func (o *outbox) flush(i int) error {
	if b := o.buffers[i]; b != nil {
		o.buffers[i] = nil
		if err := o.deal(i, b); err != nil {
			return err
		}
	}
	if o.channels[i].marks.Load() < maxMarks {
		o.announceOwed(i)
	}
	return nil
}

// deal sends a buffer, in parts if it holds more than the channel takes at a
// time.
func (o *outbox) deal(i int, b operator.Batch) error {
	n, most := b.Len(), o.channels[i].most()
	if 0 < n && n <= most {
		return o.send(i, b)
	}
	for from := 0; from < n; {
		part := o.edge.Shape.New()
		from = o.edge.Shape.Copy(part, b, from, most)
		if err := o.send(i, part); err != nil {
			return err
		}
	}
	b.Release()
	return nil
}

// announceOwed sends the watermark that a channel is owed, if any.
func (o *outbox) announceOwed(i int) {
	m, c := o.owed[i], o.channels[i]
	if m.kind == noMark {
		return
	}
	o.owed[i] = mark{}
	c.marks.Add(1)
	o.task.deliver(c, notice(c.index, m))
}

// send waits for credit and sends a batch.
func (o *outbox) send(i int, b operator.Batch) error {
	c, bytes := o.channels[i], b.Bytes()
	if !c.tryTake(bytes) {
		if err := o.task.await(c, bytes); err != nil {
			return err
		}
	}
	o.task.meter.bytesOut.Add(int64(bytes))
	c.sent += int64(b.Len())
	o.task.deliver(c, parcel(c.index, b, bytes))
	return nil
}
