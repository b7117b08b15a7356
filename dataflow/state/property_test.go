package state

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

// durable is a checkpoint store in miniature: the runs of every group, as
// completed captures have left them.
type durable struct {
	schema Schema
	runs   map[int][][]Block
}

func (d *durable) publish(blocks []Block) {
	if d.runs == nil {
		d.runs = map[int][][]Block{}
	}
	byGroup := map[int][]Block{}
	for _, b := range blocks {
		byGroup[b.Group] = append(byGroup[b.Group], b)
	}
	for g, run := range byGroup {
		keep := d.runs[g]
		if n := run[0].Replaces; n == All {
			keep = nil
		} else {
			keep = keep[:len(keep)-n]
		}
		d.runs[g] = append(slices.Clone(keep), run)
	}
}

func (d *durable) Schema(state string) (Schema, bool) {
	return d.schema, d.schema.State == state
}

func (d *durable) Each(_ string, f func(Stored) error) error {
	for g, runs := range d.runs {
		for i, run := range runs {
			for _, b := range run {
				if err := f(Stored{Group: g, Run: i, Data: b.Data}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// tray collects the blocks of one capture.
type tray struct{ blocks []Block }

func (t *tray) Buffer(int) []byte { return nil }
func (t *tray) Block(b Block)     { t.blocks = append(t.blocks, b) }

// kind of value under test: how to change one in place and how to copy one.
type mutable[V any] struct {
	change func(v *V, r *rand.Rand)
	clone  func(V) V
}

type shared struct {
	N    int64
	List []int32
	Map  map[string]int64
	Next *shared
}

func sharedValues() mutable[shared] {
	var clone func(s shared) shared
	clone = func(s shared) shared {
		s.List, s.Map = slices.Clone(s.List), maps.Clone(s.Map)
		if s.Next != nil {
			next := clone(*s.Next)
			s.Next = &next
		}
		return s
	}
	var change func(s *shared, r *rand.Rand)
	change = func(s *shared, r *rand.Rand) {
		s.N++
		switch r.IntN(5) {
		case 0:
			s.List = append(s.List, int32(r.IntN(100)))
		case 1:
			if len(s.List) > 0 {
				s.List[r.IntN(len(s.List))]++
			}
		case 2:
			if s.Map == nil {
				s.Map = map[string]int64{}
			}
			s.Map[fmt.Sprint(r.IntN(4))]++
		case 3:
			clear(s.Map)
		case 4:
			if s.Next == nil {
				s.Next = &shared{}
			} else {
				change(s.Next, r)
			}
		}
	}
	return mutable[shared]{change, clone}
}

func plainValues() mutable[int64] {
	return mutable[int64]{
		func(v *int64, r *rand.Rand) { *v = *v*31 + r.Int64N(1000) },
		func(v int64) int64 { return v },
	}
}

// trial drives one table next to a map that says what it must hold.
type trial[V any] struct {
	t      *testing.T
	r      *rand.Rand
	v      mutable[V]
	keys   int
	groups int

	b     *Backend
	table Keyed[uint16, V]
	hash  func(uint16) uint64
	want  map[uint16]V

	store  durable
	saved  map[uint16]V // what the store holds
	frozen map[uint16]V // what the running capture is to save; nil without one
	into   *tray
	stats  map[string]int
}

func newTrial[V any](t *testing.T, seed uint64, v mutable[V]) *trial[V] {
	hash, err := codec.HashFor[uint16]()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 7))
	x := &trial[V]{
		t: t, r: r, v: v, hash: hash, keys: 1 << r.IntN(11), groups: 1 + r.IntN(4),
		want: map[uint16]V{}, saved: map[uint16]V{}, stats: map[string]int{},
	}
	x.b, x.table = x.open(Range{0, x.groups}, nil)
	return x
}

func (x *trial[V]) open(in Range, from Restore) (*Backend, Keyed[uint16, V]) {
	x.t.Helper()
	b := NewBackend(Config{Step: "step", Groups: x.groups, Range: in, Restore: from})
	table, err := Open(b, Spec[uint16, V]{Name: "table"})
	if err != nil {
		x.t.Fatal(err)
	}
	return b, table
}

func (x *trial[V]) copyOf(m map[uint16]V) map[uint16]V {
	c := make(map[uint16]V, len(m))
	for k, v := range m {
		c[k] = x.v.clone(v)
	}
	return c
}

// update changes the table and the model by the same random steps.
func (x *trial[V]) update(k uint16) {
	v, created := x.table.Update(k, x.hash(k))
	w, was := x.want[k]
	if created == was {
		x.t.Fatalf("update %d: created %v, but the model had it: %v", k, created, was)
	}
	seed := x.r.Uint64()
	x.v.change(v, rand.New(rand.NewPCG(seed, 1)))
	w = x.v.clone(w)
	x.v.change(&w, rand.New(rand.NewPCG(seed, 1)))
	x.want[k] = w
}

func (x *trial[V]) delete(k uint16) {
	_, was := x.want[k]
	if got := x.table.Delete(k, x.hash(k)); got != was {
		x.t.Fatalf("delete %d: got %v, want %v", k, got, was)
	}
	delete(x.want, k)
}

// sweep deletes some of all entries while ranging over them.
func (x *trial[V]) sweep() {
	x.table.Range(func(k uint16, _ *V) bool {
		if x.r.IntN(3) == 0 {
			x.delete(k)
		}
		return x.r.IntN(50) > 0
	})
}

func (x *trial[V]) capture() {
	full := x.r.IntN(20) == 0
	x.into = &tray{}
	if err := x.b.Capture(x.into, full); err != nil {
		x.t.Fatal(err)
	}
	if x.b.Capture(x.into, full) == nil {
		x.t.Fatal("a second capture began while one was running")
	}
	x.frozen = x.copyOf(x.want)
}

func (x *trial[V]) encode(budget int) bool {
	done, err := x.b.Encode(budget)
	if err != nil {
		x.t.Fatal(err)
	}
	return done
}

func (x *trial[V]) complete() {
	for !x.encode(1 + x.r.IntN(50)) {
		x.mutate()
	}
	x.mutate() // between the last block and the news that it is durable
	for _, b := range x.into.blocks {
		x.stats[fmt.Sprintf("replaces %d", min(b.Replaces, 1))]++
	}
	x.store.publish(x.into.blocks)
	x.store.schema = x.b.Schemas()[0]
	x.b.Complete()
	x.saved, x.frozen = x.frozen, nil
	x.account()
}

// account compares what the runs' counts say of entries that are still as they
// were stored with the entries.
func (x *trial[V]) account() {
	m := x.table.(*memory[uint16, V])
	for i := range m.groups {
		g := &m.groups[i]
		upto := g.stored
		for n := len(g.runs) - 1; n >= 0; n-- {
			r := g.runs[n]
			if r.tier == restored {
				break // of another process
			}
			same := 0
			for j := range g.entries {
				if e := &g.entries[j]; e.live() && e.changed > r.since && e.changed <= upto {
					same++
				}
			}
			if same != r.puts-r.outdated {
				x.t.Fatalf("group %d, run %d of %d: %d entries less %d out of date; want %d",
					g.number, n, len(g.runs), r.puts, r.outdated, same)
			}
			upto = r.since
		}
	}
}

func (x *trial[V]) abort() {
	x.b.Abort()
	x.frozen = nil
	x.stats["abort"]++
}

// restore replaces the table with what the store holds: a crash.
func (x *trial[V]) restore() {
	if x.store.schema.State == "" {
		return
	}
	x.b, x.table = x.open(Range{0, x.groups}, &x.store)
	x.want, x.frozen = x.copyOf(x.saved), nil
	x.check(x.table, x.want)
	x.rescaled()
	x.stats["restore"]++
}

// rescaled restores the same store into two halves.
func (x *trial[V]) rescaled() {
	n := 0
	for s := range 2 {
		in := RangeOf(s, 2, x.groups)
		_, table := x.open(in, &x.store)
		n += table.Len()
		table.Range(func(k uint16, _ *V) bool {
			if g := GroupOf(x.hash(k), uint64(x.groups)); !in.Has(g) {
				x.t.Fatalf("key %d of group %d is in the table of groups %v", k, g, in)
			}
			return true
		})
	}
	if n != len(x.saved) {
		x.t.Fatalf("two halves hold %d entries, want %d", n, len(x.saved))
	}
}

func (x *trial[V]) check(table Keyed[uint16, V], want map[uint16]V) {
	x.t.Helper()
	if table.Len() != len(want) {
		x.t.Fatalf("table has %d entries, want %d", table.Len(), len(want))
	}
	seen := map[uint16]bool{}
	table.Range(func(k uint16, v *V) bool {
		if got, want := fmt.Sprintf("%+v", flat(*v)), fmt.Sprintf("%+v", flat(want[k])); got != want {
			x.t.Fatalf("key %d: got %s, want %s", k, got, want)
		}
		seen[k] = true
		return true
	})
	for k := range want {
		if v := table.Get(k, x.hash(k)); v == nil || !seen[k] {
			x.t.Fatalf("key %d: got %v from Get and %v from Range, want it", k, v, seen[k])
		}
	}
}

// flat prints chains of pointers by their content; an empty list or map is
// as good as none.
func flat(v any) any {
	s, ok := v.(shared)
	if !ok {
		return v
	}
	text := fmt.Sprint(s.N, s.List, s.Map)
	if s.Next != nil {
		text += fmt.Sprint(flat(*s.Next))
	}
	return text
}

func (x *trial[V]) mutate() {
	for range x.r.IntN(20) {
		k := uint16(x.r.IntN(x.keys))
		switch n := x.r.IntN(100); {
		case n < 60:
			x.update(k)
		case n < 90:
			x.delete(k)
		case n < 99:
			_, was := x.want[k]
			if got := x.table.Get(k, x.hash(k)); (got != nil) != was {
				x.t.Fatalf("get %d: got %v, want presence %v", k, got, was)
			}
		default:
			x.sweep()
		}
	}
}

func (x *trial[V]) step() {
	x.mutate()
	switch n := x.r.IntN(100); {
	case x.frozen == nil && n < 50:
		x.capture()
	case x.frozen != nil && n < 30:
		x.encode(1 + x.r.IntN(10))
	case x.frozen != nil && n < 70:
		x.complete()
	case x.frozen != nil && n < 75:
		x.abort()
	case n == 99:
		x.restore()
	case n == 98:
		x.check(x.table, x.want)
	}
}

func runTrials[V any](t *testing.T, seeds, steps int, v mutable[V]) {
	stats, seed := map[string]int{}, uint64(0)
	defer func() {
		if t.Failed() {
			t.Logf("the last seed was %d", seed)
		}
	}()
	for ; seed < uint64(seeds); seed++ {
		x := newTrial(t, seed, v)
		for range steps {
			x.step()
		}
		x.check(x.table, x.want)
		x.restore()
		for k, n := range x.stats {
			stats[k] += n
		}
	}
	for _, k := range []string{"replaces -1", "replaces 0", "replaces 1", "abort", "restore"} {
		if stats[k] < 10 {
			t.Errorf("the trials saw %q %d times, want it tried", k, stats[k])
		}
	}
}

// TestTableAgainstModel takes tables through random changes, captures,
// aborts, completions and restores and compares them with a map.
func TestTableAgainstModel(t *testing.T) {
	t.Run("plain", func(t *testing.T) { runTrials(t, 30, 1000, plainValues()) })
	t.Run("shared", func(t *testing.T) { runTrials(t, 20, 700, sharedValues()) })
}
