package main

import (
	"fmt"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/governor"
)

// config is how the engine is to run a trial.
func (t trial) config() (actors.Config, error) {
	c := actors.Config{Parallelism: splits, CheckpointInterval: t.Interval}
	if t.Mode == batched {
		if err := t.check(); err != nil {
			return c, err
		}
		c.CheckpointInterval = -1 // batches have theirs inside
		c.MicroBatch = &actors.MicroBatch{Interval: t.Batch, Every: t.Every, Policy: t.batchPolicy}
		return c, nil
	}
	switch t.Policy {
	case nonePolicy:
	case pidPolicy:
		if _, err := governor.NewPIDRate(governor.SparkGains, t.Batch); err != nil {
			return c, fmt.Errorf("set up a trial: %w", err)
		}
		c.Policy = func(cfg governor.Config) governor.Policy {
			p, err := governor.NewPID(cfg, governor.SparkGains, t.Batch)
			if err != nil {
				return governor.Fixed(governor.DefaultWindow) // it was checked above
			}
			return p
		}
	case ourPolicy:
		c.Goals, c.Relax = governor.Goals{Latency: t.Goal, Memory: t.Memory}, true
		c.Policy = func(cfg governor.Config) governor.Policy { return governor.New(cfg) }
	default:
		return c, fmt.Errorf("set up a trial: there is no policy %q of mode %q", t.Policy, t.Mode)
	}
	return c, nil
}

// check finds out what would keep batchPolicy from making a policy.
func (t trial) check() error {
	if _, err := governor.NewPIDBatch(governor.SparkGains, t.Batch, t.Capacity); err != nil {
		return fmt.Errorf("set up a trial: %w", err)
	}
	if t.Policy == bothPolicy && t.Shift < 1 {
		return fmt.Errorf("set up a trial: a shift of %d batches is none", t.Shift)
	}
	if t.Capacity <= 0 {
		return fmt.Errorf("set up a trial: micro-batches need a capacity to begin with")
	}
	return nil
}

// batchPolicy makes the policy of micro-batches. All of them begin at the rate
// that the operator can take.
func (t trial) batchPolicy() governor.BatchPolicy {
	fixed := governor.FixedBatch(t.Capacity * t.Batch.Seconds())
	switch t.Policy {
	case pidPolicy:
		if p, err := governor.NewPIDBatch(governor.SparkGains, t.Batch, t.Capacity); err == nil {
			return p
		}
	case ourPolicy:
		if p, err := governor.NewBudgetBatch(governor.Goals{}, t.Batch, t.Capacity); err == nil {
			return p
		}
	case varyPolicy:
		return &varied{most: int64(fixed)}
	}
	return fixed
}

// varied has batches of a fifth to four fifths of the most, in turn.
type varied struct{ most, next int64 }

// Done ignores the batch.
func (*varied) Done(governor.CompletedBatch) {}

// Size is the next in turn.
func (v *varied) Size(governor.Upcoming) (int64, governor.Reason) {
	v.next = v.next%4 + 1
	return v.most * v.next / 5, governor.Reason{Rate: governor.BoundFixed, Window: governor.BoundFixed}
}

// warming is how long a trial runs before anything is measured: state must
// have come to its size.
func warming(least time.Duration, state int64) time.Duration {
	return least + time.Duration(state>>20)*least/256
}
