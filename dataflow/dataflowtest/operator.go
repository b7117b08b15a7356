package dataflowtest

import (
	"fmt"
	"testing"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// Operator checks a stage: the steps that stage adds to a flow behind the
// stream that it is called with, whose outputs it passes to [Expect]. The
// script is played
//
//   - item by item, each record a batch of its own;
//   - in batches as large as they go;
//   - in both ways with a checkpoint, and a restart from it, between all calls;
//   - with a checkpoint begun before some call and written, a little between
//     each two calls, while later records change the state it has frozen; what
//     it restores must go on from that call as the first run did.
//
// Each of these is a subtest and must give what is expected. Stage is called
// for every run and must build the same steps each time.
func Operator[T any](t *testing.T, script *Script[T], stage func(s dataflow.Stream[T])) {
	t.Helper()
	play(t, script.events, func(g *dataflow.Graph) {
		stage(dataflow.Read(g, "in", input[T]{}))
	})
}

// Operator2 is [Operator] for a stage of two inputs.
func Operator2[A, B any](
	t *testing.T, script *Script2[A, B],
	stage func(left dataflow.Stream[A], right dataflow.Stream[B]),
) {
	t.Helper()
	play(t, script.events, func(g *dataflow.Graph) {
		stage(dataflow.Read(g, "left", input[A]{}), dataflow.Read(g, "right", input[B]{}))
	})
}

func play(t *testing.T, events []event, build func(*dataflow.Graph)) {
	t.Helper()
	p := &player{build: build}
	items, batches := calls(events, false), calls(events, true)
	ways := []struct {
		name string
		play func() error
	}{
		{"item by item", func() error { return p.straight(items) }},
		{"in batches", func() error { return p.straight(batches) }},
		{"item by item with restarts", func() error { return p.restarting(items) }},
		{"in batches with restarts", func() error { return p.restarting(batches) }},
		{"with slow checkpoints", func() error { return p.overlapping(items) }},
	}
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Helper()
			if err := w.play(); err != nil {
				t.Error(err)
			}
		})
	}
}

// player plays calls in one of several ways.
type player struct{ build func(*dataflow.Graph) }

func (p *player) machine(from *image) (*machine, error) {
	g, err := graphOf(p.build)
	if err != nil {
		return nil, err
	}
	return newMachine(g, from)
}

func graphOf(build func(*dataflow.Graph)) (*plan.Graph, error) {
	f := dataflow.Define("stage", dataflow.ExactlyOnce,
		func(g *dataflow.Graph, _ struct{}) { build(g) })
	return f.Build(f.Params())
}

// numbered says at which call an error has happened.
func numbered(i int, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("at call %d: %w", i, err)
}

func verdict(outputs []*recorder) error {
	for _, r := range outputs {
		if d := r.verdict(); d != "" {
			return fmt.Errorf("%s", d)
		}
	}
	return nil
}

// straight plays all calls on one machine.
func (p *player) straight(calls []call) error {
	m, err := p.machine(nil)
	if err != nil {
		return err
	}
	for i, c := range calls {
		if err := c.do(m); err != nil {
			return numbered(i, err)
		}
	}
	return verdict(m.outputs)
}

// restarting plays each call on a machine of its own.
func (p *player) restarting(calls []call) error {
	var last *image
	var outputs []*recorder
	for i, c := range calls {
		m, err := p.machine(last)
		if err != nil {
			return numbered(i, err)
		}
		for n, r := range outputs {
			m.outputs[n].got = r.got
		}
		if err := c.do(m); err != nil {
			return numbered(i, err)
		}
		if last, err = m.checkpoint(last); err != nil {
			return numbered(i, err)
		}
		outputs = m.outputs
	}
	return verdict(outputs)
}

// checkpoint takes a whole one at once.
func (m *machine) checkpoint(prev *image) (*image, error) {
	if err := m.capture(); err != nil {
		return nil, err
	}
	if err := m.finish(); err != nil {
		return nil, err
	}
	return m.publish(prev, m.marks()), nil
}

// maxOverlaps bounds the number of calls at which overlapping begins a
// checkpoint.
const maxOverlaps = 64

func (p *player) overlapping(calls []call) error {
	stride := 1 + len(calls)/maxOverlaps
	for at := 1; at < len(calls); at += stride {
		if err := p.overlap(calls, at); err != nil {
			return fmt.Errorf("checkpoint before call %d: %w", at, err)
		}
	}
	return nil
}

// overlap plays the calls with a checkpoint that begins before the call
// number at, and then plays the rest again from it.
func (p *player) overlap(calls []call, at int) error {
	m, err := p.machine(nil)
	if err != nil {
		return err
	}
	o := &overlap{m: m, at: at}
	for i, c := range calls {
		if err := o.prepare(i); err != nil {
			return numbered(i, err)
		}
		if err := c.do(m); err != nil {
			return numbered(i, err)
		}
	}
	if err := m.finish(); err != nil {
		return err
	}
	if err := verdict(m.outputs); err != nil {
		return err
	}
	return p.replay(m, m.publish(o.base, o.slow), calls, o)
}

// overlap is a run with a checkpoint that takes long, after one that has
// succeeded and one that has failed.
type overlap struct {
	m          *machine
	at         int
	base, slow *image
	before     []int // records of each output until then
}

// prepare does what is to be done before a call.
func (o *overlap) prepare(call int) (err error) {
	switch call {
	case o.at:
		o.before, o.slow = counts(o.m.outputs), o.m.marks()
		return o.m.capture()
	case o.at / 2:
		o.base, err = o.m.checkpoint(nil)
	case o.at * 3 / 4:
		if err = o.m.capture(); err == nil {
			_, err = o.m.encode(1)
		}
		o.m.abort()
	}
	if err == nil && call > o.at {
		_, err = o.m.encode(1)
	}
	return err
}

func counts(outputs []*recorder) []int {
	n := make([]int, len(outputs))
	for i, r := range outputs {
		n[i] = len(r.got)
	}
	return n
}

// replay plays the calls after a slow checkpoint on a machine made from its
// image and compares it with the first run.
func (p *player) replay(first *machine, from *image, calls []call, o *overlap) error {
	m, err := p.machine(from)
	if err != nil {
		return err
	}
	for i, c := range calls[o.at:] {
		if err := c.do(m); err != nil {
			return fmt.Errorf("after the restart: %w", numbered(o.at+i, err))
		}
	}
	for i, r := range m.outputs {
		if d := r.compare(r.got, first.outputs[i].got[o.before[i]:], true); d != "" {
			return fmt.Errorf("after the restart, %s", d)
		}
	}
	return nil
}
