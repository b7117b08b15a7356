package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"
)

// survey is what the trials have in common.
type survey struct {
	events   int64
	runs     int
	steady   int // trials at a rate
	cores    int
	long     int64 // events of the trial for memory; 0 for none
	only     bool  // that trial alone
	interval time.Duration
	out      io.Writer // gets a line of progress for each trial
}

// base are the modes whose trials take turns.
var base = []mode{limitMode, oneMode, singleMode, coresMode, besideMode, savedMode}

// measure runs every trial of a query and hands its results to keep.
func (s survey) measure(ctx context.Context, query string, keep func(result) error) error {
	if !s.only {
		if err := s.compare(ctx, query, keep); err != nil {
			return err
		}
	}
	if s.long == 0 {
		return nil
	}
	t := s.trial(query, savedMode)
	t.Mode, t.Events = longMode, s.long
	_, err := s.try(ctx, t, keep)
	return err
}

// order is that of the modes in a round: there and back, for a trial finds the machine as the one
// before has left it, with memory that is warm or must be found.
func order(round int) []mode {
	modes := slices.Clone(base)
	if round%2 == 1 {
		slices.Reverse(modes)
	}
	return modes
}

// compare runs the trials that are compared with each other.
func (s survey) compare(ctx context.Context, query string, keep func(result) error) error {
	var saved []float64
	for i := range s.runs {
		for _, m := range order(i) {
			if loopOf(query) == nil && m != coresMode && m != savedMode {
				continue // there is nothing to compare with
			}
			r, err := s.try(ctx, s.trial(query, m), keep)
			if err != nil {
				return err
			}
			if m == savedMode {
				saved = append(saved, r.perSecond())
			}
		}
	}
	for range s.steady {
		if _, err := s.try(ctx, s.paced(query, median(saved)), keep); err != nil {
			return err
		}
	}
	return nil
}

func (s survey) try(ctx context.Context, t trial, keep func(result) error) (result, error) {
	fmt.Fprintf(s.out, "%-4s %-12s", t.Query, t.Mode)
	run := spawn
	if t.Mode == besideMode {
		run = func(ctx context.Context, t trial) (result, error) { return beside(ctx, t, s.cores) }
	}
	r, err := run(ctx, t)
	if err != nil {
		return r, err
	}
	fmt.Fprintf(s.out, "%10.0f events/s\n", r.perSecond())
	return r, keep(r)
}

func (s survey) trial(query string, m mode) trial {
	t := trial{
		Query: query, Mode: m, Events: s.events, Procs: s.cores, Parallelism: s.cores,
		Interval: -1,
	}
	switch m {
	case limitMode, oneMode:
		t.Parallelism = 1
	case singleMode, besideMode:
		t.Procs, t.Parallelism = 1, 1
	case savedMode:
		t.Interval = s.interval
	}
	return t
}

// paced is a trial at 70% of the speed that was measured with checkpoints, for
// as long as those took.
func (s survey) paced(query string, speed float64) trial {
	t := s.trial(query, savedMode)
	t.Mode, t.Rate = pacedMode, 0.7*speed
	least := 15 * time.Second // several windows
	t.Events = max(int64(0.7*float64(s.events)), int64(t.Rate*least.Seconds()))
	return t
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}
