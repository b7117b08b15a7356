package governor

import (
	"slices"
	"testing"
)

func TestHops(t *testing.T) {
	tests := []struct {
		name   string
		inputs [][]int
		want   []int
	}{
		{"a chain", [][]int{nil, {0}, {1}}, []int{2, 2, 2}},
		{"a diamond with a longer side", [][]int{nil, {0}, {0}, {2}, {1, 3}}, []int{3, 2, 3, 3, 3}},
		{"a join", [][]int{nil, nil, {0}, {1, 2}}, []int{2, 1, 2, 2}},
		{"two ends", [][]int{nil, {0}, {1}, {0}}, []int{2, 2, 2, 1}},
		{"a lone source", [][]int{nil}, []int{0}},
	}
	for _, test := range tests {
		if got := Hops(test.inputs); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
