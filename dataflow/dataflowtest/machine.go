package dataflowtest

import (
	"errors"
	"fmt"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// machine runs a stage by plain calls, one subtask a step.
type machine struct {
	nodes   []*node // upstream first
	sources []*node
	outputs []*recorder
	now     operator.Timestamp
	trays   []*tray // of the capture under way, by node
}

// node is one step of the stage.
type node struct {
	step    *plan.Step
	op      operator.Operator // nil for ends
	writer  operator.Writer   // nil for others than sinks
	state   *state.Backend
	low     []operator.Timestamp // the watermark of each input port
	reached operator.Timestamp
	to      [][]target // by output port
}

// target is an input port of a node.
type target struct {
	node *node
	port int
}

// image is a checkpoint of a machine.
type image struct {
	vaults []*vault // by node
	low    [][]operator.Timestamp
	now    operator.Timestamp
}

// newMachine makes a machine that goes on from an image, or from nothing.
func newMachine(g *plan.Graph, from *image) (*machine, error) {
	m := &machine{}
	if from != nil {
		m.now = from.now
	}
	for i, s := range g.Steps {
		n, err := m.add(s, i, from)
		if err != nil {
			return nil, fmt.Errorf("step %q: %w", s.Name, err)
		}
		for port, in := range s.Inputs {
			up := m.nodes[in.From]
			up.to[in.Port] = append(up.to[in.Port], target{n, port})
		}
		m.nodes = append(m.nodes, n)
	}
	if len(m.outputs) == 0 {
		return nil, errors.New("the stage expects nothing: pass its streams to Expect")
	}
	return m, nil
}

func (m *machine) add(s *plan.Step, i int, from *image) (*node, error) {
	n := &node{
		step: s, reached: operator.MinTimestamp,
		low: make([]operator.Timestamp, len(s.Inputs)), to: make([][]target, len(s.Outputs)),
	}
	for port := range n.low {
		n.low[port] = operator.MinTimestamp
	}
	var stored state.Restore
	if from != nil {
		copy(n.low, from.low[i])
		stored = from.vaults[i]
	}
	for port, low := range n.low {
		if port == 0 || low < n.reached {
			n.reached = low
		}
	}
	switch {
	case s.Source != nil:
		m.sources = append(m.sources, n)
		return n, nil
	case s.Sink != nil:
		return n, m.output(n)
	}
	n.state = state.NewBackend(state.Config{Step: s.Name, Restore: stored})
	n.op = s.New()
	if o, ok := n.op.(operator.Opener); ok {
		return n, o.Open(m.runtime(n))
	}
	return n, nil
}

func (m *machine) runtime(n *node) *operator.Runtime {
	return &operator.Runtime{
		Step: n.step.Name, Parallelism: 1, State: n.state, Watermark: n.reached,
		Now: func() operator.Timestamp { return m.now }, Count: func(string, int) {},
	}
}

func (m *machine) output(n *node) (err error) {
	if u, ok := n.step.Sink.(interface{ Unwrap() any }); ok {
		if r, ok := u.Unwrap().(interface{ recorder() *recorder }); ok {
			m.outputs = append(m.outputs, r.recorder())
		}
	}
	n.writer, err = n.step.Sink.Open(operator.Place{Step: n.step.Name, Parallelism: 1})
	return err
}

// Emit hands a batch to the consumers of an output port.
func (n *node) Emit(port int, b operator.Batch) error {
	to := n.to[port]
	for i, t := range to {
		each := b
		if i < len(to)-1 {
			each = b.Clone()
		}
		if err := t.node.process(t.port, each); err != nil {
			return err
		}
	}
	if len(to) == 0 {
		b.Release()
	}
	return nil
}

func (n *node) process(port int, b operator.Batch) (err error) {
	if n.writer != nil {
		err = n.writer.Write(b)
	} else {
		err = n.op.Process(port, b, n)
	}
	return n.at(err)
}

// stepError says which step has failed.
type stepError struct {
	step string
	err  error
}

func (e *stepError) Error() string { return fmt.Sprintf("step %q: %v", e.step, e.err) }
func (e *stepError) Unwrap() error { return e.err }

// at wraps an error once, in the step it comes from.
func (n *node) at(err error) error {
	var known *stepError
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &stepError{n.step.Name, err}
}

// watermark lets event time pass at all sources.
func (m *machine) watermark(at operator.Timestamp) error {
	for _, s := range m.sources {
		if err := s.pass(at); err != nil {
			return err
		}
	}
	return nil
}

// pass tells the consumers of all output ports of a watermark.
func (n *node) pass(at operator.Timestamp) error {
	for _, to := range n.to {
		for _, t := range to {
			t.node.low[t.port] = max(t.node.low[t.port], at)
			if err := t.node.rise(); err != nil {
				return err
			}
		}
	}
	return nil
}

// rise acts on the smallest watermark of the inputs if it has risen.
func (n *node) rise() error {
	low := n.low[0]
	for _, l := range n.low {
		low = min(low, l)
	}
	if low <= n.reached {
		return nil
	}
	n.reached = low
	if w, ok := n.op.(operator.Watermarker); ok {
		if err := n.at(w.Watermark(low, n)); err != nil {
			return err
		}
	}
	return n.pass(low)
}

// barrier lets the barrier of a checkpoint pass all steps.
func (m *machine) barrier() error {
	for _, n := range m.nodes {
		if b, ok := n.op.(operator.Barrierer); ok {
			if err := n.at(b.Barrier(n)); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxWakes bounds how often steps are woken while processing time passes.
const maxWakes = 1 << 20

// wait lets processing time pass and wakes steps at the times they ask for.
func (m *machine) wait(d time.Duration) error {
	until := m.now.Add(d)
	for range maxWakes {
		n, at := m.nextAlarm()
		if at > until {
			m.now = until
			return nil
		}
		m.now = max(m.now, at)
		if err := n.at(n.op.(operator.Alarm).Wake(m.now, n)); err != nil {
			return err
		}
	}
	return fmt.Errorf("steps were woken %d times while %v passed", maxWakes, d)
}

func (m *machine) nextAlarm() (first *node, at operator.Timestamp) {
	at = operator.MaxTimestamp
	for _, n := range m.nodes {
		if a, ok := n.op.(operator.Alarm); ok {
			if next := a.Next(); next < at {
				first, at = n, next
			}
		}
	}
	return first, at
}

// end ends the input.
func (m *machine) end() error {
	if err := m.watermark(operator.MaxTimestamp); err != nil {
		return err
	}
	for _, n := range m.nodes {
		if f, ok := n.op.(operator.Finisher); ok {
			if err := n.at(f.Finish(n)); err != nil {
				return err
			}
		}
	}
	return nil
}

// capture begins a checkpoint of all steps.
func (m *machine) capture() error {
	m.trays = make([]*tray, len(m.nodes))
	for i, n := range m.nodes {
		if n.state == nil {
			continue
		}
		m.trays[i] = &tray{}
		if err := n.at(n.state.Capture(m.trays[i], false)); err != nil {
			return err
		}
	}
	return nil
}

// encode writes some more of the checkpoint and reports whether it is whole.
func (m *machine) encode(budget int) (done bool, err error) {
	done = true
	for _, n := range m.nodes {
		if n.state == nil {
			continue
		}
		d, err := n.state.Encode(budget)
		if err != nil {
			return false, n.at(err)
		}
		done = done && d
	}
	return done, nil
}

// finish writes the rest.
func (m *machine) finish() error {
	for {
		if done, err := m.encode(1 << 20); done || err != nil {
			return err
		}
	}
}

// marks is the part of an image that is no state: taken when its capture
// begins.
func (m *machine) marks() *image {
	im := &image{now: m.now}
	for _, n := range m.nodes {
		im.low = append(im.low, append([]operator.Timestamp(nil), n.low...))
	}
	return im
}

// publish completes the capture under way: prev, the image before it, and the
// blocks make the image that im has the marks of.
func (m *machine) publish(prev, im *image) *image {
	for i, n := range m.nodes {
		v := newVault()
		if prev != nil {
			v = prev.vaults[i]
		}
		if n.state != nil {
			v = v.with(m.trays[i].blocks, n.state.Schemas())
			n.state.Complete()
		}
		im.vaults = append(im.vaults, v)
	}
	return im
}

// abort gives the capture under way up.
func (m *machine) abort() {
	for _, n := range m.nodes {
		if n.state != nil {
			n.state.Abort()
		}
	}
}
