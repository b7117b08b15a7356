package operator

import (
	"fmt"
	"testing"

	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/state"
)

type drop struct{}

func (drop) Emit(_ int, b Batch) error { b.Release(); return nil }

func BenchmarkRolling(b *testing.B) {
	for _, keys := range []uint64{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("flow/keys=%d", keys), func(b *testing.B) { benchmarkRolling(b, keys) })
		b.Run(fmt.Sprintf("loop/keys=%d", keys), func(b *testing.B) {
			m := map[uint64]int64{}
			var i uint64
			var sum int64
			for b.Loop() {
				for range BatchSize {
					k := i * 0x9e3779b97f4a7c15 >> 32 % keys
					n := m[k] + 1
					m[k] = n
					sum += n
					i++
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/BatchSize, "ns/record")
		})
	}
}

func benchmarkRolling(b *testing.B, keys uint64) {
	hash, _ := codec.HashFor[uint64]()
	in := NewKeyedPool[uint64, int64]()
	op := Rolling(NewPool[Entry[uint64, int64]](), agg.Count[int64]()).(*rolling[uint64, int64, int64, int64])
	if err := op.Open(&Runtime{State: state.NewBackend(state.Config{})}); err != nil {
		b.Fatal(err)
	}
	var i uint64
	b.ReportAllocs()
	for b.Loop() {
		batch := in.Get()
		for range BatchSize {
			k := i * 0x9e3779b97f4a7c15 >> 32 % keys
			batch.Keys = append(batch.Keys, k)
			batch.Hashes = append(batch.Hashes, hash(k))
			batch.Values = append(batch.Values, int64(i))
			batch.Times = append(batch.Times, 0)
			i++
		}
		if err := op.Process(0, batch, drop{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/BatchSize, "ns/record")
}
