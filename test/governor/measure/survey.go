package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/flyball-stream/flyball/test/governor/operators"
	"github.com/flyball-stream/flyball/test/governor/replay"
)

// survey is what the trials have in common.
type survey struct {
	sections        []section
	runs, openRuns  int
	warm, measured  time.Duration
	interval, batch time.Duration
	every           int
	state           int64
	batchState      int64
	goal            time.Duration // for all operators; 0 for one of each operator's own
	goals           map[string]time.Duration
	load            float64
	large           bool
	inputs          operators.Inputs
	out             io.Writer // gets a line of progress for each trial
	quick           bool
	keep            func(result) error
}

// shorten has the survey take minutes, as far as flags do not say otherwise.
func (s *survey) shorten(given map[string]bool) {
	s.quick = true
	if !given["runs"] {
		s.runs = 1
	}
	if !given["warm"] {
		s.warm = 2 * time.Second
	}
	if !given["for"] {
		s.measured = 4 * time.Second
	}
}

// updates is how often Spark's law sets a rate when there are no batches. It takes what a batch
// would have been as one.
const updates = 40 * time.Millisecond

// The least batches of a trial: before anything is measured, and measured.
const settling, counted = 10, 40

// shiftsOfEach is how many shifts each law has in a trial.
const shiftsOfEach = 8

var laws = []policy{nonePolicy, pidPolicy, ourPolicy}

// all runs the survey and writes each result as soon as there is one.
func (s *survey) all(ctx context.Context, only, path string) error {
	ops, err := named(only)
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("make the file of results: %w", err)
	}
	defer f.Close()
	enc := json.NewEncoder(f)
	s.keep = func(r result) error { return enc.Encode(r) }
	for _, op := range ops {
		if err := s.operator(ctx, op); err != nil {
			return err
		}
	}
	return f.Close()
}

// operator runs the trials of one operator.
func (s *survey) operator(ctx context.Context, op operators.Operator) error {
	home := setting{
		Section: saturated, Operator: op.Name, Mode: continuous, State: s.state / op.Share,
		Interval: s.interval, Batch: updates,
	}
	runs := s.runs
	if !slices.Contains(s.sections, saturated) {
		runs = 0
	}
	capacity, err := s.turns(ctx, home, runs, laws, 0)
	if err != nil {
		return err
	}
	if capacity == 0 { // the other sections begin with it
		if capacity, err = s.turns(ctx, home, 1, laws[:1], 0); err != nil {
			return err
		}
	}
	for _, next := range s.rest(home) {
		n, of := s.openRuns, laws
		if next.Mode == batched {
			if _, err := s.turns(ctx, next, 1, []policy{varyPolicy, nonePolicy}, capacity); err != nil {
				return err
			}
			n, of = s.runs, laws[1:]
		}
		if next.Section == lengths {
			of = []policy{bothPolicy}
		}
		if _, err := s.turns(ctx, next, n, of, capacity); err != nil {
			return err
		}
	}
	if slices.Contains(s.sections, goals) {
		return s.feasible(ctx, home, capacity)
	}
	return nil
}

// rest are the settings of an operator beside home, as chosen.
func (s *survey) rest(home setting) (all []setting) {
	if slices.Contains(s.sections, batches) {
		next := home.batches(batches, s.batch, s.every)
		next.State = s.batchState / home.share()
		all = append(all, next)
	}
	if slices.Contains(s.sections, open) {
		shapes := []string{"constant", "bursty", "diurnal"}
		if s.quick {
			shapes = shapes[1:2]
		}
		for _, shape := range shapes {
			next := home
			next.Section, next.Shape = open, shape
			all = append(all, next)
		}
	}
	if s.quick || !s.large && home.Operator != "running" {
		return all
	}
	if slices.Contains(s.sections, lengths) {
		all = append(all, s.lengths(home)...)
	}
	if slices.Contains(s.sections, grid) {
		all = append(all, s.grid(home)...)
	}
	return all
}

