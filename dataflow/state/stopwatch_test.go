package state

import (
	"testing"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

// TestCopyingIsTimed changes entries that a capture has yet to encode, with a clock by
// which each copy takes as long as it is asked to.
func TestCopyingIsTimed(t *testing.T) {
	const entries = 1024 * timed
	for _, c := range []struct {
		name  string
		took  func(sample int) int64
		least float64
		most  float64
	}{
		{"alike", func(int) int64 { return 300 }, 300 * entries, 335 * entries},
		{"long ones", func(int) int64 { return 100_000 }, 95_000 * entries, 100_000 * entries},
		{"two kinds", func(i int) int64 { return int64(200 + i%2*200) }, 300 * entries, 335 * entries},
		{"a task that slept", func(i int) int64 {
			if i == 512 {
				return 10_000_000
			}
			return 300
		}, 300 * entries, 335 * entries},
	} {
		var now int64
		reads := 0
		clock := func() int64 {
			if reads++; reads%2 == 0 {
				now += c.took(reads/2 - 1)
			}
			return now
		}
		b := NewBackend(Config{Groups: 1, Range: Range{To: 1}, Now: clock})
		hash, _ := codec.HashFor[int]()
		table, err := Open(b, Spec[int, int]{Name: "n"})
		if err != nil {
			t.Fatal(err)
		}
		change := func() {
			for i := range entries {
				v, _ := table.Update(i, hash(i))
				*v++
			}
		}
		change()
		if err := b.Capture(&discard{}, false); err != nil {
			t.Fatal(err)
		}
		change()
		change() // copied already
		got := float64(b.Copying())
		if copied, _ := b.Encoded(); copied != entries || reads != 2*entries/timed {
			t.Fatalf("%s: %d copies, %d looks at the clock, want %d, %d",
				c.name, copied, reads, entries, 2*entries/timed)
		}
		if got < c.least || got > c.most {
			t.Errorf("%s: copying took %.0f ns, want %.0f to %.0f", c.name, got, c.least, c.most)
		}
	}
}

// TestCopyingWithoutClock has nobody ask.
func TestCopyingWithoutClock(t *testing.T) {
	w := newStopwatch(nil)
	for range 3 * timed {
		w.stop(w.start())
	}
	if w.total != 0 || w.count != 3*timed {
		t.Errorf("got %v ns of %d, want none of %d", w.total, w.count, 3*timed)
	}
}
