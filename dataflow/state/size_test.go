package state

import (
	"math"
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

// weight sums up what a capture writes.
type weight struct{ bytes int64 }

func (w *weight) Buffer(int) []byte { return nil }
func (w *weight) Block(b Block)     { w.bytes += int64(len(b.Data)) }

// TestSizesForetell compares what a backend expects of a capture with what
// that writes: where all entries stay, where they come and go between captures,
// as those of windows do, and where a part is gone and has to be buried.
func TestSizesForetell(t *testing.T) {
	const keys = 20_000
	hash, _ := codec.HashFor[uint64]()
	tests := map[string]func(round uint64, put, drop func(uint64)){
		"stay": func(round uint64, put, _ func(uint64)) {
			for i := uint64(0); i < keys; i += 1 + round%5 {
				put(i)
			}
		},
		"come and go": func(round uint64, put, drop func(uint64)) {
			for pass := range uint64(3) {
				for i := range uint64(keys) {
					drop((3*round+pass-1)*keys + i)
					put((3*round+pass)*keys + i)
				}
			}
		},
		"die out": func(round uint64, put, drop func(uint64)) {
			for i := range uint64(keys) {
				if (i+round)%4 == 0 {
					drop(i)
				} else if (i+round)%4 == 1 {
					put(i)
				}
			}
		},
	}
	for name, change := range tests {
		b := NewBackend(Config{})
		table, err := Open(b, Spec[uint64, string]{Name: "s"})
		if err != nil {
			t.Fatal(err)
		}
		value := strings.Repeat("x", 12)
		put := func(k uint64) {
			v, _ := table.Update(k, hash(k))
			*v = value
		}
		drop := func(k uint64) { table.Delete(k, hash(k)) }
		var off, all float64
		for round := range uint64(40) {
			change(round+1, put, drop)
			expected, _ := b.Sizes()
			w := &weight{}
			if err := b.Capture(w, false); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Encode(1 << 30); err != nil {
				t.Fatal(err)
			}
			b.Complete()
			if round > 0 { // the first has only a guess of the size
				off += math.Abs(float64(expected - w.bytes))
				all += float64(w.bytes)
			}
		}
		t.Logf("%s: off by %.1f%%", name, 100*off/all)
		if off > 0.05*all {
			t.Errorf("%s: off by %.0f%% of %.0f bytes a capture, want 5%%", name, 100*off/all, all/39)
		}
	}
}

// TestGrowingStateIsNotRewritten adds entries that never change again: bases
// would write them once more each time that the state has doubled.
func TestGrowingStateIsNotRewritten(t *testing.T) {
	const keys, rounds = 20_000, 28
	hash, _ := codec.HashFor[uint64]()
	b := NewBackend(Config{})
	table, err := Open(b, Spec[uint64, string]{Name: "s"})
	if err != nil {
		t.Fatal(err)
	}
	w, value := &weight{}, strings.Repeat("x", 400)
	for round := range uint64(rounds) {
		for i := round * keys; i < (round+1)*keys; i++ {
			v, _ := table.Update(i, hash(i))
			*v = value
		}
		if err := b.Capture(w, false); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Encode(1 << 30); err != nil {
			t.Fatal(err)
		}
		b.Complete()
	}
	_, all := b.Sizes()
	times := float64(w.bytes) / float64(all)
	t.Logf("each entry was written %.2f times", times)
	if times > 2 {
		t.Errorf("each entry was written %.2f times, want 2 at most: as a change and in a run of %d changes",
			times, fanIn)
	}
}
