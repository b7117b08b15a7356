package dataflow_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
)

// scaled are steps with records for them and what they are to emit.
var scaled = []struct {
	name   string
	fleet  func(t *testing.T) *fleet
	script func(seed uint64) (in []side, want []string)
}{
	{"match", fleetOfMatch, func(seed uint64) ([]side, []string) {
		all := sides(seed)
		want, _ := pairs(all, matched)
		return all, want
	}},
	{"attach", fleetOfAttach, func(seed uint64) ([]side, []string) {
		all := sides(seed)
		want, _ := pairs(all, attached)
		return all, want
	}},
	{"top", fleetOfTop, func(seed uint64) ([]side, []string) {
		all := worths(seed, 200)
		var want []string
		for _, r := range ranking(3, all) {
			want = append(want, fmt.Sprint(r))
		}
		return lefts(all), want
	}},
	{"distinct", fleetOfVisits, func(seed uint64) ([]side, []string) {
		all := clicks(seed, 200)
		return lefts(all), freshness(all)
	}},
}

func fleetOfMatch(t *testing.T) *fleet {
	return fleetOf(t, func(l, r dataflow.Keyed[string, string]) dataflow.Stream[string] {
		return matching(l, r)
	})
}

func fleetOfAttach(t *testing.T) *fleet {
	return fleetOf(t, func(l, r dataflow.Keyed[string, string]) dataflow.Stream[string] {
		return attaching(l, r)
	})
}

func fleetOfTop(t *testing.T) *fleet {
	return fleetOf(t, func(l, _ dataflow.Keyed[string, string]) dataflow.Stream[row] {
		return dataflow.Top(l, "step", 3, higher)
	})
}

func fleetOfVisits(t *testing.T) *fleet {
	return fleetOf(t, func(l, _ dataflow.Keyed[string, string]) dataflow.Stream[string] {
		return dataflow.Process(l, "step", newVisits)
	})
}

// lefts are records of a step's only input.
func lefts(all []string) (in []side) {
	for i, v := range all {
		in = append(in, side{true, v, time.Duration(i)})
	}
	return in
}

// TestRescale goes on from checkpoints with other numbers of subtasks.
func TestRescale(t *testing.T) {
	for _, s := range scaled {
		t.Run(s.name, func(t *testing.T) {
			for seed := range uint64(10) {
				rng := rand.New(rand.NewPCG(seed, 5))
				in, want := s.script(seed)
				f := s.fleet(t)
				for _, r := range in {
					if f.process(r); rng.IntN(8) == 0 {
						f.rescale(1 + rng.IntN(5))
					}
				}
				if !slices.Equal(f.got, want) {
					t.Fatalf("seed %d: got %q, want %q", seed, f.got, want)
				}
			}
		})
	}
}

// checkWrites checks what the next checkpoint writes, in entries.
func (f *fleet) checkWrites(after string, want int) {
	f.t.Helper()
	if got := f.checkpoint(); got != want {
		f.t.Errorf("after %s, a checkpoint writes %d entries, want %d", after, got, want)
	}
}

// TestAttachKeepsTheOne counts entries: those of what waits go when it does.
func TestAttachKeepsTheOne(t *testing.T) {
	f := fleetOfAttach(t)
	check := func(after string, want int) {
		t.Helper()
		if got := f.entries(); got != want {
			t.Errorf("after %s there are %d entries, want %d", after, got, want)
		}
	}
	for i := range 40 {
		f.process(side{false, fmt.Sprint("a", i), 0}, side{false, fmt.Sprint("b", i), 0})
	}
	check("40 records of two keys that wait", 4) // the last few and a full chunk each
	f.process(side{true, "a!", 0}, side{true, "b!", 0})
	check("the one record of both", 2)
	f.checkWrites("the one record of both", 2)
	for i := range 40 {
		f.process(side{false, fmt.Sprint("a", i), 0})
	}
	check("40 more that find it", 2)
	f.checkWrites("40 more that find it", 0)
	if got, want := len(f.got), 120; got != want {
		t.Errorf("got %d pairs, want %d", got, want)
	}
}

// TestMatchWritesWhatGrew checkpoints long lists after few changes.
func TestMatchWritesWhatGrew(t *testing.T) {
	f := fleetOfMatch(t)
	for i := range 1000 {
		f.process(side{i%2 == 0, fmt.Sprint("a", i), 0})
	}
	f.checkpoint()
	f.process(side{true, "a!", 0})
	f.checkWrites("one more of one side", 1)
}

func TestTopWritesWhatRanked(t *testing.T) {
	f := fleetOfTop(t)
	f.process(lefts([]string{"a5", "a6", "a7", "b1", "c1"})...)
	f.checkWrites("records of three keys", 3)
	f.process(lefts([]string{"a1", "a5"})...)
	f.checkWrites("records that do not rank", 0)
	f.process(lefts([]string{"a8", "a9"})...)
	f.checkWrites("records of one key", 1)
}

func TestDistinctWritesWhatIsNew(t *testing.T) {
	f := fleetOfVisits(t)
	for i := range 10 {
		f.process(lefts([]string{fmt.Sprint("a", i), fmt.Sprint("b", i)})...)
	}
	f.checkWrites("ten values of two keys", 20)
	f.process(lefts([]string{"a1", "b2", "a3+", "c1", "c1"})...)
	f.checkWrites("a value in a new class and a new value", 2)
	f.process(lefts([]string{"a1", "a3+", "a3", "c1"})...)
	f.checkWrites("values that were there", 0)
}