// lengths are the settings of micro-batches of all lengths, that of section
// batches first.
func (s *survey) lengths(home setting) (all []setting) {
	first := home.batches(lengths, s.batch, s.every)
	first.State = s.batchState / home.share()
	all = append(all, first)
	for _, b := range []struct {
		interval time.Duration
		every    int
	}{
		{40 * time.Millisecond, 25}, {100 * time.Millisecond, 10},
		{time.Second, 2}, {500 * time.Millisecond, 0},
	} {
		all = append(all, home.batches(lengths, b.interval, b.every))
	}
	return all
}

// grid are the settings that differ from home in one thing.
func (s *survey) grid(home setting) (all []setting) {
	sizes, intervals := []int64{10, 256}, []time.Duration{5 * time.Second, -1}
	if s.large {
		sizes, intervals = append(sizes, 1024, 2048), append(intervals, 10*time.Second, 30*time.Second)
	}
	home.Section = grid
	for _, mib := range sizes {
		next := home
		next.State = mib << 20 / home.share()
		all = append(all, next)
	}
	for _, interval := range intervals {
		next := home
		next.Interval = interval
		all = append(all, next)
	}
	return all
}

// batches is the setting in micro-batches.
func (s setting) batches(of section, interval time.Duration, every int) setting {
	s.Section, s.Mode, s.Batch, s.Every, s.Interval = of, batched, interval, every, 0
	return s
}

// turns runs trials of the policies in turn, and returns the median throughput
// of the first.
func (s *survey) turns(
	ctx context.Context, at setting, runs int, of []policy, capacity float64,
) (float64, error) {
	var first []float64
	for i := range runs {
		for _, law := range of {
			t := s.trial(at, law, i, capacity)
			r, err := s.try(ctx, t)
			if err != nil {
				return 0, err
			}
			s.aim(at, r)
			for _, one := range r.perLaw() {
				if err := s.keep(one); err != nil {
					return 0, err
				}
			}
			if law == of[0] {
				first = append(first, r.perSecond())
			}
		}
	}
	return median(first), nil
}

// aim sets the goal of an operator, unless there is one for all: a third of what
// the operator's first saturated trial without a policy has as p99.
func (s *survey) aim(at setting, r result) {
	if _, known := s.goals[at.Operator]; known || at.Section != saturated || r.Policy != nonePolicy {
		return
	}
	if s.goals == nil {
		s.goals = map[string]time.Duration{}
	}
	third := time.Duration(r.Inside.P99 / 3 * float64(time.Millisecond))
	s.goals[at.Operator] = max(third.Round(time.Millisecond), time.Millisecond)
}

// goalOf is the goal of an operator; 0 before its first trial, which needs none.
func (s *survey) goalOf(operator string) time.Duration {
	if s.goal > 0 {
		return s.goal
	}
	return s.goals[operator]
}

func (s *survey) trial(at setting, law policy, number int, capacity float64) trial {
	t := trial{
		setting: at, Policy: law, Run: number, Capacity: capacity, Goal: s.goalOf(at.Operator), Inputs: s.inputs,
		Warm: warming(s.warm, at.State), For: s.measured,
	}
	if at.Shape != "" {
		t.Rate = s.load * capacity
	}
	// Several checkpoints belong to a trial that has them at all, batches in number
	// and after those by which a law learns, and whole periods to one with a shape.
	t.For = max(t.For, 3*at.Interval)
	if at.Mode == batched {
		t.Warm, t.For = max(t.Warm, settling*at.Batch), max(t.For, counted*at.Batch)
	}
	if law == bothPolicy {
		t.Shift, t.Leave = at.shift()
		t.For = max(t.For, time.Duration((2*shiftsOfEach+1)*t.Shift)*at.Batch)
	}
	if shape, err := replay.Shaped(at.Shape, t.Rate); err == nil && shape.Paced() {
		t.For = (t.For + shape.Period - 1) / shape.Period * shape.Period
	}
	return t
}

func (s *survey) try(ctx context.Context, t trial) (result, error) {
	fmt.Fprintf(s.out, "%-80s", t)
	r, err := spawn(ctx, t)
	if err != nil {
		return r, err
	}
	if r.Attempts > 1 {
		return r, fmt.Errorf("%v: the flow failed and was restarted", t)
	}
	fmt.Fprintf(s.out, "%10.0f records/s\n", r.perSecond())
	return r, nil
}
