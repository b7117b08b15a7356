package dataflow_test

import (
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// feed passes batches of numbers keyed by numbers to a step.
type feed struct {
	t    testing.TB
	op   operator.Operator
	pool *operator.KeyedPool[int64, int64]
	hash func(int64) uint64
}

type numbers = dataflow.Keyed[int64, int64]

// feedOf opens the step "step" that stage makes of two inputs.
func feedOf(t testing.TB, stage func(l, r numbers)) *feed {
	t.Helper()
	hash, err := codec.HashFor[int64]()
	if err != nil {
		t.Fatal(err)
	}
	self := func(v int64) int64 { return v }
	op := openedStep(t, state.NewBackend(state.Config{Step: "step"}), func(g *dataflow.Graph) {
		l := dataflowtest.FromSlice(g, "left", []int64{0})
		r := dataflowtest.FromSlice(g, "right", []int64{0})
		stage(dataflow.KeyBy(l, "lefts", self), dataflow.KeyBy(r, "rights", self))
	})
	return &feed{t, op, operator.NewKeyedPool[int64, int64](), hash}
}

// batch passes one batch, of the records that next makes.
func (f *feed) batch(port int, next func() (key, value int64)) {
	in := f.pool.Get()
	for range operator.BatchSize {
		k, v := next()
		in.Keys, in.Hashes = append(in.Keys, k), append(in.Hashes, f.hash(k))
		in.Values, in.Times = append(in.Values, v), append(in.Times, 0)
	}
	if err := f.op.Process(port, in, nothing{}); err != nil {
		f.t.Fatal(err)
	}
}

const benchKeys = 100_000

// anyKey is the i-th of a sequence of keys without much order.
func anyKey(i int64) int64 { return i * 7919 % benchKeys }

func sum(k, a, b int64) int64 { return k + a + b }

// feedOfAttach has the one record of every key there.
func feedOfAttach(t testing.TB, opts ...dataflow.JoinOption) *feed {
	f, i := feedOf(t, func(l, r numbers) { dataflow.Attach(l, "step", r, sum, opts...) }), int64(0)
	for i < benchKeys {
		f.batch(0, func() (int64, int64) { i++; return i % benchKeys, i })
	}
	return f
}

// filterMapped is a FilterMap and what passes a batch to it, of whose records
// every other one stays.
func filterMapped(t testing.TB) (batch func()) {
	op := openedStep(t, nil, func(g *dataflow.Graph) {
		dataflow.FilterMap(dataflowtest.FromSlice(g, "in", []int64{0}), "step",
			func(v int64) (int64, bool) { return v + 1, v&1 == 0 })
	})
	pool, i := operator.NewPool[int64](), int64(0)
	return func() {
		in := pool.Get()
		for range operator.BatchSize {
			in.Append(i, 0)
			i++
		}
		if err := op.Process(0, in, nothing{}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNoAllocationPerRecord allows for the few allocations of a new batch,
// which pools make now and then.
func TestNoAllocationPerRecord(t *testing.T) {
	i := int64(0)
	next := func() (int64, int64) { i++; return anyKey(i), i }
	again := func() (int64, int64) { i++; return anyKey(i), anyKey(i) }
	attach, distinct := feedOfAttach(t), feedOfSeen(t)
	lasting := feedOfAttach(t, dataflow.TTL(time.Hour))
	top := feedOfTop(t)
	for name, batch := range map[string]func(){
		"filter-map":       filterMapped(t),
		"attach":           func() { attach.batch(1, next) },
		"attach with TTL":  func() { lasting.batch(1, next) },
		"distinct, seen":   func() { distinct.batch(0, again) },
		"top, all ranking": func() { top.batch(0, func() (int64, int64) { i++; return i % 100, i }) },
	} {
		for range 20 { // until there is a batch to use again, and n records rank
			batch()
		}
		const most = 16
		if n := testing.AllocsPerRun(50, batch); n > most {
			t.Errorf("%s: %v allocations a batch of %d records, want at most %d",
				name, n, operator.BatchSize, most)
		}
	}
}

// loop measures batches.
func loop(b *testing.B, batch func()) {
	b.ReportAllocs()
	for b.Loop() {
		batch()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/operator.BatchSize, "ns/record")
}

func BenchmarkFilterMap(b *testing.B) { loop(b, filterMapped(b)) }

// BenchmarkAttach has records find the one of their key, or wait for it: four
// of a key, and then the one.
func BenchmarkAttach(b *testing.B) {
	for name, opts := range map[string][]dataflow.JoinOption{
		"there": nil, "there,ttl": {dataflow.TTL(time.Hour)},
	} {
		b.Run(name, func(b *testing.B) {
			f, i := feedOfAttach(b, opts...), int64(0)
			loop(b, func() { f.batch(1, func() (int64, int64) { i++; return anyKey(i), i }) })
		})
	}
	b.Run("waiting", func(b *testing.B) {
		fourToOne(b, func(l, r numbers) { dataflow.Attach(l, "step", r, sum) })
	})
}

// fourToOne measures a join of new keys all the time: batches of four records
// of the right side for each key are followed by its left ones.
func fourToOne(b *testing.B, stage func(l, r numbers)) {
	f, right, left, n := feedOf(b, stage), int64(0), int64(0), 0
	loop(b, func() {
		if n++; n%5 > 0 {
			f.batch(1, func() (int64, int64) { right++; return right / 4, right })
			return
		}
		f.batch(0, func() (int64, int64) { left++; return left, left })
	})
}

func BenchmarkMatch(b *testing.B) {
	fourToOne(b, func(l, r numbers) { dataflow.Match(l, "step", r, sum) })
}

// feedOfTop ranks ten numbers of each key, the greatest first.
func feedOfTop(t testing.TB) *feed {
	return feedOf(t, func(l, _ numbers) {
		dataflow.Top(l, "step", 10, func(a, b int64) bool { return a > b })
	})
}

// BenchmarkTop has records that soon rank no more, and ones each of which is
// the first.
func BenchmarkTop(b *testing.B) {
	b.Run("below", func(b *testing.B) {
		f, i := feedOfTop(b), int64(0)
		loop(b, func() { f.batch(0, func() (int64, int64) { i++; return anyKey(i), -i }) })
	})
	b.Run("first", func(b *testing.B) {
		f, i := feedOfTop(b), int64(0)
		loop(b, func() { f.batch(0, func() (int64, int64) { i++; return anyKey(i), i }) })
	})
}

// seen notes values, by their parity.
type seen struct{ values dataflow.Distinct[int64] }

func (x *seen) Process(c *dataflow.Context[int64, int64], v int64) error {
	_, err := x.values.Add(c, v, 1<<(v&1))
	return err
}

func feedOfDistinct(t testing.TB) *feed {
	return feedOf(t, func(l, _ numbers) {
		dataflow.Process(l, "step", func() *seen { return &seen{dataflow.NewDistinct[int64]("v")} })
	})
}

// feedOfSeen has had every key once, in its own class.
func feedOfSeen(t testing.TB) *feed {
	f, i := feedOfDistinct(t), int64(0)
	for i < benchKeys {
		f.batch(0, func() (int64, int64) { i++; return i % benchKeys, i % benchKeys })
	}
	return f
}

// BenchmarkDistinct adds values that are known, and ones that are new.
func BenchmarkDistinct(b *testing.B) {
	b.Run("seen", func(b *testing.B) {
		f, i := feedOfSeen(b), int64(0)
		loop(b, func() { f.batch(0, func() (int64, int64) { i++; k := anyKey(i); return k, k }) })
	})
	b.Run("new", func(b *testing.B) {
		f, i := feedOfDistinct(b), int64(0)
		loop(b, func() { f.batch(0, func() (int64, int64) { i++; return i % 100, i }) })
	})
}
