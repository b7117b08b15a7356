package actors

import (
	"math/rand/v2"
	"testing"
	"unsafe"

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

// TestBuffersComeBack gives buffers back and takes them again: as many as are kept,
// of the two sizes alone.
func TestBuffersComeBack(t *testing.T) {
	var b buffers
	for class, size := range bufferBytes {
		first := make([]byte, size)
		for range 3 * keptBuffers[class] {
			b.put(make([]byte, size))
		}
		b.put(make([]byte, 3*size)) // has grown: it is like neither
		if got := len(b.free[class]); got != keptBuffers[class] {
			t.Errorf("%d buffers of %d bytes are kept, want %d", got, size, keptBuffers[class])
		}
		b.get(size)
		b.put(first)
		if got := b.get(size); unsafe.SliceData(got) != unsafe.SliceData(first) || len(got) != 0 {
			t.Errorf("a buffer of %d bytes that came back is not given again, empty", size)
		}
	}
}

// TestBuffersForEarlyBlocks keeps more full buffers after a large checkpoint, within what it
// captured, and lets go of them after a small one.
func TestBuffersForEarlyBlocks(t *testing.T) {
	full := bufferBytes[1]
	for _, c := range []struct{ captured, most int }{
		{0, keptBuffers[1]}, {10 * full, keptBuffers[1] + 10}, {1 << 40, keptBuffers[1] + keptEarly},
	} {
		var b buffers
		b.captured(int64(c.captured))
		for range 2 * (keptBuffers[1] + keptEarly) {
			b.put(make([]byte, full))
		}
		if got := len(b.free[1]); got != c.most {
			t.Errorf("%d bytes captured: %d full buffers are kept, want %d", c.captured, got, c.most)
		}
		if b.captured(0); len(b.free[1]) != keptBuffers[1] {
			t.Errorf("%d buffers are left after a checkpoint of nothing, want %d", len(b.free[1]), keptBuffers[1])
		}
	}
}
