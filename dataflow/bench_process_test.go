package dataflow_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/dataflowtest"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// counter counts its key's records in a value and keeps a timer.
type counter[K comparable] struct {
	n     dataflow.Value[int64]
	timed bool
}

func (x *counter[K]) Process(c *dataflow.Context[K, int64], _ int64) error {
	n, err := x.n.Get(c)
	if err != nil {
		return err
	}
	if n++; x.timed {
		c.DeleteTimer(c.Time().Add(-1))
		c.SetTimer(c.Time())
	}
	return x.n.Set(c, n)
}

func (x *counter[K]) OnTimer(c *dataflow.Context[K, int64], _ time.Time) error { return nil }

type nothing struct{}

func (nothing) Emit(_ int, b operator.Batch) error { b.Release(); return nil }

func benchmarkProcess[K comparable](b *testing.B, key func(int) K, timed bool) {
	b.ReportAllocs()
	const keys = 100_000
	hash, err := codec.HashFor[K]()
	if err != nil {
		b.Fatal(err)
	}
	f := dataflow.Define("flow", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		s := dataflowtest.FromSlice(g, "in", []int64{1})
		k := dataflow.KeyBy(s, "by-key", func(i int64) K { return key(int(i)) })
		dataflow.Process(k, "count", func() *counter[K] {
			return &counter[K]{dataflow.NewValue[int64]("n"), timed}
		})
	})
	g, err := f.Build(f.Params())
	if err != nil {
		b.Fatal(err)
	}
	op := g.Step("count").New()
	err = op.(operator.Opener).Open(&operator.Runtime{
		Step: "count", Parallelism: 1, State: state.NewBackend(state.Config{Step: "count"}),
		Watermark: operator.MinTimestamp, Now: func() operator.Timestamp { return 0 },
		Count: func(string, int) {},
	})
	if err != nil {
		b.Fatal(err)
	}
	ks, hashes := make([]K, keys), make([]uint64, keys)
	for i := range ks {
		ks[i] = key(i)
		hashes[i] = hash(ks[i])
	}
	pool, next := operator.NewKeyedPool[K, int64](), 0
	records := 0
	for b.Loop() {
		in := pool.Get()
		for range operator.BatchSize {
			next = (next + 7919) % keys
			in.Keys, in.Hashes = append(in.Keys, ks[next]), append(in.Hashes, hashes[next])
			in.Values = append(in.Values, 1)
			in.Times = append(in.Times, operator.Timestamp(1+records/keys))
			records++
		}
		if err := op.Process(0, in, nothing{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
}

func BenchmarkProcess(b *testing.B) {
	for _, timed := range []bool{false, true} {
		b.Run(fmt.Sprint("string,timers=", timed), func(b *testing.B) {
			benchmarkProcess(b, func(i int) string { return fmt.Sprint("account-", i) }, timed)
		})
		b.Run(fmt.Sprint("int,timers=", timed), func(b *testing.B) {
			benchmarkProcess(b, func(i int) int { return i }, timed)
		})
	}
}
