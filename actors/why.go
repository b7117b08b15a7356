package actors

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flyball-stream/flyball/governor"
)

// Cause is what keeps a task from doing more.
type Cause string

// The causes.
const (
	CauseInput      Cause = "input"      // no more comes
	CauseService    Cause = "service"    // it works all the time
	CauseSink       Cause = "sink"       // it works all the time, and writes
	CauseCheckpoint Cause = "checkpoint" // saving state takes much of its time
	CauseHotKey     Cause = "hot key"    // it gets far more than its siblings
	CauseCollector  Cause = "collector"  // garbage collection takes much of the processors
	CauseGoal       Cause = "goal"       // a goal lets it have little in flight
	CauseDownstream Cause = "downstream" // it waits for the next task of the chain
)

// Hop is one task of a [Chain].
type Hop struct {
	Task    int // index in [Stats.Tasks]
	Vertex  string
	Subtask int
	Cause   Cause
	Why     string // the measurement that says so, in words
}

// Chain leads from a source, along credits that ran out, to the task that binds.
// All hops but the last wait for the next.
type Chain []Hop

// String is a line for each hop.
func (c Chain) String() string {
	var b strings.Builder
	for i, h := range c {
		fmt.Fprintf(&b, "%s%s[%d]: %s\n", strings.Repeat("  ", i), h.Vertex, h.Subtask, h.Why)
	}
	return b.String()
}

// Why explains what holds the job back: a chain for each source step, from the
// subtask that waits most. collector is the part of the processors' time that
// garbage collection takes, in [0, 1].
func (s Stats) Why(collector float64) (chains []Chain) {
	first := map[string]int{}
	for i, t := range s.Tasks {
		if !t.Source {
			continue
		}
		if j, ok := first[t.Vertex]; !ok || t.Governed.Blocked > s.Tasks[j].Governed.Blocked {
			first[t.Vertex] = i
		}
	}
	for _, i := range slices.Sorted(values(first)) {
		chains = append(chains, s.chain(i, collector))
	}
	return chains
}

func values(m map[string]int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for _, v := range m {
			if !yield(v) {
				return
			}
		}
	}
}

func (s Stats) chain(task int, collector float64) (c Chain) {
	path := s.path(task)
	for i, t := range path {
		h := Hop{Task: t, Vertex: s.Tasks[t].Vertex, Subtask: s.Tasks[t].Subtask}
		if i < len(path)-1 {
			h.Cause, h.Why = s.waits(t, path[i+1])
		} else {
			h.Cause, h.Why = s.binds(t, collector)
		}
		c = append(c, h)
	}
	return c
}

// path follows a task's waiting downstream: by the lane that its policy says
// binds or, where none says, to the receiver that most waits for.
func (s Stats) path(task int) []int {
	path := []int{task}
	for len(path) <= len(s.Tasks) {
		next := s.binding(s.Tasks[task])
		if next < 0 || slices.Contains(path, next) {
			break
		}
		path, task = append(path, next), next
	}
	return path
}

func (s Stats) binding(t TaskStats) int {
	r := t.Governed.Reason
	if t.Governed.Blocked <= hindered {
		return -1
	}
	if r.Rate == governor.BoundDownstream && r.Limit > 0 && r.Share > 0 {
		return t.Lanes[r.Output][r.Lane]
	}
	best := -1
	for _, lanes := range t.Lanes {
		for _, to := range lanes {
			if best < 0 || s.pressed(to, best) > 0 {
				best = to
			}
		}
	}
	return best
}

// pressed compares how much waits for two tasks and how little time they have.
func (s Stats) pressed(a, b int) int {
	x, y := s.Tasks[a], s.Tasks[b]
	return cmp.Or(cmp.Compare(x.Queued, y.Queued), cmp.Compare(
		x.Governed.Busy+x.Governed.Blocked, y.Governed.Busy+y.Governed.Blocked))
}

func (s Stats) waits(task, next int) (Cause, string) {
	t := s.Tasks[task]
	why := fmt.Sprintf("waits %s of the time for credit of %s[%d]", percent(t.Governed.Blocked),
		s.Tasks[next].Vertex, s.Tasks[next].Subtask)
	r := t.Governed.Reason
	if n := lanesOf(t, r); r.Rate == governor.BoundDownstream && n > 1 && r.Share > 2/float64(n) {
		why += fmt.Sprintf(", which gets %s of its records although there are %d to get them",
			percent(r.Share), n)
	}
	return CauseDownstream, why
}

func lanesOf(t TaskStats, r governor.Reason) int {
	if r.Output >= len(t.Lanes) {
		return 0
	}
	return len(t.Lanes[r.Output])
}

const (
	// much is the part of its time that counts as all a task has: what it does
	// between two batches is not measured.
	much = 0.8
	// notable is the part of the time from which on something is worth naming.
	notable = 0.25
)

// binds says what keeps the last task of a chain from doing more.
func (s Stats) binds(task int, collector float64) (Cause, string) {
	t := s.Tasks[task]
	g := t.Governed
	rate := fmt.Sprintf("does %.0f records a second while it works", g.Service)
	busy := fmt.Sprintf("works %s of the time and %s", percent(g.Busy), rate)
	switch {
	case g.Saving > notable:
		return CauseCheckpoint, fmt.Sprintf("saves state %s of the time, %s changed of %s; %s",
			percent(g.Saving), size(g.Dirty), size(g.State), busy)
	case g.Busy+g.Saving < much && goalBinds(g.Reason):
		return CauseGoal, busy + "; " + g.Reason.String()
	case g.Busy+g.Saving < much && t.Source:
		return CauseInput, busy + "; nothing holds it back, its readers bring no more"
	case g.Busy+g.Saving < much:
		return CauseInput, busy + "; nothing holds it back, no more comes"
	case collector > notable:
		return CauseCollector, fmt.Sprintf("%s; garbage collection takes %s of the processors",
			busy, percent(collector))
	}
	if n, share := s.share(task); n > 1 && share > 2/float64(n) {
		return CauseHotKey, fmt.Sprintf("%s; it gets %s of the records of %d subtasks",
			busy, percent(share), n)
	}
	if g.Disturbed > notable && g.LastID > 0 {
		busy += fmt.Sprintf("; a checkpoint is being written %s of the time, the last took %v",
			percent(g.Disturbed), g.Last.Persist.Round(time.Millisecond))
	}
	if t.Sink {
		return CauseSink, busy + "; it writes " + strings.Join(t.Steps, " → ")
	}
	return CauseService, busy
}

func goalBinds(r governor.Reason) bool {
	switch r.Window {
	case governor.BoundLatency, governor.BoundCheckpoint, governor.BoundMemory, governor.BoundFloor:
		return true
	}
	return r.Conflict != governor.NoConflict
}

// share is the number of a task's siblings, itself among them, and its part of
// what they receive.
func (s Stats) share(task int) (siblings int, share float64) {
	var sum int64
	for _, t := range s.Tasks {
		if t.Vertex == s.Tasks[task].Vertex {
			siblings++
			sum += t.RecordsIn
		}
	}
	return siblings, float64(s.Tasks[task].RecordsIn) / float64(max(1, sum))
}

func percent(part float64) string { return fmt.Sprintf("%.0f%%", 100*part) }
