package actors

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/flyball-stream/flyball/actors/progress"
	"github.com/flyball-stream/flyball/actors/snapshot"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// maxOpen is how many splits a source task reads side by side. They take
// turns by event time, so that splits which cover the same time are merged
// rather than read one after the other; the rest wait in the source's order.
const maxOpen = 32

// assigned is a split given to a source task, with where to begin.
type assigned struct {
	split     operator.Split
	offset    []byte // nil for the start
	watermark operator.Timestamp
	done      bool // read to its end already; kept for checkpoints
}

// openSplit is a split being read by a goroutine of its own, which holds at
// most one batch ahead of the task.
type openSplit struct {
	assigned
	progress progress.Bounded
	want     chan *fetched // one empty message: read another batch into it
	ready    *fetched      // read and not yet emitted
	idle     bool
	active   operator.Timestamp // processing time of the last record
	dry      bool               // the latest batch was empty
	// reads is on while the goroutine reads a batch: not when it has delivered, nor
	// when it has not come to what it is asked for.
	reads onset
}

// reading is the half of a task that makes it a source.
type reading struct {
	task *task
	spec *plan.SourceSpec
	open []*openSplit
	wait []assigned // not opened yet, in order
	done []assigned // read to their end
	low  operator.Timestamp
	idle bool
	more bool // splits may still be assigned
	over bool // the end has been announced
	halt bool // the final barrier has passed: emit nothing more
	// meter is what the policy lets the source read.
	meter rateMeter
	batch gate
	ctx   context.Context
	quit  context.CancelFunc
}

func newReading(t *task, spec *plan.SourceSpec, low operator.Timestamp) *reading {
	ctx, quit := context.WithCancel(context.Background())
	return &reading{
		task: t, spec: spec, low: low, more: spec.Source.Grows(), ctx: ctx, quit: quit,
		meter: newRateMeter(), batch: gate{patience: operator.MaxTimestamp},
	}
}

// assign takes more splits to read.
func (r *reading) assign(splits []assigned) error {
	for _, a := range splits {
		if a.done {
			r.done = append(r.done, a)
		} else {
			r.wait = append(r.wait, a)
		}
	}
	if err := r.proceed(); err != nil || r.over {
		return err
	}
	return r.advance() // without a split the source is idle
}

// proceed opens splits while there is room, emits what is ready, and ends the
// stream when nothing is left.
func (r *reading) proceed() error {
	for len(r.wait) > 0 && len(r.open) < maxOpen {
		r.start(r.wait[0])
		r.wait = r.wait[1:]
	}
	for s := r.next(); s != nil && !r.halt && r.admits(); s = r.next() {
		if err := r.emit(s); err != nil {
			return err
		}
	}
	if err := r.batchEnds(); err != nil {
		return err
	}
	if len(r.open) == 0 && len(r.wait) == 0 && !r.more && !r.over && !r.halt {
		return r.end()
	}
	return nil
}

func (r *reading) start(a assigned) {
	s := &openSplit{
		assigned: a, progress: progress.NewBounded(r.spec.Disorder, a.watermark),
		want: make(chan *fetched, 1), active: r.task.env.clock.now(),
	}
	r.open = append(r.open, s)
	s.want <- &fetched{split: s}
	r.task.env.beside(func() { r.read(s) })
}

// read is the goroutine of one split. It ends with the split, with an error,
// or when the task closes.
func (r *reading) read(s *openSplit) {
	send := func(f *fetched) { r.task.env.root.Send(r.task.pid, f) }
	var in operator.Reader
	err := guarded(func() (err error) {
		in, err = r.spec.Source.Open(r.ctx, s.split, s.offset)
		return err
	})
	if err != nil {
		send(&fetched{split: s, err: fmt.Errorf("open: %w", err)})
		return
	}
	defer func() { _ = guarded(in.Close) }() // nothing was written: an error loses nothing
	shape := r.task.head().step.Outputs[0]
	for {
		var f *fetched
		select {
		case f = <-s.want:
		case <-r.ctx.Done():
			return
		}
		f.batch = shape.New()
		s.reads.begin(r.task.env.clock.mono())
		err := r.readBatch(in, f)
		s.reads.end()
		if r.ctx.Err() != nil {
			return
		}
		f.err = err
		send(f)
		if err != nil {
			return
		}
	}
}

// readBatch fills in a batch and the offset behind it. At the end of the split
// it returns io.EOF, with or without records.
func (r *reading) readBatch(in operator.Reader, f *fetched) (err error) {
	defer recovered(&err)
	if err = in.Read(r.ctx, f.batch); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if r.spec.Stamp != nil {
		r.spec.Stamp(f.batch)
	}
	f.offset = in.Offset()
	return err
}

// fetched takes what a split's goroutine has read.
func (r *reading) fetched(f *fetched) error {
	if f.err != nil && !errors.Is(f.err, io.EOF) {
		kind := Source
		var p *operator.Panic
		if errors.As(f.err, &p) {
			kind = User
		}
		return &stepError{r.task.head().step.Name, kind,
			fmt.Errorf("read split %q: %w", f.split.split.ID, f.err)}
	}
	f.split.ready = f
	return r.proceed()
}

