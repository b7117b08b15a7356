package dataflow_test

import (
	"fmt"
	"testing"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// openedStep is the operator of the step that build calls "step", one subtask of
// which has the state of b.
func openedStep(t testing.TB, b *state.Backend, build func(g *dataflow.Graph)) operator.Operator {
	t.Helper()
	f := dataflow.Define("flow", dataflow.ExactlyOnce,
		func(g *dataflow.Graph, _ struct{}) { build(g) })
	g, err := f.Build(f.Params())
	if err != nil {
		t.Fatal(err)
	}
	op := g.Step("step").New()
	o, ok := op.(operator.Opener)
	if !ok {
		return op
	}
	err = o.Open(&operator.Runtime{
		Step: "step", Parallelism: 1, State: b, Watermark: operator.MinTimestamp,
		Now: func() operator.Timestamp { return 0 }, Count: func(string, int) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	return op
}

// stored is what the checkpoints of a step hold: the runs of each state and
// key group. It is the [state.Restore] of subtasks and, while they are
// captured, their [state.Sink].
type stored struct {
	schemas map[string]state.Schema
	runs    map[string]map[int][][]state.Block
	fresh   []state.Block
}

func (s *stored) Buffer(int) []byte { return nil }

func (s *stored) Block(b state.Block) { s.fresh = append(s.fresh, b) }

func (s *stored) Schema(name string) (state.Schema, bool) {
	schema, ok := s.schemas[name]
	return schema, ok
}

func (s *stored) Each(name string, f func(state.Stored) error) error {
	for g, runs := range s.runs[name] {
		for i, run := range runs {
			for _, b := range run {
				if err := f(state.Stored{Group: g, Run: i, Data: b.Data}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// take adds a checkpoint of a subtask and returns how many entries it wrote.
func (s *stored) take(t testing.TB, b *state.Backend) (entries int) {
	t.Helper()
	if s.fresh = nil; s.runs == nil {
		s.schemas, s.runs = map[string]state.Schema{}, map[string]map[int][][]state.Block{}
	}
	if err := b.Capture(s, false); err != nil {
		t.Fatal(err)
	}
	for done, err := false, error(nil); !done; {
		if done, err = b.Encode(1 << 20); err != nil {
			t.Fatal(err)
		}
	}
	for _, schema := range b.Schemas() {
		s.schemas[schema.State] = schema
	}
	begun := map[string]bool{}
	for _, blk := range s.fresh {
		run := fmt.Sprint(blk.State, blk.Group)
		s.add(blk, !begun[run])
		begun[run] = true
		entries += blk.Entries
	}
	b.Complete()
	return entries
}

// add appends a block to its group's last run, or to a new one that takes the
// place of those that it replaces.
func (s *stored) add(b state.Block, first bool) {
	if s.runs[b.State] == nil {
		s.runs[b.State] = map[int][][]state.Block{}
	}
	runs := s.runs[b.State][b.Group]
	if first {
		keep := 0
		if b.Replaces != state.All {
			keep = len(runs) - b.Replaces
		}
		runs = append(runs[:keep:keep], nil)
	}
	last := len(runs) - 1
	runs[last] = append(runs[last], b)
	s.runs[b.State][b.Group] = runs
}

// fleet is all subtasks of a step of keyed strings, whose number may change
// at a checkpoint. What they emit is kept as text, in order.
type fleet struct {
	t     *testing.T
	build func(*dataflow.Graph)
	text  func(operator.Batch) []string
	hash  func(string) uint64
	pool  *operator.KeyedPool[string, string]
	tasks []subtask
	store stored
	got   []string
}

type subtask struct {
	op operator.Operator
	b  *state.Backend
}

const fleetGroups = 16

// fleetOf starts a subtask of the step "step" that stage makes of two inputs,
// of which it may leave the right one.
func fleetOf[U any](
	t *testing.T, stage func(l, r dataflow.Keyed[string, string]) dataflow.Stream[U],
) *fleet {
	t.Helper()
	hash, err := codec.HashFor[string]()
	if err != nil {
		t.Fatal(err)
	}
	f := &fleet{t: t, hash: hash, pool: operator.NewKeyedPool[string, string]()}
	f.build = func(g *dataflow.Graph) {
		l := dataflowtest.FromSlice(g, "left", []string{""})
		r := dataflowtest.FromSlice(g, "right", []string{""})
		stage(dataflow.KeyBy(l, "lefts", first), dataflow.KeyBy(r, "rights", first))
	}
	f.text = func(b operator.Batch) (lines []string) {
		for _, u := range b.(*operator.Records[U]).Values {
			lines = append(lines, fmt.Sprint(u))
		}
		return lines
	}
	f.start(1)
	return f
}

// start deals the key groups of the last checkpoint to n subtasks.
func (f *fleet) start(n int) {
	f.t.Helper()
	f.tasks = nil
	for i := range n {
		cfg := state.Config{
			Step: "step", Groups: fleetGroups, Range: state.RangeOf(i, n, fleetGroups),
			Restore: &f.store,
		}
		b := state.NewBackend(cfg)
		f.tasks = append(f.tasks, subtask{openedStep(f.t, b, f.build), b})
	}
}

// rescale takes a checkpoint and goes on from it with n subtasks.
func (f *fleet) rescale(n int) {
	f.t.Helper()
	f.checkpoint()
	f.start(n)
}

// checkpoint returns how many entries it wrote.
func (f *fleet) checkpoint() (entries int) {
	f.t.Helper()
	for _, s := range f.tasks {
		entries += f.store.take(f.t, s.b)
	}
	return entries
}

// entries is how many entries the subtasks hold.
func (f *fleet) entries() (n int) {
	for _, s := range f.tasks {
		n += s.b.Entries()
	}
	return n
}

// process passes records to the subtasks of their keys.
func (f *fleet) process(all ...side) {
	f.t.Helper()
	for _, r := range all {
		key, port := first(r.v), 1
		if r.left {
			port = 0
		}
		in := f.pool.Get()
		in.Keys, in.Hashes = append(in.Keys, key), append(in.Hashes, f.hash(key))
		in.Values, in.Times = append(in.Values, r.v), append(in.Times, operator.Timestamp(r.at))
		group := state.GroupOf(f.hash(key), fleetGroups)
		for _, s := range f.tasks {
			if !s.b.Range().Has(group) {
				continue
			}
			if err := s.op.Process(port, in, f); err != nil {
				f.t.Fatal(err)
			}
		}
	}
}

// Emit takes what a subtask emits.
func (f *fleet) Emit(_ int, b operator.Batch) error {
	f.got = append(f.got, f.text(b)...)
	b.Release()
	return nil
}
