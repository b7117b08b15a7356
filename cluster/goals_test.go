package cluster

import (
	"strings"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/governor"
)

// TestGoalsOfFlows has a flow with goals run under command lines that say more,
// less and otherwise.
func TestGoalsOfFlows(t *testing.T) {
	all := dataflow.Goals{Latency: 50 * time.Millisecond, Recovery: 10 * time.Second, Memory: 1 << 30}
	governs := governor.Goals{Latency: 50 * time.Millisecond, Recovery: 10 * time.Second, Memory: 1 << 30}
	faster := governs
	faster.Latency = time.Millisecond
	tests := []struct {
		goals dataflow.Goals
		args  string
		want  governor.Goals
		on    bool // the governor is
	}{
		{all, "", governs, true},
		{all, "-latency 1ms", faster, true},
		{all, "-latency 0 -recovery 0 -memory 0", governor.Goals{}, false},
		{all, "-governor none", governor.Goals{}, false},
		{dataflow.Goals{}, "-latency 1ms", governor.Goals{Latency: time.Millisecond}, true},
		{dataflow.Goals{}, "", governor.Goals{}, false},
	}
	for _, test := range tests {
		o := Options{Flows: []*dataflow.Flow{copyFlow("copy").WithGoals(test.goals)}}
		got := try(t, &fakeJob{}, o, test.args)
		cfg := got.job.cfg
		if got.code != ExitOK || cfg.Goals != test.want || (cfg.Policy != nil) != test.on {
			t.Errorf("%+v, %q: exit code %d, goals %+v, governed %v; want %+v, %v\n%s",
				test.goals, test.args, got.code, cfg.Goals, cfg.Policy != nil, test.want, test.on, got.stderr)
		}
	}
}

func TestGoalsThatCannotBe(t *testing.T) {
	flow := copyFlow("copy")
	wrong := flow.WithGoals(dataflow.Goals{Latency: -1})
	got := try(t, &fakeJob{}, Options{Flows: []*dataflow.Flow{wrong}}, "")
	if got.code != ExitFailure || !strings.Contains(got.stderr, "goals_test.go:") ||
		!strings.Contains(got.stderr, "latency -1ns") {
		t.Errorf("exit code %d, %q; want the line and the goal", got.code, got.stderr)
	}
	if flow.Goals() != (dataflow.Goals{}) {
		t.Error("the flow that it was made of has changed")
	}
	clash := try(t, &fakeJob{}, Options{Flows: []*dataflow.Flow{flow}}, "-governor none -latency 1s")
	if clash.code != ExitUsage || !strings.Contains(clash.stderr, "it knows no goals") {
		t.Errorf("exit code %d, %q; want that the policy knows no goals", clash.code, clash.stderr)
	}
}
