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

// rounds captures what change does again and again, and returns what was written, bytes.
func rounds(t *testing.T, n int, value string, change func(round uint64, put func(uint64))) (*Backend, int64) {
	hash, _ := codec.HashFor[uint64]()
	b := NewBackend(Config{})
	table, err := Open(b, Spec[uint64, string]{Name: "s"})
	if err != nil {
		t.Fatal(err)
	}
	w := &weight{}
	for round := range uint64(n) {
		change(round, func(k uint64) {
			v, _ := table.Update(k, hash(k))
			*v = value
		})
		if err := b.Capture(w, false); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Encode(1 << 30); err != nil {
			t.Fatal(err)
		}
		b.Complete()
	}
	return b, w.bytes
}

// TestGrowingStateIsNotRewritten adds entries that never change again: to merge
// their runs, or to write bases, would write them once more for nothing.
func TestGrowingStateIsNotRewritten(t *testing.T) {
	const keys = 20_000
	b, bytes := rounds(t, 28, strings.Repeat("x", 400), func(round uint64, put func(uint64)) {
		for i := round * keys; i < (round+1)*keys; i++ {
			put(i)
		}
	})
	_, all := b.Sizes()
	times := float64(bytes) / float64(all)
	t.Logf("each entry was written %.2f times", times)
	if times > 1.05 {
		t.Errorf("each entry was written %.2f times, want once", times)
	}
}

// TestHotEntriesAreMerged changes a tenth of a large state again and again: what
// is stored must stay within twice the state by merging the changes, which is less
// to write than the whole state each time that the changes have come to as much.
func TestHotEntriesAreMerged(t *testing.T) {
	const keys, n = 400_000, 60
	b, bytes := rounds(t, n, strings.Repeat("x", 100), func(round uint64, put func(uint64)) {
		for i := range uint64(keys) {
			if round == 0 || i%10 == 0 {
				put(i)
			}
		}
	})
	_, all := b.Sizes()
	changes := float64(all) * (1 + float64(n-1)/10)
	t.Logf("%.2f of what changed was written", float64(bytes)/changes)
	if float64(bytes) > 1.3*changes {
		t.Errorf("%.2f of what changed was written, want 1.3 at most", float64(bytes)/changes)
	}
	for _, g := range b.tables[0].(*memory[uint64, string]).groups {
		stored := 0
		for _, r := range g.runs {
			stored += r.bytes
		}
		if stored*DefaultGroups > 3*int(all) {
			t.Errorf("group %d has %d runs of %d bytes, want three times the state's at most",
				g.number, len(g.runs), stored)
		}
	}
}

// TestSmallRunsAreMerged adds a few entries to each group again and again: they
// must not become as many runs.
func TestSmallRunsAreMerged(t *testing.T) {
	const keys, n = 1000, 300
	b, bytes := rounds(t, n, strings.Repeat("x", 50), func(round uint64, put func(uint64)) {
		for i := round * keys; i < (round+1)*keys; i++ {
			put(i)
		}
	})
	_, all := b.Sizes()
	if times := float64(bytes) / float64(all); times > 4 {
		t.Errorf("each entry was written %.2f times, want 4 at most", times)
	}
	for _, g := range b.tables[0].(*memory[uint64, string]).groups {
		if len(g.runs) > maxRuns {
			t.Errorf("group %d has %d runs, want %d at most", g.number, len(g.runs), maxRuns)
		}
	}
}
