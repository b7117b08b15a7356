package table

import (
	"encoding/json"
	"testing"

	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

type counts = Update[uint64, int64]

// stage runs one operator, whose output it passes to next.
type stage struct {
	op   operator.Operator
	rt   *operator.Runtime
	next func(b operator.Batch) error
}

func newStage(t testing.TB, op operator.Operator, next func(operator.Batch) error) *stage {
	t.Helper()
	s := &stage{op, &operator.Runtime{State: state.NewBackend(state.Config{Step: "step"})}, next}
	if o, ok := op.(operator.Opener); ok {
		if err := o.Open(s.rt); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *stage) Emit(_ int, b operator.Batch) error { return s.next(b) }

func (s *stage) process(port int) func(operator.Batch) error {
	return func(b operator.Batch) error { return s.op.Process(port, b, s) }
}

func drop(b operator.Batch) error { b.Release(); return nil }

func hashes(t testing.TB) func(uint64) uint64 {
	t.Helper()
	hash, err := codec.HashFor[uint64]()
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// TestNothingIsLeft takes all rows from groups and joins again: no state may
// be left of them, and the rows must add up to none.
func TestNothingIsLeft(t *testing.T) {
	const keys = 1000
	hash := hashes(t)
	rows := map[uint64]int64{}
	joined := newStage(t, NewJoin(operator.NewPool[counts](), both), func(b operator.Batch) error {
		for _, u := range b.(*operator.Records[counts]).Values {
			if rows[u.Key] != u.Before {
				t.Errorf("key %d: before is %d, want %d", u.Key, u.Before, rows[u.Key])
			}
			if rows[u.Key] = u.After; u.Kind == Deleted {
				delete(rows, u.Key)
			}
		}
		return drop(b)
	})
	byKey := operator.NewKeyedPool[uint64, counts]()
	key := newStage(t, operator.KeyBy(byKey, func(u counts) uint64 { return u.Key }, hash),
		joined.process(0))
	groups := newStage(t, NewRegroup[uint64, uint64](operator.NewPool[counts](), sum), key.process(0))
	deal := newStage(t, NewDeal(operator.NewKeyedPool[uint64, counts](), parity, hash), groups.process(0))

	in := operator.NewPool[counts]()
	feed := func(kind ChangeKind, before, after int64) {
		for k := uint64(0); k < keys; {
			b := in.Get()
			for ; k < keys && !b.Full(); k++ {
				b.Append(counts{k, kind, before * int64(k), after * int64(k)}, 0)
			}
			if err := deal.process(0)(b); err != nil {
				t.Fatal(err)
			}
		}
	}
	feed(Inserted, 0, 1)
	feed(Changed, 1, 3) // to the other half of the groups, or not
	if n := groups.rt.State.Entries(); n != groupsN || len(rows) != groupsN {
		t.Errorf("%d groups and %d rows, want %d", n, len(rows), groupsN)
	}
	feed(Deleted, 3, 0)
	if n := groups.rt.State.Entries() + joined.rt.State.Entries(); n != 0 || len(rows) != 0 {
		t.Errorf("%d entries and rows %v are left, want none", n, rows)
	}
}

const groupsN = 7

func parity(_ uint64, v int64) uint64 { return uint64(v) % groupsN }

func both(_ uint64, a, b *int64) (int64, bool) {
	if b != nil {
		return *a - *b, true
	}
	return *a, true
}

var sum = agg.Sum(func(v int64) int64 { return v })

func TestChangeKindText(t *testing.T) {
	text, err := json.Marshal(Update[string, int]{"a", Deleted, 1, 0})
	if want := `{"Key":"a","Kind":"delete","Before":1,"After":0}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v, want %s", text, err, want)
	}
	for _, k := range []ChangeKind{Inserted, Changed, Deleted} {
		text, err := k.MarshalText()
		var back ChangeKind = 9
		if err2 := back.UnmarshalText(text); err != nil || err2 != nil || back != k {
			t.Errorf("%v became %q and %v: %v, %v", k, text, back, err, err2)
		}
	}
	bad := ChangeKind(3)
	if _, err := bad.MarshalText(); err == nil {
		t.Errorf("%v was written", bad)
	}
	if err := bad.UnmarshalText([]byte("upsert")); err == nil {
		t.Error("a kind of change that is none was read")
	}
}

// BenchmarkTables is a record through a fold, a join with its own table and
// groups of that, per record of the input.
func BenchmarkTables(b *testing.B) {
	const keys = 10_000
	hash := hashes(b)
	groups := newStage(b, NewRegroup[uint64, uint64](operator.NewPool[counts](), sum), drop)
	deal := newStage(b, NewDeal(operator.NewKeyedPool[uint64, counts](),
		func(k uint64, _ int64) uint64 { return k % 100 }, hash), groups.process(0))
	join := newStage(b, NewJoin(operator.NewPool[counts](), both), deal.process(0))
	byKey := operator.NewKeyedPool[uint64, counts]()
	key := newStage(b, operator.KeyBy(byKey, func(u counts) uint64 { return u.Key }, hash),
		join.process(0))
	fold := newStage(b, NewFold[uint64](operator.NewPool[counts](), sum), key.process(0))

	in := operator.NewKeyedPool[uint64, int64]()
	var i uint64
	b.ReportAllocs()
	for b.Loop() {
		batch := in.Get()
		for range operator.BatchSize {
			k := i * 0x9e3779b97f4a7c15 >> 32 % keys
			batch.Keys, batch.Hashes = append(batch.Keys, k), append(batch.Hashes, hash(k))
			batch.Values, batch.Times = append(batch.Values, 1), append(batch.Times, 0)
			i++
		}
		if err := fold.process(0)(batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/operator.BatchSize, "ns/record")
}
