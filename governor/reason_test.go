package governor

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestReasonSaysWhy(t *testing.T) {
	tests := []struct {
		reason Reason
		want   []string
	}{
		{Reason{Rate: BoundService, Limit: 1234, Window: BoundQueue},
			[]string{"rate bound by service at 1234 records/s", "window by queue"}},
		{Reason{Rate: BoundDownstream, Limit: 5, Output: 1, Lane: 7, Share: 0.8},
			[]string{"output 1", "lane 7", "80%"}},
		{Reason{Window: BoundMemory}, []string{"window by memory"}},
		{Reason{Window: BoundFloor, Stall: time.Second, Conflict: LatencyBelowStall},
			[]string{"floor", "holds 1s", "exceeds the latency goal"}},
		{Reason{Rate: 200, Conflict: 100}, []string{"bound 200", "conflict 100"}},
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

func TestTraceFindsWhatBinds(t *testing.T) {
	down := Reason{Rate: BoundDownstream, Lane: 1}
	reasons := []Reason{down, {Rate: BoundService}, down, {Rate: BoundService}, down, down}
	// Lane 1 of a task leads two tasks on; the last two wait for each other.
	receiver := func(task, _, lane int) int {
		if task >= 4 {
			return 9 - task
		}
		return task + lane + 1
	}
	tests := []struct {
		from int
		want []int
	}{
		{1, []int{1}}, {2, []int{2, 4, 5}}, {0, []int{0, 2, 4, 5}}, {4, []int{4, 5}}, {9, []int{9}},
	}
	for _, test := range tests {
		if got := Trace(test.from, reasons, receiver); !slices.Equal(got, test.want) {
			t.Errorf("from %d: got %v, want %v", test.from, got, test.want)
		}
	}
}
