package e2e

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/test/law"
	"github.com/flyball-stream/flyball/test/process"
)

// child says what a process is to do.
type child struct {
	In, Out, State string
	Parallelism    int
	Interval       time.Duration // between checkpoints
	Split          int64         // bytes; 0 is the default
	Rate           int64         // records a second; 0 is no limit
	Death          process.Death
	Flow           string // name of the flow, if not the usual one
	Renamed        bool   // call one step otherwise
	Drop           bool   // allow its state to be dropped
	Panic          int64  // at which record
	From           uint64
	Patience       time.Duration // of the parent; 0 is the usual one
	Slow           time.Duration // for each record that a sink writes
	Law            string        // see package law; empty is none
	FileLimit      uint64        // bytes that a file may have; 0 is no limit
	Backoff        time.Duration
	Attempts       int // restarts; 0 is none
	UserAttempts   int // of user code; 0 is none
}

// report is what a child prints when it has ended.
type report struct {
	Err         string
	Stopped     bool     // by an interrupt
	Restored    uint64   // checkpoint
	Damaged     []string // checkpoints passed over
	Checkpoints int64
	Attempts    int
	Bound       int64 // of memory, without state, in bytes
	Entries     int64 // in the state, at the end
}

func (c child) name() string {
	if c.Flow != "" {
		return c.Flow
	}
	return "flights"
}

func (c child) hours() string {
	if c.Renamed {
		return "hours by another name"
	}
	return "hours"
}

func (c child) splitBytes() int64 {
	if c.Split > 0 {
		return c.Split
	}
	return 64 << 20
}

// TestMain runs the tests, or is a child.
func TestMain(m *testing.M) {
	os.Exit(process.Main(m, func(c child) (report, bool) {
		r := c.run()
		return r, r.Err == ""
	}))
}

// listening is what a child says once an interrupt stops its flow, and no longer the process.
const listening = "listening"

// run runs the flow and says how that went.
func (c child) run() (r report) {
	if c.FileLimit > 0 {
		signal.Ignore(syscall.SIGXFSZ)
		if err := limitFiles(c.FileLimit); err != nil {
			return report{Err: err.Error()}
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	fmt.Fprintln(os.Stderr, listening)
	job, err := c.job(&r)
	if err != nil {
		return report{Err: err.Error()}
	}
	r.Bound = job.Bound().Total
	err = job.Run(ctx)
	r.Stopped = ctx.Err() != nil
	s := job.Stats()
	r.Attempts, r.Checkpoints = s.Attempt, int64(s.Checkpoints.Completed)
	for _, task := range s.Tasks {
		r.Entries += task.Entries
	}
	if closeErr := job.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		r.Err = err.Error()
	}
	return r
}

func (c child) job(r *report) (*actors.Job, error) {
	flow := define(c)
	g, err := flow.Build(flow.Params())
	if err != nil {
		return nil, err
	}
	if c.Slow > 0 {
		for _, s := range g.Steps {
			if s.Sink != nil {
				s.Sink = slowSink{s.Sink, c.Slow}
			}
		}
	}
	cfg := actors.Config{
		Dir: c.State, Parallelism: c.Parallelism, CheckpointInterval: c.Interval, From: c.From,
		DropState: c.Drop, StoreBytes: 16 << 20, Faults: c.Death.Hook(),
		Restart: actors.RestartPolicy{
			Attempts: orNone(c.Attempts), UserAttempts: orNone(c.UserAttempts), Backoff: c.Backoff,
		},
		Events: actors.Events{
			Restored: func(id uint64, _ time.Time) { r.Restored = id },
			Damaged:  func(err error) { r.Damaged = append(r.Damaged, err.Error()) },
		},
	}
	if c.Law != "" {
		law.Set(c.Law, &cfg)
	}
	return actors.New(g, cfg)
}

// orNone is how an actors.Config says none.
func orNone(n int) int {
	if n == 0 {
		return -1
	}
	return n
}
