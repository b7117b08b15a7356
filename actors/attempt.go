package actors

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/flyball-stream/flyball/actors/barrier"
	"github.com/flyball-stream/flyball/actors/checkpoint"
	"github.com/flyball-stream/flyball/actors/progress"
	"github.com/flyball-stream/flyball/actors/snapshot"
	"github.com/flyball-stream/flyball/dataflow/operator"
	"github.com/flyball-stream/flyball/dataflow/plan"
	"github.com/flyball-stream/flyball/governor"
)

// attempt is one run of a job's tasks, from a checkpoint to the end or the
// next failure. Nothing of it outlives it.
type attempt struct {
	env   *environment
	plan  *plan.Plan
	cfg   Config
	tasks []*task
	chans []*channel
	stats *jobStats
	ctx   context.Context // ends with the attempt
	began time.Time
	ready chan struct{}       // closed when all actors have been spawned
	halt  chan struct{}       // closed to unwind tasks that wait for credit
	known map[string]*listing // by source step; all are there from the start
	gone  chan struct{}       // closed when all actors have stopped
	// workers are the goroutines of the tasks.
	workers sync.WaitGroup
	// retired says that the tasks have stopped; the job's lock guards it.
	retired bool
}

// listing is the splits of one source that have been dealt.
type listing struct {
	ids  map[string]bool
	turn int // next subtask to be given one
}

// newAttempt makes tasks and channels, not yet running.
func newAttempt(j *Job, env *environment) *attempt {
	a := &attempt{
		env: env, plan: j.plan, cfg: j.cfg, stats: j.stats,
		ready: make(chan struct{}), halt: make(chan struct{}), gone: make(chan struct{}),
		known: map[string]*listing{}, began: env.clock.wall(),
	}
	byVertex := make([][]*task, len(a.plan.Vertices))
	for _, v := range a.plan.Vertices {
		for s := range v.Parallelism {
			t := a.newTask(j, v, s)
			byVertex[v.ID] = append(byVertex[v.ID], t)
		}
	}
	links := map[*plan.Edge][][]*channel{}
	for _, e := range a.plan.Edges {
		links[e] = a.connect(e, byVertex[e.From.ID], byVertex[e.To.ID], j.cfg)
	}
	env.tasks, env.channels = len(a.tasks), len(a.chans)
	hops := hopsOf(a.plan)
	for _, t := range a.tasks {
		t.finishWiring(links)
		t.reg = newRegulator(t, j.cfg, hops[t.vertex.ID])
		if t.source != nil {
			a.known[t.head().step.Name] = &listing{}
		}
	}
	return a
}

// hopsOf is, for each vertex, the number of tasks that a record passes on the
// longest path through it.
func hopsOf(p *plan.Plan) []int {
	inputs := make([][]int, len(p.Vertices))
	for _, e := range p.Edges {
		inputs[e.To.ID] = append(inputs[e.To.ID], e.From.ID)
	}
	return governor.Hops(inputs)
}

func (a *attempt) newTask(j *Job, v *plan.Vertex, subtask int) *task {
	t := &task{
		env: a.env, id: len(a.tasks), vertex: v, subtask: subtask, meter: newMeter(),
		stop: a.halt,
		log:  a.env.log.With("vertex", v.Name, "subtask", subtask),
	}
	t.snap.task, t.snap.resume = t, operator.MaxTimestamp
	a.tasks = append(a.tasks, t)
	return t
}

// connect makes the channels of an edge: by upstream subtask, then by
// downstream subtask.
func (a *attempt) connect(e *plan.Edge, from, to []*task, cfg Config) [][]*channel {
	all := make([][]*channel, len(from))
	for u := range from {
		targets := to
		if e.Partitioning == plan.Forward {
			targets = to[u : u+1]
		}
		for _, t := range targets {
			c := newChannel(len(t.inputs), e.Input, cfg.Window)
			c.task = t.id
			t.inputs = append(t.inputs, c)
			all[u] = append(all[u], c)
			a.chans = append(a.chans, c)
		}
	}
	return all
}

