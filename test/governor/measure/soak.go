package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// soak overloads the running operator: twice what it can take is due, and the
// sink stops for ten seconds of every minute. The process must stay within the
// memory goal and lose nothing.
func (s *survey) soak(ctx context.Context, length time.Duration, memory int64) error {
	home := setting{
		Section: saturated, Operator: "running", Mode: continuous, State: s.state,
		Interval: s.interval, Batch: s.batch,
	}
	t := s.trial(home, ourPolicy, 1, 0)
	t.Memory = memory
	free, err := s.try(ctx, t)
	if err != nil {
		return err
	}
	t.Section, t.Shape, t.Rate = soak, "constant", 2*free.perSecond()
	t.Warm, t.For = 0, length
	t.Stall, t.StallEvery = 10*time.Second, min(50*time.Second, length/4)
	r, err := s.try(ctx, t)
	if err != nil {
		return fmt.Errorf("overload: %w", err)
	}
	fmt.Fprintf(s.out, "%d rows in %.0f s; %d MiB resident at most, of %d; %d MiB in flight; "+
		"%d checkpoints; p99 inside %.0f ms\n", r.Rows, r.Seconds, r.RSS>>20, memory>>20,
		r.InFlight>>20, len(r.Checkpoints), r.Inside.P99)
	return r.verdict(memory)
}

// verdict is what is wrong with a soak.
func (r result) verdict(memory int64) error {
	var errs []error
	if r.Lost != "" {
		errs = append(errs, errors.New("records were lost or came twice: "+r.Lost))
	}
	if r.RSS > memory {
		errs = append(errs, fmt.Errorf("%d MiB were resident, of a goal of %d", r.RSS>>20, memory>>20))
	}
	if r.Rows == 0 {
		errs = append(errs, errors.New("no row has reached the sink"))
	}
	return errors.Join(errs...)
}
