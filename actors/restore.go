package actors

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flyball-stream/flyball/actors/snapshot"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// restored is a checkpoint on its way back into tasks, whose number may be
// another than it was taken with. Without a manifest everything is new.
type restored struct {
	manifest *snapshot.Manifest
	store    *snapshot.Store
	low      map[string]operator.Timestamp
}

// newRestored checks that the graph can go on from the manifest.
func newRestored(
	m *snapshot.Manifest, store *snapshot.Store, g *plan.Graph, dropState bool,
) (*restored, error) {
	r := &restored{manifest: m, store: store, low: map[string]operator.Timestamp{}}
	if m == nil {
		return r, nil
	}
	if int(m.KeyGroups) != g.Groups {
		return nil, fmt.Errorf("restore checkpoint %d: it has %d key groups and the flow has %d; "+
			"the number is fixed for the life of the state", m.ID, m.KeyGroups, g.Groups)
	}
	if lost := r.orphans(g); len(lost) > 0 && !dropState {
		return nil, fmt.Errorf("restore checkpoint %d: it holds the state of %s, which the flow "+
			"no longer has; restore the name of the step, or allow the state to be dropped",
			m.ID, strings.Join(lost, " and "))
	}
	return r, nil
}

// id is the number of the checkpoint, 0 if there is none.
func (r *restored) id() uint64 {
	if r.manifest == nil {
		return 0
	}
	return r.manifest.ID
}

// orphans are the stored states and offsets that no step of g takes.
func (r *restored) orphans(g *plan.Graph) []string {
	var lost []string
	miss := func(step string) {
		name := fmt.Sprintf("step %q", step)
		if g.Step(step) == nil && !slices.Contains(lost, name) {
			lost = append(lost, name)
		}
	}
	for _, t := range r.manifest.Tasks {
		for _, s := range t.States {
			miss(s.Step)
		}
		for _, s := range t.Splits {
			miss(s.Step)
		}
		for _, c := range t.Commits {
			miss(c.Step)
		}
	}
	return lost
}

// watermark is the lowest that any old subtask of the step had reached.
func (r *restored) watermark(step string) operator.Timestamp {
	low, found := operator.MaxTimestamp, false
	if r.manifest == nil {
		return operator.MinTimestamp
	}
	for _, t := range r.manifest.Tasks {
		if slices.Contains(t.Steps, step) {
			low, found = min(low, operator.Timestamp(t.Watermark)), true
		}
	}
	if !found {
		return operator.MinTimestamp
	}
	return low
}

// splits are the offsets of a source. Each task has listed its splits in the
// order in which it reads them, and was dealt them in turn; taking one of each
// task at a time is therefore the source's own order, in which those that wait
// are to be opened.
func (r *restored) splits(step string) []snapshot.SplitOffset {
	var splits []snapshot.SplitOffset
	if r.manifest == nil {
		return nil
	}
	for more, i := true, 0; more; i++ {
		more = false
		for _, t := range r.manifest.Tasks {
			if i < len(t.Splits) && t.Splits[i].Step == step {
				splits, more = append(splits, t.Splits[i]), true
			}
		}
	}
	return splits
}

// step is the stored state of one step, as far as it lies in a range of key
// groups.
func (r *restored) step(name string, groups state.Range) *storedStep {
	s := &storedStep{store: r.store, step: name, schemas: map[string]state.Schema{}, runs: chains{}}
	if r.manifest == nil {
		return s
	}
	for _, t := range r.manifest.Tasks {
		for _, st := range t.States {
			if st.Step == name {
				s.add(st, groups)
			}
		}
	}
	return s
}

// storedStep gives a backend the blocks of its step; it is a [state.Restore].
type storedStep struct {
	store   *snapshot.Store
	step    string
	schemas map[string]state.Schema
	runs    chains
}

func (s *storedStep) add(st snapshot.StateSnapshot, groups state.Range) {
	s.schemas[st.State] = state.Schema{State: st.State, Key: st.KeySchema, Value: st.ValueSchema}
	for _, ref := range st.Segments {
		if !groups.Has(int(ref.KeyGroup)) {
			continue
		}
		k := chainKey{s.step, st.State, int(ref.KeyGroup)}
		s.runs[k] = grow(s.runs[k], writtenBlock{ref: ref})
	}
}

// Schema returns the stored schema of a state.
func (s *storedStep) Schema(name string) (state.Schema, bool) {
	sc, ok := s.schemas[name]
	return sc, ok
}

// Each reads the blocks of a state, group by group.
func (s *storedStep) Each(name string, f func(state.Stored) error) error {
	var buf []byte
	for _, k := range s.runs.keys(name) {
		for i, run := range s.runs[k] {
			for _, ref := range run.refs {
				var err error
				if buf, err = s.store.Read(ref, buf[:0]); err != nil {
					return err
				}
				if err := f(state.Stored{Group: k.group, Run: i, Data: buf}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// chains is what the restored state consists of on disk.
func (s *storedStep) chains() chains { return s.runs }

// unopened is the name of a stored state that is not among the opened ones.
func (s *storedStep) unopened(opened []state.Schema) string {
	for name := range s.schemas {
		if !slices.ContainsFunc(opened, func(o state.Schema) bool { return o.State == name }) {
			return name
		}
	}
	return ""
}

// finished reports whether the flow has read its input to the end and
// committed its last output: there is nothing left to run.
func (r *restored) finished() bool { return r.manifest != nil && r.manifest.Final }

// settleSinks commits, once more, what the restored checkpoint has promised,
// then lets every sink remove what nobody promised.
func (r *restored) settleSinks(g *plan.Graph, fault func(string)) error {
	if r.manifest != nil {
		for _, t := range r.manifest.Tasks {
			fault(faultRecommit)
			if err := commitAll(g, t.Commits, r.manifest.ID); err != nil {
				return err
			}
		}
	}
	for _, s := range g.Steps {
		if s.Sink == nil {
			continue
		}
		fault(faultRecover)
		if err := guarded(s.Sink.Recover); err != nil {
			return &TaskError{Flow: g.Flow, Step: s.Name, Kind: Sink,
				Err: fmt.Errorf("recover sink: %w", err)}
		}
		fault(faultRecovered)
	}
	return nil
}

func commitAll(g *plan.Graph, commits []snapshot.PendingCommit, id uint64) error {
	for _, c := range commits {
		s := g.Step(c.Step)
		if s == nil || s.Sink == nil {
			continue // dropped with its step, as the configuration allows
		}
		if err := guarded(func() error { return s.Sink.Commit(c.Token) }); err != nil {
			return &TaskError{Flow: g.Flow, Step: c.Step, Subtask: c.Subtask, Kind: Sink,
				Err: fmt.Errorf("commit checkpoint %d again: %w", id, err)}
		}
	}
	return nil
}