// finishWiring builds the chain of a task now that all channels are known.
func (t *task) finishWiring(links map[*plan.Edge][][]*channel) {
	g := t.env.plan.Graph
	nodes := map[int]*node{}
	for _, i := range t.vertex.Steps {
		n := newNode(g.Steps[i], t.meter)
		nodes[i] = n
		t.nodes = append(t.nodes, n)
		if len(t.nodes) > 1 {
			in := n.step.Inputs[0]
			up := nodes[in.From]
			up.outs[in.Port] = append(up.outs[in.Port], n)
			up.next = append(up.next, n)
		}
	}
	for _, e := range t.vertex.Out {
		o := newOutbox(t, e, g.Groups, links[e][t.subtask])
		for _, c := range o.channels {
			o.receivers = append(o.receivers, c.task)
		}
		t.boxes = append(t.boxes, o)
		up := nodes[e.Step]
		up.outs[e.Port] = append(up.outs[e.Port], o)
	}
	t.held = make([][]*delivery, len(t.inputs))
	t.aligner = barrier.NewAligner(len(t.inputs))
	low := t.env.restored.watermark(t.head().step.Name)
	t.merger = progress.NewMerger(len(t.inputs), low)
	if spec := t.head().step.Source; spec != nil {
		t.source = newReading(t, spec, low)
		t.source.batch.on = t.env.batched
	}
}

func newNode(s *plan.Step, m *meter) *node {
	n := &node{step: s, kind: User, outs: make([][]consumer, len(s.Outputs)), meter: m}
	switch {
	case s.Sink != nil:
		n.kind = Sink
	case s.Source != nil:
		n.kind = Source
	default:
		n.op = s.New()
	}
	return n
}

// run spawns the actors, starts them and waits for the outcome. When stop
// ends, the job takes a final checkpoint and ends.
func (a *attempt) run(stop context.Context, cfg checkpoint.Config) outcome {
	ctx, cancel := context.WithCancel(context.Background())
	a.ctx, a.env.ctx = ctx, ctx
	result := make(chan outcome, 1)
	cfg.Tasks = len(a.tasks)
	j := &job{
		env: a.env, attempt: a, coord: checkpoint.New(cfg), result: result,
		waiting: map[uint64]chan<- savepointReply{},
	}
	j.plan = newPlanner(j, a.cfg)
	j.batches = newBatching(j, a.cfg.MicroBatch)
	a.spawn(j, result)
	var o outcome
	err := a.startSources(ctx, stop)
	if err != nil && stop.Err() != nil {
		// It ends as any other stop: sources that have begun to read have something
		// to save, and the next run asks the others again.
		a.env.log.Warn("stopped before all sources had listed their splits", "err", err)
		err = nil
	}
	if err != nil {
		o = outcome{err: err, kind: err.Kind}
	} else {
		a.env.beside(func() { a.beat(ctx) })
		o = a.await(stop, result)
	}
	cancel()
	if err := a.shutDown(); err != nil { // another attempt would run beside what is left of this
		o = outcome{err: errors.Join(o.err, err), kind: Internal, began: true}
	}
	return o
}

func (a *attempt) await(stop context.Context, result <-chan outcome) outcome {
	for {
		select {
		case o := <-result:
			return o
		case <-stop.Done():
			a.env.root.Send(a.env.job, stopJob{})
			return <-result
		}
	}
}

// spawn makes the actors. A task's actor never restarts by itself: its state
// would be gone, and with it exactly-once.
// Neither does the job's, so a panic ends the attempt without asking it.
func (a *attempt) spawn(j *job, result chan<- outcome) {
	guardian := actor.WithGuardian(actor.NewOneForOneStrategy(0, 0, func(reason any) actor.Directive {
		report(result, outcome{kind: Internal, began: true, err: fmt.Errorf(
			"flow %q: attempt %d: an actor panicked: %v", a.env.flow, a.env.attempt, reason)})
		return actor.StopDirective
	}))
	a.env.job = a.env.root.Spawn(actor.PropsFromFunc(j.Receive, guardian))
	for _, t := range a.tasks {
		w := newWorker(a.gone)
		a.workers.Go(w.run)
		t.pid = a.env.root.Spawn(actor.PropsFromFunc(t.Receive, guardian, actor.WithDispatcher(w)))
		for _, c := range t.inputs {
			c.to = t.pid
		}
	}
	close(a.ready)
	for _, t := range a.tasks {
		a.env.root.Send(t.pid, start{})
	}
}

