package governor

import (
	"slices"
	"strings"
	"testing"
	"time"
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

func TestReasonSaysWhy(t *testing.T) {
	tests := []struct {
		reason Reason
		want   []string
	}{
		{Reason{Bound: BoundService, Limit: 1234}, []string{"service", "1234 records/s"}},
		{Reason{Bound: BoundDownstream, Limit: 5, Output: 1, Lane: 7}, []string{"output 1", "lane 7"}},
		{Reason{Bound: BoundMemory, Limit: 1000}, []string{"memory", "1000 bytes"}},
		{Reason{Bound: BoundFloor, Stall: time.Second, Conflict: LatencyBelowStall},
			[]string{"floor", "holds 1s", "exceeds the latency goal"}},
		{Reason{Bound: 200, Conflict: 100}, []string{"bound 200", "conflict 100"}},
	}
	for _, test := range tests {
		for _, want := range test.want {
			if got := test.reason.String(); !strings.Contains(got, want) {
				t.Errorf("got %q, want %q in it", got, want)
			}
		}
	}
	if got := IntervalBound(9).String(); got != "bound 9" {
		t.Errorf("an unknown bound is %q", got)
	}
}
