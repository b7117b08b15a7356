package codec

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"
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

// ask is what a warmer asks for at a depth, in bytes.
func ask[T any](v *T, depth int) uintptr {
	return newWarmer(reflect.TypeFor[T](), WarmDepth).fetch(unsafe.Pointer(v), depth)
}

// TestWarmerAsks counts the bytes of what a value points at, depth by depth: what is
// fetched is nobody's business otherwise.
func TestWarmerAsks(t *testing.T) {
	leaf := unsafe.Sizeof(warmLeaf{})
	tree := &warmTree{
		Label:    "1",
		Leaves:   []warmLeaf{{Name: "12"}, {Name: "123"}},
		Names:    [3]string{"1234", "", "12345"},
		Next:     &warmTree{Label: "123456"},
		At:       time.Now().In(time.FixedZone("a zone", 0)),
		embedded: warmLeaf{Name: strings.Repeat("x", 200)},
	}
	if got, want := ask(tree, 0), 1+4+5+200+2*leaf+unsafe.Sizeof(*tree); got != want {
		t.Errorf("depth 0: asked for %d bytes, want %d", got, want)
	}
	if got, want := ask(tree, 1), uintptr(2+3+6); got != want {
		t.Errorf("depth 1: asked for %d bytes, want %d", got, want)
	}
	if got := ask(&warmTree{}, 0) + ask(&warmTree{}, 1) + ask(tree, WarmDepth); got != 0 {
		t.Errorf("asked for %d bytes of what is not there", got)
	}
	long := &warmTree{Label: strings.Repeat("x", 1<<20), Leaves: make([]warmLeaf, 5000)}
	if got, most := ask(long, 0), uintptr(2*warmBytes); got > most || got < most-leaf {
		t.Errorf("asked for %d bytes of two long values, want %d, about", got, most)
	}
	WarmerFor[warmTree]()(tree, 0)
}

// TestWarmerOfFlat asks for what there is nothing to fetch of.
func TestWarmerOfFlat(t *testing.T) {
	type flat struct {
		A int64
		B [4]float64
	}
	if WarmerFor[flat]() != nil || WarmerFor[int64]() != nil || WarmerFor[map[string]int]() != nil {
		t.Error("a value that points at nothing to fetch has something to fetch")
	}
	Touch(&flat{})
}

// TestWarmerOfNumbers asks for what a slice and a pointer lead to.
func TestWarmerOfNumbers(t *testing.T) {
	type lists struct {
		Numbers []int64
		Number  *int64
	}
	if got, want := ask(&lists{make([]int64, 20), new(int64)}, 0), uintptr(21*8); got != want {
		t.Errorf("asked for %d bytes, want %d", got, want)
	}
}

// TestPrefetchAnything gives what memory it likes to the processor, which must not mind.
func TestPrefetchAnything(t *testing.T) {
	page := make([]byte, 4096)
	for _, n := range []uintptr{0, 1, 63, 64, 65, 4096, 1 << 16} {
		prefetch(unsafe.Pointer(unsafe.SliceData(page)), n)
		prefetch(nil, n)
	}
}