// report tells the outcome of an attempt; only the first one counts.
func report(result chan<- outcome, o outcome) {
	select {
	case result <- o:
	default:
	}
}

// shutDown stops everything the attempt has started and waits for it.
func (a *attempt) shutDown() error {
	close(a.halt)
	done := make(chan struct{})
	go func() {
		for _, t := range a.tasks {
			_ = a.env.root.StopFuture(t.pid).Wait()
		}
		_ = a.env.root.StopFuture(a.env.job).Wait()
		a.env.running.Wait()
		close(a.gone)
		a.workers.Wait()
		close(done)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), a.env.stopTimeout)
	defer cancel()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop flow %q: a task is still inside user code after %v",
			a.env.flow, a.env.stopTimeout)
	}
}

// startSources lists the splits of each source, deals them and lets the
// sources begin. A stop does not wait for a source that is slow to answer.
func (a *attempt) startSources(ctx, stop context.Context) *TaskError {
	listing, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(stop, cancel)()
	for _, v := range a.plan.Vertices {
		step := a.plan.Graph.Steps[v.Steps[0]]
		if step.Source == nil {
			continue
		}
		splits, err := a.discover(listing, step)
		if err != nil {
			return &TaskError{
				Flow: a.env.flow, Step: step.Name, Attempt: a.env.attempt, Kind: Source, Err: err,
			}
		}
		a.assign(step.Name, splits)
		if step.Source.Source.Grows() {
			a.env.beside(func() { a.watch(ctx, step) })
		}
	}
	return nil
}

// discover lists the splits of a source that are not known yet, those of the
// restored checkpoint first with the offsets it has. A bounded source is
// listed once in the life of its state: listed again it might be cut into
// other splits.
func (a *attempt) discover(ctx context.Context, step *plan.Step) (splits []assigned, err error) {
	defer recovered(&err)
	known := a.known[step.Name]
	if known.ids == nil {
		known.ids = map[string]bool{}
		for _, s := range a.env.restored.splits(step.Name) {
			known.ids[s.ID] = true
			splits = append(splits, fromOffset(s))
		}
		if len(splits) > 0 && !step.Source.Source.Grows() {
			return splits, nil
		}
	}
	listed, err := step.Source.Source.Splits(ctx)
	if err != nil {
		return nil, fmt.Errorf("list splits: %w", err)
	}
	for _, s := range listed {
		if !known.ids[s.ID] {
			known.ids[s.ID] = true
			splits = append(splits, assigned{split: s, watermark: operator.MinTimestamp})
		}
	}
	return splits, nil
}

func fromOffset(s snapshot.SplitOffset) assigned {
	return assigned{
		split: operator.Split{ID: s.ID, Payload: s.Payload}, offset: s.Offset, done: s.Done,
		watermark: operator.Timestamp(s.Watermark),
	}
}

// watch looks for new splits of a growing source.
func (a *attempt) watch(ctx context.Context, step *plan.Step) {
	for ctx.Err() == nil {
		wait(ctx, time.Second)
		splits, err := a.discover(ctx, step)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			a.env.tell(failed{err: &TaskError{
				Flow: a.env.flow, Step: step.Name, Attempt: a.env.attempt, Kind: Source, Err: err,
			}})
			return
		case len(splits) > 0:
			a.env.tell(found{step.Name, splits})
		}
	}
}

// assign deals splits to the subtasks of a source, unfinished ones in turn.
func (a *attempt) assign(step string, splits []assigned) {
	var readers []*task
	for _, t := range a.tasks {
		if t.source != nil && t.head().step.Name == step {
			readers = append(readers, t)
		}
	}
	shares := make([][]assigned, len(readers))
	dealt := a.known[step]
	for _, s := range splits {
		i := 0
		if !s.done {
			i = dealt.turn % len(readers)
			dealt.turn++
		}
		shares[i] = append(shares[i], s)
	}
	for i, t := range readers {
		a.env.root.Send(t.pid, assign{shares[i]})
	}
}
