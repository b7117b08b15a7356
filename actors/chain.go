package actors

import (
	"fmt"
	"runtime/debug"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// consumer takes what a step emits: the next step of the chain or an edge to
// other tasks.
type consumer interface {
	accept(b operator.Batch) error
	watermark(at operator.Timestamp) error
}

// node is one step inside a task: its operator and where its output goes. It
// is the operator's Outbox and the consumer of the step before it.
type node struct {
	step  *plan.Step
	op    operator.Operator // nil for a source
	sink  operator.Writer   // not nil for a sink
	state *state.Backend
	kind  Kind
	outs  [][]consumer // by output port
	next  []*node      // the chained ones among outs
	meter *meter
}

// accept passes a batch from the step before, always input port 0: only the
// head of a chain has several.
func (n *node) accept(b operator.Batch) error { return n.process(0, b) }

func (n *node) process(port int, b operator.Batch) error {
	if n.sink != nil {
		n.meter.recordsOut.Add(int64(b.Len()))
		return atStep(n.write(b), n.step.Name, n.kind)
	}
	return atStep(n.apply(port, b), n.step.Name, n.kind)
}

func (n *node) apply(port int, b operator.Batch) (err error) {
	defer recovered(&err)
	return n.op.Process(port, b, n)
}

func (n *node) write(b operator.Batch) (err error) {
	defer recovered(&err)
	return n.sink.Write(b)
}

// recovered turns a panic that no operator has turned into an error already
// into one: user code outside a loop over records, or an operator's defect.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = &operator.Panic{Value: v, Stack: debug.Stack()}
	}
}

// Emit hands b to every consumer of a port. All but the last get a copy,
// because an operator owns its batch and may change it in place.
func (n *node) Emit(port int, b operator.Batch) error {
	if port >= len(n.outs) || len(n.outs[port]) == 0 {
		b.Release()
		return nil
	}
	to := n.outs[port]
	for _, c := range to[:len(to)-1] {
		if err := c.accept(b.Clone()); err != nil {
			return err
		}
	}
	return to[len(to)-1].accept(b)
}

// watermark lets the operator act on event time, then passes it on.
func (n *node) watermark(at operator.Timestamp) error {
	if w, ok := n.op.(operator.Watermarker); ok {
		if err := n.guard(func() error { return w.Watermark(at, n) }); err != nil {
			return err
		}
	}
	return n.each(func(c consumer) error { return c.watermark(at) })
}

// barrier lets the operator release what it holds back until a checkpoint.
func (n *node) barrier() error {
	if b, ok := n.op.(operator.Barrierer); ok {
		return n.guard(func() error { return b.Barrier(n) })
	}
	return nil
}

// finish tells the chain, head first, that its input has ended.
func (n *node) finish() error {
	if f, ok := n.op.(operator.Finisher); ok {
		if err := n.guard(func() error { return f.Finish(n) }); err != nil {
			return err
		}
	}
	for _, c := range n.next {
		if err := c.finish(); err != nil {
			return err
		}
	}
	return nil
}

// wake lets operators of the chain act on processing time.
func (n *node) wake(now operator.Timestamp) error {
	if a, ok := n.op.(operator.Alarm); ok && a.Next() <= now {
		if err := n.guard(func() error { return a.Wake(now, n) }); err != nil {
			return err
		}
	}
	for _, c := range n.next {
		if err := c.wake(now); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) guard(f func() error) error {
	return atStep(guarded(f), n.step.Name, n.kind)
}

// guarded calls f, a method of a connector or an operator.
func guarded(f func() error) (err error) {
	defer recovered(&err)
	return f()
}

// each calls f for every consumer once; a consumer of two ports of the step
// hears of a watermark once.
func (n *node) each(f func(consumer) error) error {
	for port, to := range n.outs {
		for _, c := range to {
			if n.seenBefore(c, port) {
				continue
			}
			if err := f(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *node) seenBefore(c consumer, port int) bool {
	for _, to := range n.outs[:port] {
		for _, o := range to {
			if o == c {
				return true
			}
		}
	}
	return false
}

// open makes the operator ready, its state restored.
func (n *node) open(rt *operator.Runtime) error {
	o, ok := n.op.(operator.Opener)
	if !ok {
		return nil
	}
	if err := n.guard(func() error { return o.Open(rt) }); err != nil {
		return fmt.Errorf("open: %w", err)
	}
	return nil
}
