package actors

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/flyball-stream/flyball/actors/snapshot"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/dataflow/state"
)

// environment is what the tasks of one attempt share.
type environment struct {
	flow        string
	plan        *plan.Plan
	attempt     int
	generation  snapshot.Generation
	groups      int
	linger      time.Duration
	stopTimeout time.Duration
	clock       clock
	root        *actor.RootContext
	job         *actor.PID
	store       *snapshot.Store
	restored    *restored
	dropState   bool
	counters    *counters
	log         *slog.Logger
	fault       func(point string)
	events      Events
	conditions  *conditions
	batched     bool // the job works in micro-batches
	tasks       int  // of the attempt
	channels    int
	ctx         context.Context // ends with the attempt

	running sync.WaitGroup // goroutines beside the tasks
}

// beside runs f in a goroutine that the end of the attempt waits for: reading
// a split, persisting a checkpoint, committing a sink.
func (e *environment) beside(f func()) { e.running.Go(f) }

// tell sends a message to the job.
func (e *environment) tell(msg any) { e.root.Send(e.job, msg) }

// open makes one step of a task ready: its state restored, its sink open.
func (e *environment) open(t *task, n *node) error {
	if n.step.Sink != nil {
		var w operator.Writer
		err := guarded(func() (err error) {
			w, err = n.step.Sink.Open(operator.Place{
				Step: n.step.Name, Subtask: t.subtask, Parallelism: t.vertex.Parallelism,
				Generation: uint64(e.generation), Restored: e.restored.id(),
			})
			return err
		})
		if err != nil {
			return atStep(fmt.Errorf("open sink: %w", err), n.step.Name, Sink)
		}
		n.sink = w
		return nil
	}
	if n.op == nil {
		return nil
	}
	groups := state.RangeOf(t.subtask, t.vertex.Parallelism, e.groups)
	from := e.restored.step(n.step.Name, groups)
	n.state = state.NewBackend(state.Config{
		Step: n.step.Name, Groups: e.groups, Range: groups, Restore: from, Now: e.clock.mono,
	})
	err := n.open(&operator.Runtime{
		Step: n.step.Name, Subtask: t.subtask, Parallelism: t.vertex.Parallelism,
		State: n.state, Watermark: e.restored.watermark(n.step.Name), Now: e.clock.now,
		Count: func(name string, k int) { e.counters.add(CounterKey{n.step.Name, name}, int64(k)) },
	})
	if err != nil {
		return err
	}
	if lost := from.unopened(n.state.Schemas()); lost != "" && !e.dropState {
		return atStep(fmt.Errorf("restore: the checkpoint holds state %q, which the step no longer "+
			"has; restore its name, or allow the state to be dropped", lost), n.step.Name, State)
	}
	if len(n.state.Schemas()) == 0 {
		n.state = nil
		return nil
	}
	t.snap.chains = t.snap.chains.join(from.chains())
	t.meter.entries.Add(int64(n.state.Entries()))
	return nil
}

// counters are what operators count.
type counters struct {
	mu sync.Mutex
	n  map[CounterKey]int64
}

func newCounters() *counters { return &counters{n: map[CounterKey]int64{}} }

func (c *counters) add(k CounterKey, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n[k] += n
}

func (c *counters) snapshot() map[CounterKey]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[CounterKey]int64, len(c.n))
	for k, v := range c.n {
		out[k] = v
	}
	return out
}
