package cluster

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow/plan"
)

// ready checks the command line of run and plan and compiles the flow.
func (a *app) ready(cmd *cli.Command) (*plan.Plan, error) {
	if cmd.Args().Present() {
		return nil, usagef("unexpected argument %q; the commands are run, plan, checkpoints, why, simulate and version",
			cmd.Args().First())
	}
	if err := a.needFlow(); err != nil {
		return nil, err
	}
	a.withdrawGoals()
	if err := a.own.check(); err != nil {
		return nil, &usageError{err}
	}
	g, err := a.flow.Build(a.params)
	if err != nil {
		return nil, err
	}
	return plan.Compile(g, plan.Config{Parallelism: a.own.Parallelism})
}

// run is the command that runs the flow.
func (a *app) run(ctx context.Context, cmd *cli.Command) error {
	p, err := a.ready(cmd)
	if err != nil {
		return err
	}
	out := newConsole(a.Stderr)
	cfg := a.own.config()
	if cfg.Logger, err = newLogger(out, a.own.LogLevel, a.own.LogFormat); err != nil {
		return &usageError{err}
	}
	r := &runner{app: a, plan: p, out: out}
	cfg.Events = r.events()
	cfg.Events.Decision = newDecisions(cfg.Logger)
	if r.drawing, err = a.draw(&cfg.Events); err != nil {
		return err
	}
	j, err := a.engine(p.Graph, cfg)
	if err != nil {
		return err
	}
	r.job = j
	return r.run(ctx)
}

// A runner is one run of a flow at the command line.
type runner struct {
	*app
	plan *plan.Plan
	job  job
	out  *console
	// drawing is nil if there is to be none.
	drawing *drawing

	mu       sync.Mutex
	restored uint64 // the checkpoint that the run began from
}

// run runs the job to its end, serves its pages meanwhile and closes it.
func (r *runner) run(ctx context.Context) error {
	r.begin()
	stop, err := r.serve()
	if err != nil {
		_ = r.job.Close()
		return err
	}
	began := r.now()
	stopped, err := r.attend(ctx)
	drawErr := r.drawing.finish()
	if err == errAborted {
		return err // the job still runs; the process is about to end
	}
	stop()
	r.finish(r.now().Sub(began), stopped, err)
	if closeErr := r.job.Close(); err == nil {
		err = closeErr
	}
	if err == nil && !stopped && r.After != nil {
		err = r.After(r.params, r.Stdout)
	}
	if err == nil {
		err = drawErr
	}
	return err
}

// attend waits for the job and carries interrupts to it. stopped reports
// that the job was asked to stop before its input ended.
func (r *runner) attend(ctx context.Context) (stopped bool, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- r.job.Run(ctx) }()
	stopLine := r.progress()
	defer stopLine()
	defer r.drawing.follow(r.job.Stats)()
	for {
		select {
		case err := <-done:
			return ctx.Err() != nil, err
		case <-r.Interrupts:
			if ctx.Err() != nil {
				return true, errAborted
			}
			r.say("stopping with a final checkpoint; interrupt again to abort at once")
			stop()
		}
	}
}

// say prints a message for people, unless they want none.
func (r *runner) say(format string, args ...any) {
	if !r.own.Quiet {
		fmt.Fprintf(r.out, format+"\n", args...)
	}
}

// begin prints what is about to run.
func (r *runner) begin() {
	r.say("flow %s, %v, fingerprint %s", r.flow.Name(), r.flow.Guarantee(), r.plan.Fingerprint)
	r.say("plan %s", r.plan.Summary())
	if r.own.State == "" {
		r.say("state is not kept; pass -state DIR to go on where a run stopped")
	} else {
		r.say("state in %s", r.own.State)
	}
	r.say("%v", r.job.Bound())
}

// finish prints the summary, which even quiet runs have.
func (r *runner) finish(took time.Duration, stopped bool, err error) {
	s := r.job.Stats()
	how := "ended"
	switch {
	case err != nil:
		how = "failed"
	case stopped:
		how = "stopped"
	}
	fmt.Fprintln(r.out, summary(s, how, took))
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && !stopped && r.restored != 0 && len(s.Tasks) == 0 {
		r.say("checkpoint %d is of a run that read all its input: there was nothing left to do",
			r.restored)
	}
}

// events prints where the run begins; failures are in the log.
func (r *runner) events() actors.Events {
	return actors.Events{
		Restored: func(id uint64, taken time.Time) {
			r.mu.Lock()
			r.restored = id
			r.mu.Unlock()
			r.say("restored from checkpoint %d, taken %s ago", id, brief(r.now().Sub(taken)))
		},
	}
}
