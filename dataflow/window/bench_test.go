package window

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow/agg"
	"github.com/flyball-stream/flyball/dataflow/operator"
)

// traffic is a stream of records for a benchmark: batches of so many keys,
// so many records per key and slide, a watermark after each slide.
type traffic struct {
	keys, perSlide int
	slide          time.Duration
}

// bench measures the cost of one record, its share of firing included, once
// warm windows have passed.
func bench[A, R any](b *testing.B, spec Spec, a agg.Aggregate[int64, A, R], w traffic, warm int) {
	hash := hashOf[int64](b)
	out, late := operator.NewPool[Pane[int64, R]](), operator.NewPool[int64]()
	pool := operator.NewKeyedPool[int64, int64]()
	h := newHost(b, func() operator.Operator { return NewAggregate(spec, a, hash, out, late) })
	h.discard = true
	r := rand.New(rand.NewPCG(1, 1))
	perSlide := w.keys * w.perSlide
	slide, left := 0, 0
	batch := func() int {
		in := pool.Get()
		if left == 0 {
			slide++
			left = perSlide
		}
		n := min(left, operator.BatchSize)
		for range n {
			key := int64(left % w.keys)
			in.Keys = append(in.Keys, key)
			in.Hashes = append(in.Hashes, hash(key))
			in.Values = append(in.Values, r.Int64N(1000))
			at := int64(slide)*int64(w.slide) + int64(perSlide-left)*int64(w.slide)/int64(perSlide)
			in.Times = append(in.Times, operator.Timestamp(at))
			left--
		}
		h.process(0, in)
		if left == 0 {
			h.watermark(operator.Timestamp(int64(slide+1) * int64(w.slide)))
		}
		return n
	}
	for slide < warm || left > 0 {
		batch()
	}
	b.ReportAllocs()
	done := 0
	for b.Loop() {
		for end := done + 100_000; done < end; {
			done += batch()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(done), "ns/record")
}

func value(v int64) int64 { return v }

// wide keeps 256 bytes of each key.
var wide = agg.Aggregate[int64, [32]int64, int64]{
	Name: "wide",
	Add: func(a [32]int64, v int64) [32]int64 {
		a[uint64(v)%32] += v
		return a
	},
	Merge: func(a, b [32]int64) [32]int64 {
		for i := range a {
			a[i] += b[i]
		}
		return a
	},
	Result: func(a [32]int64) (most int64) {
		for _, v := range a {
			most = max(most, v)
		}
		return most
	},
}

// BenchmarkAggregate is the cost of 100,000 records; ns/record is that of one.
// The cost of making the input is in it, some 15 ns a record.
func BenchmarkAggregate(b *testing.B) {
	s := time.Second
	busy := traffic{keys: 10, perSlide: 500, slide: s}
	b.Run("tumbling", func(b *testing.B) { bench(b, Tumbling(s), agg.Sum(value), busy, 5) })
	for _, n := range []int{10, 3600} { // slides a window
		spec := Sliding(time.Duration(n)*s, s)
		b.Run(fmt.Sprintf("sliding/subtract/%d", n), func(b *testing.B) {
			bench(b, spec, agg.Sum(value), busy, n+n/2)
		})
		b.Run(fmt.Sprintf("sliding/stacks/%d", n), func(b *testing.B) {
			bench(b, spec, agg.Max(value), busy, n+n/2)
		})
	}
	many := traffic{keys: 200_000, perSlide: 1, slide: s} // more than the caches hold
	b.Run("sliding/subtract/many", func(b *testing.B) { bench(b, Sliding(3*s, s), agg.Sum(value), many, 5) })
	b.Run("sliding/stacks/many", func(b *testing.B) { bench(b, Sliding(3*s, s), agg.Max(value), many, 5) })
	few := traffic{keys: 50_000, perSlide: 2, slide: s}
	b.Run("sliding/stacks/wide", func(b *testing.B) { bench(b, Sliding(3*s, s), wide, few, 5) })
	b.Run("session", func(b *testing.B) { bench(b, Session(s/2), agg.Sum(value), busy, 5) })
	b.Run("session/apart", func(b *testing.B) {
		bench(b, Session(s/2), agg.Sum(value), traffic{keys: 10_000, perSlide: 1, slide: s}, 5)
	})
}

// BenchmarkJoin is the cost of 100,000 records of two sides, in windows where
// a key has one record of each.
func BenchmarkJoin(b *testing.B) {
	for _, keys := range []int{5000, 200_000} {
		b.Run(fmt.Sprint(keys), func(b *testing.B) { benchJoin(b, keys) })
	}
}

func benchJoin(b *testing.B, keys int) {
	hash := hashOf[int64](b)
	pools := JoinPools[int64, int64, int64]{
		operator.NewPool[int64](), operator.NewPool[int64](), operator.NewPool[int64](),
	}
	pool := operator.NewKeyedPool[int64, int64]()
	h := newHost(b, func() operator.Operator {
		return NewJoin(Tumbling(time.Second), func(_, l, r int64) int64 { return l + r }, hash, pools)
	})
	h.discard = true
	b.ReportAllocs()
	done := 0
	for b.Loop() {
		for range 10 {
			second := int64(done / 2 / keys)
			for port := range 2 {
				for from := 0; from < keys; from += operator.BatchSize {
					in := pool.Get()
					for key := int64(from); key < int64(min(from+operator.BatchSize, keys)); key++ {
						in.Keys = append(in.Keys, key)
						in.Hashes = append(in.Hashes, hash(key))
						in.Values = append(in.Values, key)
						in.Times = append(in.Times, sec(second))
					}
					h.process(port, in)
				}
			}
			done += 2 * keys
			h.watermark(sec(second + 1))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(done), "ns/record")
}
