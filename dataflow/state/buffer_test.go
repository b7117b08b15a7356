package state

import (
	"fmt"
	"testing"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

// asked notes what buffers a backend asks for and what it puts into them.
type asked struct {
	sizes         []int
	grown, blocks int
}

func (a *asked) Buffer(size int) []byte {
	a.sizes = append(a.sizes, size)
	return make([]byte, 0, max(64, size+size/8))
}

func (a *asked) Block(b Block) {
	a.blocks++
	if size := a.sizes[len(a.sizes)-1]; cap(b.Data) != max(64, size+size/8) {
		a.grown++
	}
}

// TestBuffersFit: once a few blocks have told how large entries are, the sink hears how
// much a block will take, and blocks need not grow, neither full ones nor short ones.
func TestBuffersFit(t *testing.T) {
	hash, err := codec.HashFor[uint64]()
	if err != nil {
		t.Fatal(err)
	}
	for _, entries := range []int{50, 3000} { // of 100 bytes each: one short block, five full ones
		b := NewBackend(Config{Groups: 1, Range: Range{To: 1}})
		table, err := Open(b, Spec[uint64, string]{Name: "n"})
		if err != nil {
			t.Fatal(err)
		}
		change := func() {
			for i := range uint64(entries) {
				v, _ := table.Update(i, hash(i))
				*v = fmt.Sprintf("%096d", i)
			}
		}
		var a asked
		for range 20 {
			change()
			a = asked{}
			if err := b.Capture(&a, false); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Encode(1 << 30); err != nil {
				t.Fatal(err)
			}
			b.Complete()
		}
		if a.blocks == 0 || a.grown > 0 {
			t.Errorf("%d entries: %d of %d blocks outgrew the buffers that were asked for: %v",
				entries, a.grown, a.blocks, a.sizes)
		}
	}
}

// TestBuffersFitUnequalGroups: a group whose entries are far larger than the table's are on
// average asks for full buffers all the same, once its first block has told.
func TestBuffersFitUnequalGroups(t *testing.T) {
	hash, err := codec.HashFor[uint64]()
	if err != nil {
		t.Fatal(err)
	}
	b := NewBackend(Config{Groups: 2, Range: Range{To: 2}})
	table, err := Open(b, Spec[uint64, string]{Name: "n"})
	if err != nil {
		t.Fatal(err)
	}
	change := func() {
		for i := range uint64(8000) {
			v, _ := table.Update(i, hash(i))
			if *v = "short"; GroupOf(hash(i), 2) == 0 {
				*v = fmt.Sprintf("%0200d", i)
			}
		}
	}
	for range 3 {
		change()
		a := asked{}
		if err := b.Capture(&a, false); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Encode(1 << 30); err != nil {
			t.Fatal(err)
		}
		b.Complete()
		if a.blocks < 12 || a.grown > 1 {
			t.Errorf("%d of %d blocks outgrew the buffers that were asked for: %v", a.grown, a.blocks, a.sizes)
		}
	}
}
