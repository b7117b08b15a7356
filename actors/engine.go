package actors

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/flyball-stream/flyball/actors/checkpoint"
	"github.com/flyball-stream/flyball/actors/snapshot"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// Job is a flow made ready to run in this process. Make one with [New], run
// it once, close it.
type Job struct {
	cfg      Config
	plan     *plan.Plan
	bound    Bound
	store    *snapshot.Store
	temp     string // the directory to remove, if the state is temporary
	system   *actor.ActorSystem
	clock    clock
	stats    *jobStats
	counters *counters

	mu      sync.Mutex
	current *attempt
}

// New compiles the graph, opens the state directory and makes the job that
// will run it. The directory is locked until the job is closed.
func New(g *plan.Graph, cfg Config) (*Job, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("run flow %q: %w", g.Flow, err)
	}
	cfg = cfg.withDefaults()
	p, err := plan.Compile(g, plan.Config{Parallelism: cfg.Parallelism})
	if err != nil {
		return nil, fmt.Errorf("run flow %q: %w", g.Flow, err)
	}
	j := &Job{
		cfg: cfg, plan: p, bound: boundOf(p, cfg), clock: newClock(), counters: newCounters(),
	}
	j.stats = newJobStats(g.Flow, cfg.Events)
	if cfg.Dir == "" {
		if j.temp, err = os.MkdirTemp("", "flyball-"); err != nil {
			return nil, fmt.Errorf("run flow %q: make a temporary state directory: %w", g.Flow, err)
		}
		j.cfg.Dir = j.temp
	}
	j.store, err = snapshot.Open(snapshot.Config{
		Dir: j.cfg.Dir, Flow: g.Flow, Retain: cfg.Retain, MemoryBytes: cfg.StoreBytes,
		Logger: cfg.Logger,
	})
	if err != nil {
		return nil, errors.Join(err, j.removeTemp())
	}
	j.system = actor.NewActorSystem(actor.WithLoggerFactory(quiet))
	return j, nil
}

// Plan is what the job runs.
func (j *Job) Plan() *plan.Plan { return j.plan }

// Bound is the memory the job may use.
func (j *Job) Bound() Bound { return j.bound }

// Close releases the state directory. The job must not be running.
func (j *Job) Close() error {
	j.system.Shutdown()
	return errors.Join(j.store.Close(), j.removeTemp())
}

func (j *Job) removeTemp() error {
	if j.temp == "" {
		return nil
	}
	return os.RemoveAll(j.temp)
}

// Run runs the flow until its input ends or ctx does, in which case it first
// takes a final checkpoint, from which a later run goes on. A task that fails
// restarts the flow from its last checkpoint as the restart policy allows; a
// flow that cannot even open its state and sinks is not tried again.
// Run returns nil when the flow has ended either way and everything it wrote
// is committed.
func (j *Job) Run(ctx context.Context) error {
	defer j.stats.phase(Ended)
	again := restarts{policy: j.cfg.Restart}
	for number := 1; ; number++ {
		completed := j.stats.count()
		o := j.runAttempt(ctx, number)
		if o.err == nil {
			return nil
		}
		if j.stats.count() > completed {
			again.progressed()
		}
		after, ok := again.next(o.kind)
		if !ok || ctx.Err() != nil || number == 1 && !o.began {
			return o.err
		}
		j.cfg.Logger.Error("flow failed and restarts", "attempt", number, "after", after, "err", o.err)
		j.stats.restarting(number+1, after, o.err)
		if wait(ctx, after); ctx.Err() != nil {
			return o.err
		}
	}
}

func (j *Job) runAttempt(ctx context.Context, number int) outcome {
	j.stats.phase(Starting)
	// A run that is stopped while it starts stops as any other: after a final
	// checkpoint.
	env, err := j.prepare(context.WithoutCancel(ctx), number)
	if err != nil {
		return outcome{err: err, kind: kindOf(err, State)}
	}
	if env.restored.finished() {
		return outcome{closed: true}
	}
	a := newAttempt(j, env)
	j.setCurrent(a)
	j.stats.begin(number)
	o := a.run(ctx, checkpoint.Config{
		Interval: j.cfg.CheckpointInterval, Timeout: j.cfg.CheckpointTimeout,
		Tolerate: max(j.cfg.TolerateFailures, 0), Next: j.store.NextCheckpoint(),
	})
	j.retire(a)
	return o
}

