package operator

import (
	"math/rand/v2"
	"testing"

	"github.com/flyball-stream/flyball/dataflow/codec"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// TestUpdaterFollowsMoves updates runs of keys among which others come, so
// that groups make room, and go, and compares each value with a map's.
func TestUpdaterFollowsMoves(t *testing.T) {
	hash, err := codec.HashFor[uint64]()
	if err != nil {
		t.Fatal(err)
	}
	b := state.NewBackend(state.Config{Groups: 2, Range: state.Range{From: 0, To: 2}})
	u, err := OpenUpdater(b, state.Spec[uint64, int64]{Name: "table"})
	if err != nil {
		t.Fatal(err)
	}
	r, want := rand.New(rand.NewPCG(1, 2)), map[uint64]int64{}
	for range 300 {
		keys, hashes := make([]uint64, r.IntN(200)), make([]uint64, 0, 200)
		for i := range keys {
			keys[i] = r.Uint64N(2000)
			hashes = append(hashes, hash(keys[i]))
		}
		for i, k := range keys {
			v, created := u.UpdateNext(keys, hashes, i)
			if n, known := want[k]; created == known || *v != n {
				t.Fatalf("key %d has %d, created %v; want %d, known %v", k, *v, created, n, known)
			}
			*v += int64(i + 1)
			want[k] = *v
			if gone := keys[r.IntN(len(keys))]; r.IntN(50) == 0 {
				u.Delete(gone, hash(gone))
				delete(want, gone)
			}
		}
	}
	if u.Len() != len(want) {
		t.Errorf("the table has %d entries, want %d", u.Len(), len(want))
	}
}
