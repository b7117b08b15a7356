package state

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

// BenchmarkUpdate counts keys in a table, and in a Go map beside it as the
// limit: the map neither knows what has changed nor can be captured.
func BenchmarkUpdate(b *testing.B) {
	for _, keys := range []uint64{1_000, 100_000, 1_000_000} {
		hash, _ := codec.HashFor[uint64]()
		key := func(i uint64) uint64 { return i * 0x9e3779b97f4a7c15 >> 32 % keys }
		b.Run(fmt.Sprintf("map/keys=%d", keys), func(b *testing.B) {
			m := map[uint64]int64{}
			var i uint64
			for b.Loop() {
				m[key(i)]++
				i++
			}
		})
		b.Run(fmt.Sprintf("table/keys=%d", keys), func(b *testing.B) {
			t, err := Open(NewBackend(Config{}), Spec[uint64, int64]{Name: "n"})
			if err != nil {
				b.Fatal(err)
			}
			var i uint64
			b.ReportAllocs()
			for b.Loop() {
				k := key(i)
				n, _ := t.Update(k, hash(k))
				*n++
				i++
			}
		})
	}
}

// discard is a sink that takes blocks and forgets them.
type discard struct{ free [][]byte }

func (d *discard) Buffer(int) (b []byte) {
	if n := len(d.free); n > 0 {
		b, d.free = d.free[n-1], d.free[:n-1]
	}
	return b
}

func (d *discard) Block(b Block) { d.free = append(d.free, b.Data[:0]) }

// BenchmarkEncode writes out what has changed of a table that is larger than the caches
// of a processor: numbers, texts, and lists of texts.
func BenchmarkEncode(b *testing.B) {
	type text struct {
		A, B int64
		Text string
		Time int64
		More string
	}
	b.Run("number", func(b *testing.B) { encodes(b, func(i int) int64 { return int64(i) }) })
	some := func(i int) string { return fmt.Sprintf("%080d", i) }
	texts := func(i int) text { return text{int64(i), 1, some(i), 2, some(-i)} }
	b.Run("text", func(b *testing.B) { encodes(b, texts) })
	b.Run("list", func(b *testing.B) {
		encodes(b, func(i int) []text { return []text{texts(i), texts(i + 1), texts(i + 2)} })
	})
}

func encodes[V any](b *testing.B, value func(i int) V) {
	const entries, changed = 400_000, 200_000
	hash, _ := codec.HashFor[uint64]()
	backend, sink := NewBackend(Config{}), &discard{}
	t, err := Open(backend, Spec[uint64, V]{Name: "n"})
	if err != nil {
		b.Fatal(err)
	}
	values := make([]V, entries)
	for _, i := range rand.Perm(entries) {
		values[i] = value(i)
	}
	put := func(i int) {
		v, _ := t.Update(uint64(i), hash(uint64(i)))
		*v = values[i]
	}
	for i := range entries {
		put(i)
	}
	n := 0
	for b.Loop() {
		b.StopTimer()
		for range changed {
			put(rand.IntN(entries))
		}
		_, before := backend.Encoded()
		b.StartTimer()
		if err := backend.Capture(sink, false); err != nil {
			b.Fatal(err)
		}
		if _, err := backend.Encode(1 << 40); err != nil {
			b.Fatal(err)
		}
		_, after := backend.Encoded()
		n += int(after - before)
		backend.Complete()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/entry")
}
