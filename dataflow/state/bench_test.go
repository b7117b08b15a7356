package state

import (
	"fmt"
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
