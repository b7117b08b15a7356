package codec_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"
	"unsafe"

	"github.com/flyball-stream/flyball/dataflow/codec"
)

// extra returns what v points at in bytes, or -1 if a T points at nothing.
func extra[T any](t *testing.T, v T) int {
	t.Helper()
	fixed, f := codec.SizeOf[T]()
	if want := int(unsafe.Sizeof(v)); fixed != want {
		t.Errorf("fixed: got %d, want %d", fixed, want)
	}
	if f == nil {
		return -1
	}
	return f(&v)
}

func TestSizeOf(t *testing.T) {
	loop := &Node{}
	loop.Next = loop
	word := int(unsafe.Sizeof(uintptr(0)))
	node := int(unsafe.Sizeof(Node{}))
	tests := []struct {
		name      string
		got, want int
	}{
		{"int", extra(t, 1), -1},
		{"time", extra(t, struct{ At time.Time }{time.Now()}), -1},
		{"string", extra(t, "abc"), 3},
		{"one string", extra(t, struct {
			A int
			S string
		}{1, "abcd"}), 4},
		{"two strings", extra(t, [1]struct{ A, B string }{{"a", "bc"}}), 3},
		{"bytes", extra(t, make([]byte, 1, 10)), 10},
		{"strings", extra(t, append(make([]string, 0, 4), "a", "bc")), 4*2*word + 3},
		{"many strings", extra(t, make([]string, 1<<17)), 1 << 17 * 2 * word},
		{"long strings", extra(t, slices.Repeat([]string{"abc"}, 1<<17)), 1 << 17 * (2*word + 3)},
		{"nil slice", extra(t, []string(nil)), 0},
		{"pointer", extra(t, &Node{Next: &Node{}}), 2 * node},
		{"nested", extra(t, [][]int64{{1}, {2, 3}}), 2*3*word + 24},
		{"map", extra(t, map[int64]string{1: "abc"}), 48 + 8*(8+2*word+1) + 3},
		{"interface", extra(t, any("abc")), 2*word + 3},
		{"cycle", extra(t, loop), 1 << 16 * node},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, tt.got, tt.want)
		}
	}
}

func TestHasReferences(t *testing.T) {
	tests := []struct {
		name      string
		got, want bool
	}{
		{"line", codec.HasReferences[Line](), false},
		{"time", codec.HasReferences[struct{ At time.Time }](), false},
		{"addr", codec.HasReferences[netip.Addr](), false},
		{"array", codec.HasReferences[[2]string](), false},
		{"empty array", codec.HasReferences[[0]*int](), false},
		{"slice", codec.HasReferences[Order](), true},
		{"map", codec.HasReferences[map[int]int](), true},
		{"interface", codec.HasReferences[struct{ E error }](), true},
		{"func", codec.HasReferences[[1]func()](), true},
		{"recursive", codec.HasReferences[Node](), true},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}