// prepare fences earlier attempts off, finds the checkpoint to restore and
// brings the sinks to where it left them.
func (j *Job) prepare(ctx context.Context, number int) (*environment, error) {
	j.cfg.fault(faultBegin)
	generation, err := j.store.Begin(ctx)
	if err != nil {
		return nil, err
	}
	j.cfg.fault(faultBegun)
	m, err := j.find()
	if err != nil {
		return nil, err
	}
	g := j.plan.Graph
	r, err := newRestored(m, j.store, g, j.cfg.DropState)
	if err != nil {
		return nil, err
	}
	if err := r.settleSinks(g, j.cfg.fault); err != nil {
		return nil, err
	}
	if m != nil && number == 1 && j.cfg.Events.Restored != nil {
		j.cfg.Events.Restored(m.ID, m.Created)
	}
	return &environment{
		flow: g.Flow, plan: j.plan, attempt: number, generation: generation, groups: g.Groups,
		linger: j.cfg.Linger, stopTimeout: j.cfg.StopTimeout, clock: j.clock,
		root: j.system.Root, store: j.store, restored: r, dropState: j.cfg.DropState,
		counters: j.counters, log: j.cfg.Logger, fault: j.cfg.fault, events: j.cfg.Events,
		conditions: &conditions{}, batched: j.cfg.MicroBatch != nil,
	}, nil
}

// find returns the manifest to restore: the one that was asked for, or the
// newest whole one. Damaged ones are passed over aloud.
func (j *Job) find() (*snapshot.Manifest, error) {
	if j.cfg.From != 0 && j.stats.count() == 0 {
		return j.store.Load(j.cfg.From)
	}
	m, damage, err := j.store.Latest()
	for _, d := range damage {
		j.cfg.Logger.Error("checkpoint is damaged and passed over", "damage", d)
		if j.cfg.Events.Damaged != nil {
			j.cfg.Events.Damaged(d)
		}
		if err != nil {
			err = fmt.Errorf("%w\n%w", err, d)
		}
	}
	return m, err
}

func (j *Job) setCurrent(a *attempt) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.current = a
}

// retire keeps what a finished attempt has counted.
func (j *Job) retire(a *attempt) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.stats.keep(a)
}

// Savepoint takes a checkpoint that is written whole, kept until it is
// deleted, and found by its label. It returns the checkpoint's number once it
// is durable.
func (j *Job) Savepoint(ctx context.Context, label string) (uint64, error) {
	j.mu.Lock()
	a := j.current
	j.mu.Unlock()
	away := fmt.Errorf("take savepoint %q: flow %q is not running", label, j.plan.Graph.Flow)
	if a == nil {
		return 0, away
	}
	select {
	case <-a.ready:
	case <-a.halt:
		return 0, away
	case <-ctx.Done():
		return 0, fmt.Errorf("take savepoint %q: %w", label, ctx.Err())
	}
	reply := make(chan savepointReply, 1)
	a.env.root.Send(a.env.job, savepoint{label, reply})
	var r savepointReply
	select {
	case r = <-reply:
	case <-a.halt:
		select { // the job may have answered before it ended
		case r = <-reply:
		default:
			return 0, away
		}
	case <-ctx.Done():
		return 0, fmt.Errorf("take savepoint %q: %w", label, ctx.Err())
	}
	if r.err != nil {
		return 0, fmt.Errorf("take savepoint %q: %w", label, r.err)
	}
	return r.id, nil
}

// Stats is the job as it is now. Any goroutine may ask.
func (j *Job) Stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.stats.snapshot()
	s.Counters = j.counters.snapshot()
	if j.current != nil {
		j.stats.fill(&s, j.current, time.Duration(j.clock.mono()))
	}
	return s
}

func kindOf(err error, otherwise Kind) Kind {
	var t *TaskError
	if errors.As(err, &t) {
		return t.Kind
	}
	return otherwise
}
