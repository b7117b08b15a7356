package window

import (
	"maps"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// gathered adds up what a combiner emits, by key and pane.
type gathered struct {
	spec    Spec
	sums    map[slot[int64]]int64
	latest  map[slot[int64]]operator.Timestamp
	batches []int // their lengths
}

func (g *gathered) Emit(_ int, b operator.Batch) error {
	k := b.(*operator.Keyed[int64, int64])
	g.batches = append(g.batches, k.Len())
	for i, key := range k.Keys {
		g.put(key, k.Times[i], k.Values[i])
	}
	b.Release()
	return nil
}

func (g *gathered) put(key int64, at operator.Timestamp, v int64) {
	s := slot[int64]{key, g.spec.start(at)}
	g.sums[s] += v
	g.latest[s] = max(g.latest[s], at)
}

func newGathered(spec Spec) *gathered {
	return &gathered{spec, map[slot[int64]]int64{}, map[slot[int64]]operator.Timestamp{}, nil}
}

// TestCombineBatches compares batches with many and with few keys and panes,
// with hashes that collide and do not, with plain sums.
func TestCombineBatches(t *testing.T) {
	spec := Sliding(10*time.Second, 5*time.Second)
	sum := agg.Sum(func(v int64) int64 { return v })
	in, out := operator.NewKeyedPool[int64, int64](), operator.NewKeyedPool[int64, int64]()
	c := NewCombine(spec, sum, out).(*combiner[int64, int64, int64, int64])
	c.batch = math.MaxUint32 - 20 // to go past the end of its range
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range 60 {
		got, want := newGathered(spec), newGathered(spec)
		keys := int64(1) << rnd.IntN(12)
		b := in.Get()
		for range 1 + rnd.IntN(3*operator.BatchSize) {
			key, at := rnd.Int64N(keys), operator.Timestamp(rnd.Int64N(int64(20*time.Second)))
			b.Keys, b.Hashes = append(b.Keys, key), append(b.Hashes, uint64(key)>>(round%8))
			b.Values, b.Times = append(b.Values, key+1), append(b.Times, at)
			want.put(key, at, key+1)
		}
		if err := c.Process(0, b, got); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(got.sums, want.sums) || !maps.Equal(got.latest, want.latest) {
			t.Fatalf("round %d, %d keys: got %d sums, want %d and their times", round, keys,
				len(got.sums), len(want.sums))
		}
		if one := got.batches[0]; len(got.batches) == 1 && one != len(want.sums) {
			t.Errorf("round %d: got %d accumulators, want one for each of %d keys and panes", round,
				one, len(want.sums))
		}
	}
}

func TestCombineNeedsTime(t *testing.T) {
	in, out := operator.NewKeyedPool[int64, int64](), operator.NewKeyedPool[int64, int64]()
	c := NewCombine(Tumbling(time.Second), agg.Count[int64](), out)
	b := in.Get()
	b.Keys, b.Hashes = append(b.Keys, 7), append(b.Hashes, 7)
	b.Values, b.Times = append(b.Values, 7), append(b.Times, operator.MinTimestamp)
	err := c.Process(0, b, newGathered(Tumbling(time.Second)))
	if err == nil || !strings.Contains(err.Error(), "no event time") {
		t.Errorf("got error %v, want one about the event time that is missing", err)
	}
}

func BenchmarkCombine(b *testing.B) {
	for name, keys := range map[string]int64{"one key": 1, "100 keys": 100} {
		b.Run(name, func(b *testing.B) {
			in, out := operator.NewKeyedPool[int64, int64](), operator.NewKeyedPool[int64, int64]()
			c := NewCombine(Tumbling(time.Second), agg.Count[int64](), out)
			b.ReportAllocs()
			for b.Loop() {
				batch := in.Get()
				for i := range int64(operator.BatchSize) {
					batch.Keys = append(batch.Keys, i%keys)
					batch.Hashes = append(batch.Hashes, uint64(i%keys)*0x9e3779b97f4a7c15)
					batch.Values = append(batch.Values, i)
					batch.Times = append(batch.Times, operator.Timestamp(i))
				}
				if err := c.Process(0, batch, dropped{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/operator.BatchSize, "ns/record")
		})
	}
}

type dropped struct{}

func (dropped) Emit(_ int, b operator.Batch) error { b.Release(); return nil }
