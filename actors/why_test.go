package actors

import (
	"strings"
	"testing"

	"github.com/flyball-stream/flyball/governor"
)

// flowStats are the stats of a flow in → work → out with two subtasks of work.
func flowStats(change func(tasks []TaskStats)) Stats {
	busy := func(part float64) Governed { return Governed{Busy: part, Service: 1000} }
	tasks := []TaskStats{
		{Vertex: "in", Source: true, Lanes: [][]int{{1, 2}}, Governed: Governed{Busy: 0.1, Blocked: 0.9}},
		{Vertex: "work", Lanes: [][]int{{3}}, Queued: 5, RecordsIn: 500, Governed: busy(0.95)},
		{Vertex: "work", Subtask: 1, Lanes: [][]int{{3}}, Queued: 60, RecordsIn: 500, Governed: busy(0.98)},
		{Vertex: "out", Sink: true, Steps: []string{"format", "files"}, Queued: 1, Governed: busy(0.2)},
	}
	if change != nil {
		change(tasks)
	}
	return Stats{Tasks: tasks}
}

func TestWhy(t *testing.T) {
	tests := []struct {
		name      string
		change    func(t []TaskStats)
		collector float64
		path      string // vertices
		cause     Cause
		says      string
	}{
		{"a slow step", nil, 0, "in work", CauseService, "works 98% of the time and does 1000 records a second"},
		{"the policy knows which", func(t []TaskStats) {
			t[0].Governed.Reason = governor.Reason{
				Rate: governor.BoundDownstream, Limit: 2000, Lane: 0, Share: 0.9,
			}
		}, 0, "in work", CauseService, "works 95%"},
		{"a slow sink", func(t []TaskStats) {
			t[2].Governed = Governed{Busy: 0.1, Blocked: 0.9}
			t[3].Governed.Busy = 0.9
		}, 0, "in work out", CauseSink, "it writes format → files"},
		{"saving", func(t []TaskStats) {
			t[2].Governed.Saving, t[2].Governed.Dirty, t[2].Governed.State = 0.4, 1<<20, 3<<20
		}, 0, "in work", CauseCheckpoint, "saves state 40% of the time, 1.0 MiB changed of 3.0 MiB"},
		{"collection", nil, 0.3, "in work", CauseCollector, "garbage collection takes 30%"},
		{"a goal", func(t []TaskStats) {
			t[2].Governed.Busy = 0.5
			t[2].Governed.Reason.Conflict = governor.LatencyBelowStall
		}, 0, "in work", CauseGoal, "exceeds the latency goal"},
		{"little input", func(t []TaskStats) { t[0].Governed = Governed{Busy: 0.1} }, 0,
			"in", CauseInput, "its readers bring no more"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			chains := flowStats(test.change).Why(test.collector)
			if len(chains) != 1 {
				t.Fatalf("got %d chains, want one for the source", len(chains))
			}
			c := chains[0]
			var path []string
			for _, h := range c {
				path = append(path, h.Vertex)
			}
			last := c[len(c)-1]
			if got := strings.Join(path, " "); got != test.path || last.Cause != test.cause {
				t.Errorf("got the path %q to %q, want %q to %q", got, last.Cause, test.path, test.cause)
			}
			if !strings.Contains(last.Why, test.says) {
				t.Errorf("got %q, want %q in it", last.Why, test.says)
			}
		})
	}
}

// TestWhyHotKey has one of three subtasks get nearly all.
func TestWhyHotKey(t *testing.T) {
	s := flowStats(func(t []TaskStats) { t[1].RecordsIn, t[2].RecordsIn = 10, 4000 })
	s.Tasks = append(s.Tasks, TaskStats{Vertex: "work", Subtask: 2})
	last := s.Why(0)[0][1]
	if last.Cause != CauseHotKey || !strings.Contains(last.Why, "100% of the records of 3 subtasks") {
		t.Errorf("got %+v, want a hot key", last)
	}
}

// TestWhyEnds has tasks wait for each other in a circle.
func TestWhyEnds(t *testing.T) {
	s := flowStats(func(t []TaskStats) {
		t[2].Governed.Blocked, t[2].Lanes = 1, [][]int{{0}}
	})
	if got := len(s.Why(0)[0]); got != 2 {
		t.Errorf("got %d hops, want the circle broken after 2", got)
	}
}