// next picks the split to emit from: of those with a batch at hand, the one
// whose event time is furthest behind. A bounded source waits for that split
// rather than let another run ahead of it, unless the split has fallen silent.
func (r *reading) next() *openSplit {
	var best *openSplit
	for _, s := range r.open {
		if s.ready == nil && (s.idle || r.spec.Source.Grows() || !r.spec.EventTime) {
			continue
		}
		if best == nil || s.progress.Watermark() < best.progress.Watermark() {
			best = s
		}
	}
	if best == nil || best.ready == nil {
		return nil
	}
	return best
}

func (r *reading) emit(s *openSplit) error {
	f := s.ready
	b, end := f.batch, f.err != nil
	s.ready, s.offset, s.dry = nil, f.offset, b.Len() == 0
	if !end {
		s.want <- f // it is the reader's again
	}
	if n := b.Len(); n > 0 {
		if r.spec.EventTime {
			s.progress.Observe(b.Stamps())
		}
		s.active, s.idle = r.task.env.clock.now(), false
		r.task.meter.recordsIn.Add(int64(n))
		r.task.reg.batches++
		r.meter.take(n)
		r.batch.take(n, operator.MaxTimestamp)
		if err := r.task.head().Emit(0, b); err != nil {
			return err
		}
		// Waiting for credit is no want of records.
		r.batch.take(0, r.task.env.clock.now().Add(r.task.env.linger))
	} else {
		b.Release()
	}
	if end {
		r.finish(s)
	}
	return r.advance()
}

// finish retires a split that has been read to its end.
func (r *reading) finish(s *openSplit) {
	s.done, s.watermark = true, s.progress.Watermark()
	r.done = append(r.done, s.assigned)
	for i, o := range r.open {
		if o == s {
			r.open = append(r.open[:i], r.open[i+1:]...)
		}
	}
	for len(r.wait) > 0 && len(r.open) < maxOpen {
		r.start(r.wait[0])
		r.wait = r.wait[1:]
	}
}

// advance raises the source's watermark to the minimum over its live splits.
func (r *reading) advance() error {
	if !r.spec.EventTime {
		return nil
	}
	low, live := operator.MaxTimestamp, false
	for _, s := range r.open {
		if !s.idle {
			low, live = min(low, s.progress.Watermark()), true
		}
	}
	idle := !live && len(r.open) > 0 || len(r.open) == 0 && r.more
	if live && low > r.low {
		r.low = low
		r.task.meter.watermark.Store(int64(low))
		if err := r.task.head().watermark(low); err != nil {
			return err
		}
	}
	if idle == r.idle {
		return nil
	}
	r.idle = idle
	m := mark{kind: watermarkMark, at: r.low}
	if idle {
		m.kind = idleMark
	}
	for _, o := range r.task.boxes {
		if err := o.announce(m); err != nil {
			return err
		}
	}
	return nil
}

// end announces the end of input: event time is over.
func (r *reading) end() error {
	r.over = true
	r.low = operator.MaxTimestamp
	r.task.meter.watermark.Store(int64(r.low))
	if err := r.task.head().watermark(r.low); err != nil {
		return err
	}
	return r.task.finish()
}

// tick finds splits that have fallen silent.
func (r *reading) tick(now operator.Timestamp) error {
	if r.meter.resume <= now || r.batch.patience <= now {
		if err := r.proceed(); err != nil {
			return err
		}
	}
	if r.spec.Idle <= 0 || !r.spec.EventTime || r.over {
		return nil
	}
	for _, s := range r.open {
		if s.ready == nil && now >= s.active.Add(r.spec.Idle) {
			s.idle = true
		}
	}
	if err := r.advance(); err != nil {
		return err
	}
	return r.proceed() // with what has waited for the silent ones
}

// inject begins a checkpoint, at the end of the micro-batch if one is open.
func (r *reading) inject(m inject) error {
	if r.batch.open {
		r.batch.injected = append(r.batch.injected, m)
		return r.batchEnds()
	}
	return r.begin(m)
}

// begin begins a checkpoint: the offsets of what has been emitted are the
// source's snapshot, and the barrier follows the last record.
func (r *reading) begin(m inject) error {
	r.halt = r.halt || m.final
	return r.task.snap.capture(m.checkpoint, m.extent, r.offsets())
}

func (r *reading) offsets() []snapshot.SplitOffset {
	step := r.task.head().step.Name
	offsets := make([]snapshot.SplitOffset, 0, len(r.open)+len(r.wait)+len(r.done))
	add := func(a assigned) {
		offsets = append(offsets, snapshot.SplitOffset{
			Step: step, ID: a.split.ID, Payload: a.split.Payload,
			Offset: a.offset, Done: a.done, Watermark: int64(a.watermark),
		})
	}
	for _, s := range r.open {
		s.watermark = s.progress.Watermark()
		add(s.assigned)
	}
	for _, a := range r.wait {
		add(a)
	}
	for _, a := range r.done {
		add(a)
	}
	return offsets
}

// close stops the reading goroutines; the attempt waits for them.
func (r *reading) close() { r.quit() }
