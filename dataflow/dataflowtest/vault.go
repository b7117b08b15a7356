package dataflowtest

import (
	"slices"

	"github.com/flyball-stream/flyball/dataflow/state"
)

// vault stores the checkpoints of one backend as an engine would: a list of
// runs for each state and key group. It is a [state.Restore].
type vault struct {
	schemas map[string]state.Schema
	runs    map[string]map[int][][]state.Block // by state and group
}

func newVault() *vault {
	return &vault{map[string]state.Schema{}, map[string]map[int][][]state.Block{}}
}

// tray collects the blocks of one capture; it is a [state.Sink].
type tray struct{ blocks []state.Block }

func (t *tray) Buffer(int) []byte { return nil }

func (t *tray) Block(b state.Block) { t.blocks = append(t.blocks, b) }

// with returns the vault as it is once a capture is published.
func (v *vault) with(blocks []state.Block, schemas []state.Schema) *vault {
	w := newVault()
	for name, groups := range v.runs {
		w.runs[name] = map[int][][]state.Block{}
		for g, runs := range groups {
			w.runs[name][g] = slices.Clone(runs)
		}
	}
	for _, s := range schemas {
		w.schemas[s.State] = s
	}
	begun := map[string]map[int]bool{}
	for _, b := range blocks {
		if begun[b.State] == nil {
			begun[b.State] = map[int]bool{}
		}
		w.add(b, !begun[b.State][b.Group])
		begun[b.State][b.Group] = true
	}
	return w
}

// add appends a block to its group's last run, or to a new one that takes
// the place of those that it replaces.
func (v *vault) add(b state.Block, first bool) {
	if v.runs[b.State] == nil {
		v.runs[b.State] = map[int][][]state.Block{}
	}
	runs := v.runs[b.State][b.Group]
	if first {
		keep := 0
		if b.Replaces != state.All {
			keep = len(runs) - b.Replaces
		}
		runs = append(runs[:keep:keep], nil)
	}
	last := len(runs) - 1
	runs[last] = append(runs[last], b)
	v.runs[b.State][b.Group] = runs
}

// Schema is the stored schema of a state.
func (v *vault) Schema(name string) (state.Schema, bool) {
	s, ok := v.schemas[name]
	return s, ok
}

// Each calls f for the blocks of a state.
func (v *vault) Each(name string, f func(state.Stored) error) error {
	for g, runs := range v.runs[name] {
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
