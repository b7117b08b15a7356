package codec

import (
	"testing"
	"time"
)

type warmLeaf struct {
	Name string
	N    int64
}

type warmTree struct {
	Label    string
	Leaves   []warmLeaf
	Next     *warmTree
	Names    [3]string
	Nothing  []struct{}
	Numbers  map[string]int
	At       time.Time // its pointer leads to what all times share
	Any      any
	Call     func()
	Channel  chan string
	embedded warmLeaf
}

// TestWarmerReads counts with the sum of what is read, which is otherwise nobody's
// business: a byte of each cache line of what a value points at, depth by depth.
func TestWarmerReads(t *testing.T) {
	long := string(make([]byte, 3*cacheLine))
	lines := []byte(long)
	for i := range lines {
		lines[i] = byte(i)
	}
	long = string(lines) // the bytes at the lines' beginnings are 0, 64 and 128
	tree := &warmTree{
		Label:    "\x01",
		Leaves:   []warmLeaf{{Name: "\x02"}, {Name: "\x03"}},
		Names:    [3]string{"\x04", "", "\x05"},
		Next:     &warmTree{Label: "\x06"},
		At:       time.Now().In(time.FixedZone("\x63", 0)),
		embedded: warmLeaf{Name: long},
	}
	read := WarmerFor[warmTree]()
	if got, want := read(tree, 1), byte(2+3+6); got != want {
		t.Errorf("depth 1: read %d, want %d", got, want)
	}
	// Of the parts' own memory only strings are known.
	plain := *tree
	plain.Leaves, plain.Next = nil, nil
	if got, want := read(&plain, 0), byte(1+4+5+64+128); got != want {
		t.Errorf("depth 0: read %d, want %d", got, want)
	}
	if got := read(&warmTree{}, 0) + read(&warmTree{}, 1); got != 0 {
		t.Errorf("read %d of a value that points at nothing", got)
	}
	// Beyond what there is, and what is too long to be read whole.
	_ = read(tree, WarmDepth) + read(&warmTree{Label: string(make([]byte, 1<<20)), Leaves: make([]warmLeaf, 5000)}, 1)
}

// TestWarmerOfFlat asks for what there is nothing to read of.
func TestWarmerOfFlat(t *testing.T) {
	type flat struct {
		A int64
		B [4]float64
	}
	if WarmerFor[flat]() != nil || WarmerFor[int64]() != nil || WarmerFor[map[string]int]() != nil {
		t.Error("a value that points at nothing to read has something to read")
	}
	numbers := [20]int64{0: 1, 8: 2, 16: 3, 19: 100}
	if got, want := Touch(&numbers), byte(1+2+3); got != want {
		t.Errorf("read %d of a value of three lines, want %d", got, want)
	}
}

// TestWarmerOfNumbers reads what a slice and a pointer lead to.
func TestWarmerOfNumbers(t *testing.T) {
	type lists struct {
		Numbers []int64
		Number  *int64
	}
	one, numbers := int64(7), [20]int64{0: 1, 8: 2, 16: 3, 19: 100}
	read := WarmerFor[lists]()
	if got, want := read(&lists{numbers[:], &one}, 0), byte(1+2+3+7); got != want {
		t.Errorf("read %d, want %d", got, want)
	}
}
