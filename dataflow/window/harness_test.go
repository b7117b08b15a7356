package window

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// store keeps what completed captures wrote, by state and key group.
type store struct {
	schemas []state.Schema
	runs    map[string]map[int][][]state.Block
	fresh   []state.Block
}

func (s *store) Buffer(int) []byte   { return nil }
func (s *store) Block(b state.Block) { s.fresh = append(s.fresh, b) }

// publish makes the blocks of a capture part of the store.
func (s *store) publish(schemas []state.Schema) {
	s.schemas = schemas
	if s.runs == nil {
		s.runs = map[string]map[int][][]state.Block{}
	}
	begun := map[string]bool{}
	for _, b := range s.fresh {
		if s.runs[b.State] == nil {
			s.runs[b.State] = map[int][][]state.Block{}
		}
		runs := s.runs[b.State][b.Group]
		if id := fmt.Sprint(b.State, b.Group); !begun[id] {
			begun[id] = true
			if b.Replaces == state.All {
				runs = nil
			}
			runs = append(slices.Clone(runs[:len(runs)-max(b.Replaces, 0)]), nil)
		}
		last := len(runs) - 1
		runs[last] = append(runs[last], b)
		s.runs[b.State][b.Group] = runs
	}
	s.fresh = nil
}

func (s *store) Schema(name string) (state.Schema, bool) {
	for _, schema := range s.schemas {
		if schema.State == name {
			return schema, true
		}
	}
	return state.Schema{}, false
}

func (s *store) Each(name string, f func(state.Stored) error) error {
	for group, runs := range s.runs[name] {
		for i, run := range runs {
			for _, b := range run {
				if err := f(state.Stored{Group: group, Run: i, Data: b.Data}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// host runs one operator and collects what it emits, printed.
type host struct {
	t       testing.TB
	make    func() operator.Operator
	op      operator.Operator
	rt      *operator.Runtime
	store   store
	print   func(port int, b operator.Batch) []string
	got     []string // of the last call
	count   map[string]int
	discard bool
	clock   operator.Timestamp
}

const testGroups = 4

func newHost(t testing.TB, mk func() operator.Operator) *host {
	h := &host{t: t, make: mk, count: map[string]int{}}
	h.start(operator.MinTimestamp, nil)
	return h
}

func (h *host) start(watermark operator.Timestamp, from state.Restore) {
	h.t.Helper()
	h.op = h.make()
	h.rt = &operator.Runtime{
		Step: "step", Parallelism: 1, Watermark: watermark,
		State: state.NewBackend(state.Config{
			Step: "step", Groups: testGroups, Range: state.Range{To: testGroups}, Restore: from,
		}),
		Count: func(name string, n int) { h.count[name] += n },
		Now:   func() operator.Timestamp { return h.clock },
	}
	if err := h.op.(operator.Opener).Open(h.rt); err != nil {
		h.t.Fatal(err)
	}
}

func (h *host) Emit(port int, b operator.Batch) error {
	if b.Len() == 0 || b.Len() > operator.BatchSize {
		h.t.Errorf("a batch of %d records was emitted, want 1 to %d", b.Len(), operator.BatchSize)
	}
	if !h.discard {
		h.got = append(h.got, h.print(port, b)...)
	}
	b.Release()
	return nil
}

func (h *host) process(port int, b operator.Batch) []string {
	h.t.Helper()
	h.got = nil
	if err := h.op.Process(port, b, h); err != nil {
		h.t.Fatal(err)
	}
	return h.got
}

func (h *host) watermark(at operator.Timestamp) []string {
	h.t.Helper()
	h.got = nil
	if err := h.op.(operator.Watermarker).Watermark(at, h); err != nil {
		h.t.Fatal(err)
	}
	return h.got
}

// wake lets the operator act on the clock, as a task does when it is due.
func (h *host) wake() []string {
	h.t.Helper()
	h.got = nil
	if a := h.op.(operator.Alarm); a.Next() <= h.clock {
		if err := a.Wake(h.clock, h); err != nil {
			h.t.Fatal(err)
		}
		if next := a.Next(); next <= h.clock {
			h.t.Fatalf("woken at %d, it wants to be woken at %d", h.clock, next)
		}
	}
	return h.got
}

// checkpoint saves the state into the store.
func (h *host) checkpoint() {
	h.t.Helper()
	if err := h.rt.State.Capture(&h.store, false); err != nil {
		h.t.Fatal(err)
	}
	for done := false; !done; {
		var err error
		if done, err = h.rt.State.Encode(100); err != nil {
			h.t.Fatal(err)
		}
	}
	h.store.publish(h.rt.State.Schemas())
	h.rt.State.Complete()
}

// crash restores a new operator from the store.
func (h *host) crash(watermark operator.Timestamp) {
	h.t.Helper()
	h.checkpoint()
	h.start(watermark, &h.store)
}

// item is the record that tests aggregate.
type item struct {
	ID int64
	N  int64
}

func hashOf[K comparable](t testing.TB) func(K) uint64 {
	hash, err := codec.HashFor[K]()
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func sec(s int64) operator.Timestamp { return operator.Timestamp(s * int64(time.Second)) }

func seconds(t operator.Timestamp) int64 { return int64(t) / int64(time.Second) }

func paneText[R any](key string, end operator.Timestamp, r R) string {
	return fmt.Sprintf("%s until %d: %v", key, seconds(end), r)
}

func lateText(id int64) string { return fmt.Sprintf("late %d", id) }

// printPanes prints panes of port 0 and late items of port 1.
func printPanes[R any](t testing.TB, spec Spec) func(int, operator.Batch) []string {
	return func(port int, b operator.Batch) (lines []string) {
		switch b := b.(type) {
		case *operator.Records[Pane[string, R]]:
			for i, p := range b.Values {
				end := operator.Timestamp(p.End.UnixNano())
				if b.Times[i] != end-1 {
					t.Errorf("a pane until %v is stamped %v", p.End, b.Times[i].Time())
				}
				if y := p.End.Year(); spec.Size > 0 && y > 1677 && y < 2262 && p.End.Sub(p.Start) != spec.Size {
					t.Errorf("a pane is from %v to %v, want a length of %v", p.Start, p.End, spec.Size)
				}
				lines = append(lines, paneText(p.Key, end, p.Value))
			}
		case *operator.Records[item]:
			for _, v := range b.Values {
				lines = append(lines, lateText(v.ID))
			}
		}
		return lines
	}
}
