package window

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

func processingSpecs() (all []Spec) {
	for _, s := range specs() {
		if s.Lateness == 0 {
			all = append(all, s.ProcessingTime())
		}
	}
	return all
}

// TestProcessingAgainstModel lets a clock pass between records and compares
// what fires with a model whose watermark is the clock and whose records have
// it as their time. One operator is woken in time, one only by records, and
// one is restored between any two calls.
func TestProcessingAgainstModel(t *testing.T) {
	for _, spec := range processingSpecs() {
		t.Run(spec.String(), func(t *testing.T) {
			for seed := range uint64(20) {
				r := rand.New(rand.NewPCG(seed, 3))
				m, clock := modelOf(spec, ids), int64(r.IntN(100)-50)
				woken, slow := aggregated(t, spec, bag()), aggregated(t, spec, bag())
				restored := aggregated(t, spec, bag())
				var owed []string
				for id := range int64(150) {
					clock += []int64{0, 0, 1, 2, 11, 60}[r.IntN(6)]
					due := m.watermark(clock)
					owed = append(owed, due...)
					for _, s := range []*subject{woken, slow, restored} {
						s.host.clock = sec(clock)
					}
					if got := woken.host.wake(); !sameLines(got, due) {
						t.Fatalf("at %d: got %q, want %q", clock, got, due)
					}
					if r.IntN(3) == 0 {
						restored.host.crash(sec(r.Int64N(1000)))
					}
					if got := restored.host.wake(); !sameLines(got, due) {
						t.Fatalf("at %d, restored: got %q, want %q", clock, got, due)
					}
					if r.IntN(3) == 0 {
						continue
					}
					e := event{key: fmt.Sprint("k", r.IntN(5)), at: clock, item: item{ID: id}}
					m.record(e)
					e.at = r.Int64N(1000)
					woken.play([]event{e})
					restored.play([]event{e})
					if got := slow.play([]event{e}); !sameLines(got, owed) {
						t.Fatalf("at %d, with a record: got %q, want %q", clock, got, owed)
					}
					owed = nil
				}
				end := m.watermark(clock + 1000)
				for _, s := range []*subject{woken, restored} {
					finish(t, s, end)
				}
				finish(t, slow, append(owed, end...))
			}
		})
	}
}

// finish ends the input of a subject.
func finish(t *testing.T, s *subject, want []string) {
	t.Helper()
	if got := s.host.watermark(sec(1 << 20)); len(got) > 0 {
		t.Errorf("a watermark fires %q, want nothing", got)
	}
	if got := s.host.watermark(operator.MaxTimestamp); !sameLines(got, want) {
		t.Errorf("at the end: got %q, want %q", got, want)
	}
	if n := s.host.rt.State.Entries(); n > testGroups {
		t.Errorf("%d entries are left at the end, want at most one a key group", n)
	}
	if next := s.host.op.(operator.Alarm).Next(); next != operator.MaxTimestamp {
		t.Errorf("after the end, it wants to be woken at %d", next)
	}
}

// TestProcessingRescale has two subtasks fire at moments of their own, deals
// their key groups to one at a checkpoint, and then to two again.
func TestProcessingRescale(t *testing.T) {
	for _, spec := range processingSpecs() {
		for seed := range uint64(30) {
			r := rand.New(rand.NewPCG(seed, 4))
			m, clock := modelOf(spec, ids), int64(0)
			var got, want []string
			parts := dealt(t, spec, 2, nil)
			for id := range int64(200) {
				clock += int64(r.IntN(3))
				want = append(want, m.watermark(clock)...)
				e := event{key: fmt.Sprint("k", r.IntN(8)), at: clock, item: item{ID: id}}
				m.record(e)
				for _, s := range parts {
					s.host.clock = sec(clock)
					hash := s.hash(e.key)
					if r.IntN(2) == 0 {
						got = append(got, s.host.wake()...)
					}
					if s.host.rt.State.Range().Has(state.GroupOf(hash, testGroups)) {
						got = append(got, s.play([]event{e})...)
					}
				}
				if r.IntN(10) == 0 {
					parts = dealt(t, spec, 3-len(parts), parts)
				}
			}
			want = append(want, m.watermark(clock+1000)...)
			for _, s := range parts {
				got = append(got, s.host.watermark(operator.MaxTimestamp)...)
			}
			if !sameLines(got, want) {
				t.Fatalf("%v, seed %d: got %q, want %q", spec, seed, got, want)
			}
		}
	}
}

// dealt makes n subtasks from the checkpoints of others.
func dealt(t *testing.T, spec Spec, n int, from []*subject) (parts []*subject) {
	t.Helper()
	merged := store{runs: map[string]map[int][][]state.Block{}}
	clock := operator.Timestamp(0)
	for _, s := range from {
		s.host.checkpoint()
		merged.schemas, clock = s.host.store.schemas, s.host.clock
		for name, groups := range s.host.store.runs {
			if merged.runs[name] == nil {
				merged.runs[name] = map[int][][]state.Block{}
			}
			for g, runs := range groups {
				merged.runs[name][g] = slices.Clone(runs)
			}
		}
	}
	for i := range n {
		s := aggregated(t, spec, bag())
		own := state.RangeOf(i, n, testGroups)
		s.host.clock = clock
		s.host.store = store{schemas: merged.schemas, runs: map[string]map[int][][]state.Block{}}
		for name, groups := range merged.runs {
			s.host.store.runs[name] = map[int][][]state.Block{}
			for g, runs := range groups {
				if own.Has(g) {
					s.host.store.runs[name][g] = runs
				}
			}
		}
		s.host.op = s.host.make()
		rt := *s.host.rt
		rt.State = state.NewBackend(state.Config{
			Step: "step", Groups: testGroups, Range: own, Restore: &s.host.store,
		})
		s.host.rt = &rt
		if err := s.host.op.(operator.Opener).Open(&rt); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, s)
	}
	return parts
}

// TestClockSetBack sets the clock back, also while the flow is down: windows
// that have fired take no more records, and nothing is lost.
func TestClockSetBack(t *testing.T) {
	for _, restart := range []bool{false, true} {
		s := counted(t, Sliding(10*time.Second, 5*time.Second).ProcessingTime())
		s.host.clock = sec(9)
		s.host.process(0, s.at("a", 0))
		s.host.clock = sec(12)
		want := []string{"a until 10: 1"}
		if got := s.host.wake(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if restart {
			s.host.crash(operator.MinTimestamp)
		}
		s.host.clock = sec(3)
		if got := append(s.host.process(0, s.at("a", 0)), s.host.wake()...); len(got) > 0 {
			t.Errorf("with the clock back at 3 s: got %q, want nothing", got)
		}
		s.host.clock = sec(100)
		want = []string{"a until 15: 2", "a until 20: 1"}
		if got := s.host.wake(); !slices.Equal(got, want) {
			t.Errorf("restart %v, later: got %q, want %q", restart, got, want)
		}
	}
}

// TestGroupHash checks that what is kept for a key group is stored in it.
func TestGroupHash(t *testing.T) {
	for _, groups := range []int{1, 3, 128, 1000, 1 << 15} {
		o := processing[int, int, int]{rt: &operator.Runtime{
			State: state.NewBackend(state.Config{Groups: groups, Range: state.Range{To: groups}}),
		}}
		for g := range groups {
			if got := state.GroupOf(o.groupHash(g), uint64(groups)); got != g {
				t.Fatalf("of %d groups, the hash of %d is in %d", groups, g, got)
			}
		}
	}
}
