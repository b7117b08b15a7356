package actors

import (
	"math/rand/v2"
	"testing"

	"github.com/flyball-stream/flyball/dataflow/state"
)

// TestEncodingGoesOn plays the two sides of a block queue in random order. A
// task encodes when its own request comes, and out of turn, between records or
// while it waits for credit. As soon as the records end only requests are left:
// there must always be one under way or promised, or the checkpoint would never
// end.
func TestEncodingGoesOn(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		q := newBlockQueue()
		put := func() { q.put(queued{block: state.Block{}}) }
		requests, records := 1, 2000
		for step := 0; step < 20_000; step++ {
			switch n := random.IntN(4); {
			case n == 0 && requests > 0:
				requests--
				put()
				if q.goOn() {
					requests++
				}
			case n == 1 && records > 0: // out of turn, as long as records come
				records--
				if q.room() {
					put()
				}
			case n >= 2 && len(q.blocks) > 0:
				_, hungry, _, _ := q.take()
				if hungry {
					requests++
				}
			}
		}
		if requests == 0 && !(q.starved && len(q.blocks) > 0) {
			t.Fatalf("seed %d: no request is under way and none is promised", seed)
		}
	}
}
