package actors

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/flyball-stream/flyball/governor"
)

// Config says how a flow is to be run. The zero value of each field means its
// default.
type Config struct {
	// Dir is the state directory. Without one the state lives in a temporary
	// directory that is removed when the job is closed.
	Dir string
	// Parallelism of the steps that do not set their own. Default 1.
	Parallelism int
	// CheckpointInterval is the time from the start of one checkpoint to that
	// of the next. Default 10 s; below zero only the final one is taken.
	CheckpointInterval time.Duration
	// CheckpointTimeout is when a checkpoint is given up. Default 10 min.
	CheckpointTimeout time.Duration
	// TolerateFailures is how many checkpoints may fail in a row before the
	// job does. Default 2; below zero none.
	TolerateFailures int
	// Retain is how many complete checkpoints are kept. Default 3.
	Retain int
	// From is the checkpoint or savepoint to restore, 0 the latest one.
	From uint64
	// DropState allows a restore to leave behind the state of steps that are
	// no longer part of the flow.
	DropState bool
	// Restart says what to do when a task fails.
	Restart RestartPolicy
	// Window is the credit of each channel, for the fixed policy. Default
	// [governor.DefaultWindow].
	Window governor.Window
	// Policy makes the policy of one task; default fixed windows.
	Policy func(governor.Config) governor.Policy
	// Goals are what the policies of tasks are given to reach.
	Goals governor.Goals
	// ControlPeriod is how often tasks consult their policy. Default 100 ms.
	ControlPeriod time.Duration
	// Adaptive lets a [governor.Schedule] choose the time between checkpoints,
	// by what they cost and by the recovery goal, beginning with
	// CheckpointInterval.
	Adaptive bool
	// Relax, which Adaptive implies, has checkpoints come later than CheckpointInterval
	// says where records wait for them and the last took more than half of it: half of
	// the time is left to records.
	Relax bool
	// MicroBatch, if not nil, has the job work in micro-batches. The tasks'
	// policies should then be fixed: the sizes of batches meter the flow.
	MicroBatch *MicroBatch
	// Linger is how long a record may wait for its batch to fill. Default 5 ms.
	Linger time.Duration
	// StoreBytes is the memory the snapshot store may use. Default 64 MiB.
	StoreBytes int64
	// StopTimeout is how long a stopping task may take to return from user
	// code. Default 30 s.
	StopTimeout time.Duration
	// Logger gets what happens to the job; default nothing.
	Logger *slog.Logger
	// Events is told what happens to the job.
	Events Events
	// Faults is for tests of what crashes leave behind: it is called at each
	// of [FaultPoints], by any goroutine, and may end the process there.
	Faults func(point string)
}

// Events is told what happens to a job. Each function is optional and must not
// block. Those about checkpoints are called by the job's actor, the others by
// the goroutine that runs the job.
type Events struct {
	Restored         func(checkpoint uint64, taken time.Time)
	Checkpoint       func(CheckpointInfo)
	CheckpointFailed func(id uint64, err error)
	Restarting       func(attempt int, after time.Duration, err error)
	Damaged          func(err error) // a checkpoint that was passed over
	// Decision is told of every decision, by the task that it is about.
	Decision func(Decided)
	// Batch is told of every micro-batch that is complete, by the job's actor.
	Batch func(governor.CompletedBatch)
}

func (c Config) withDefaults() Config {
	set(&c.Parallelism, 1)
	set(&c.CheckpointInterval, 10*time.Second)
	set(&c.CheckpointTimeout, 10*time.Minute)
	set(&c.TolerateFailures, 2)
	set(&c.Retain, 3)
	set(&c.Window, governor.DefaultWindow)
	set(&c.ControlPeriod, 100*time.Millisecond)
	set(&c.Linger, 5*time.Millisecond)
	set(&c.StoreBytes, 64<<20)
	set(&c.StopTimeout, 30*time.Second)
	if c.Policy == nil {
		w := c.Window
		c.Policy = func(governor.Config) governor.Policy { return governor.Fixed(w) }
	}
	if c.MicroBatch != nil {
		c.CheckpointInterval, c.Adaptive, c.Relax = -1, false, false // batches have them
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Restart = c.Restart.withDefaults()
	return c
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Validate reports all that is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(c.Parallelism >= 0, "parallelism %d is negative", c.Parallelism)
	check(c.Retain >= 0, "retain %d is negative; keep at least one checkpoint", c.Retain)
	check(c.Window.Batches >= 0 && c.Window.Bytes >= 0, "window %+v is negative", c.Window)
	check(c.MicroBatch == nil || c.MicroBatch.Interval > 0 && c.MicroBatch.Every >= 0 &&
		c.MicroBatch.Policy != nil, "micro-batches need an interval above 0 and a policy")
	check(c.ControlPeriod >= 0, "control period %v is negative", c.ControlPeriod)
	check(c.Linger >= 0, "linger %v is negative", c.Linger)
	check(c.CheckpointTimeout >= 0, "checkpoint timeout %v is negative", c.CheckpointTimeout)
	check(c.StoreBytes == 0 || c.StoreBytes >= 16<<20,
		"store memory %d bytes is less than the 16 MiB it needs", c.StoreBytes)
	return errors.Join(errs...)
}
