package barrier

import (
	"math/rand/v2"
	"testing"
)

func TestAlignerBlocksUntilAllHaveArrived(t *testing.T) {
	a := NewAligner(3)
	for i, ch := range []int{1, 0, 2} {
		done, err := a.Barrier(ch, 7)
		if err != nil || done != (i == 2) {
			t.Fatalf("Barrier(%d, 7) = %v, %v", ch, done, err)
		}
		for c := range 3 {
			want := !done && (c == 1 || i == 1 && c == 0)
			if got := a.Blocked(c); got != want {
				t.Errorf("after %d barriers: Blocked(%d) = %v, want %v", i+1, c, got, want)
			}
		}
	}
	if a.Aligning() != 0 {
		t.Errorf("Aligning() = %d after the last barrier, want 0", a.Aligning())
	}
}

func TestAlignerRefusesBarriersOutOfOrder(t *testing.T) {
	tests := []struct {
		name  string
		given [][2]uint64 // channel, checkpoint: accepted
		bad   [2]uint64
	}{
		{"twice on a channel", [][2]uint64{{0, 1}}, [2]uint64{0, 1}},
		{"two checkpoints at once", [][2]uint64{{0, 1}}, [2]uint64{1, 2}},
		{"an old one", [][2]uint64{{0, 2}, {1, 2}}, [2]uint64{0, 1}},
		{"the same again", [][2]uint64{{0, 2}, {1, 2}}, [2]uint64{1, 2}},
		{"no such channel", nil, [2]uint64{2, 1}},
	}
	for _, test := range tests {
		a := NewAligner(2)
		for _, b := range test.given {
			if _, err := a.Barrier(int(b[0]), b[1]); err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
		}
		if _, err := a.Barrier(int(test.bad[0]), test.bad[1]); err == nil {
			t.Errorf("%s: Barrier(%d, %d) succeeded", test.name, test.bad[0], test.bad[1])
		}
	}
}

// TestAlignerCutsConsistently sends numbered records and barriers over
// channels in random interleavings and checks the cut: what was let through
// before the snapshot is exactly what was sent before the barriers.
func TestAlignerCutsConsistently(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		channels := 1 + r.IntN(5)
		sent := make([]int, channels) // next record of a channel; every 10th is a barrier
		held := make([][]int, channels)
		a := NewAligner(channels)
		var through [][]int = make([][]int, channels)
		var take func(ch, rec int)
		take = func(ch, rec int) {
			if a.Blocked(ch) {
				held[ch] = append(held[ch], rec)
				return
			}
			if rec%10 != 9 {
				through[ch] = append(through[ch], rec)
				return
			}
			done, err := a.Barrier(ch, uint64(rec/10+1))
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if !done {
				return
			}
			for c := range through {
				if n := len(through[c]); n != 9*(rec/10+1) || through[c][n-1] != rec-1 {
					t.Fatalf("seed %d: channel %d let %v through at barrier %d", seed, c, through[c], rec)
				}
			}
			for c := range held {
				queue := held[c]
				held[c] = nil
				for _, q := range queue {
					take(c, q)
				}
			}
		}
		for range 200 * channels {
			ch := r.IntN(channels)
			take(ch, sent[ch])
			sent[ch]++
		}
	}
}
