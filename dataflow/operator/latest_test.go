package operator

import (
	"math"
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// TestLatestRefusesNaN has a record come whose row would never be found again.
func TestLatestRefusesNaN(t *testing.T) {
	hash, err := codec.HashFor[float64]()
	if err != nil {
		t.Fatal(err)
	}
	op := Latest(NewPool[int](), hash, true).(*latest[float64, int])
	if err := op.Open(&Runtime{State: state.NewBackend(state.Config{})}); err != nil {
		t.Fatal(err)
	}
	b := NewKeyedPool[float64, int]().Get()
	b.Keys, b.Hashes = append(b.Keys, math.NaN()), append(b.Hashes, hash(math.NaN()))
	b.Values, b.Times = append(b.Values, 7), append(b.Times, 0)
	if err := op.Process(0, b, drop{}); err == nil || !strings.Contains(err.Error(), "record 7: the key NaN") {
		t.Errorf("got %v, want an error with the record and its key", err)
	}
}

// BenchmarkLatest holds rows back and releases them every 64 batches.
func BenchmarkLatest(b *testing.B) {
	const keys = 10_000
	hash, err := codec.HashFor[uint64]()
	if err != nil {
		b.Fatal(err)
	}
	in := NewKeyedPool[uint64, int64]()
	op := Latest(NewPool[int64](), hash, true).(*latest[uint64, int64])
	if err := op.Open(&Runtime{State: state.NewBackend(state.Config{})}); err != nil {
		b.Fatal(err)
	}
	var i uint64
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		batch := in.Get()
		for range BatchSize {
			k := i * 0x9e3779b97f4a7c15 >> 32 % keys
			batch.Keys, batch.Hashes = append(batch.Keys, k), append(batch.Hashes, hash(k))
			batch.Values, batch.Times = append(batch.Values, int64(i)), append(batch.Times, 0)
			i++
		}
		if err := op.Process(0, batch, drop{}); err != nil {
			b.Fatal(err)
		}
		if n%64 > 0 {
			continue
		}
		if err := op.Barrier(drop{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/BatchSize, "ns/record")
}
