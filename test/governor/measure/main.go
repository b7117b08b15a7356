package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/flyball-stream/flyball/test/governor/operators"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// options are the flags that a survey does not have.
type options struct {
	operator, only, out, order string
	state, batchState, memory  int64 // MiB
	quick, redraw              bool
	soak                       time.Duration
}

func run(ctx context.Context) error {
	var s survey
	var o options
	s.flags()
	o.flags()
	flag.Parse()
	if o.order != "" {
		return child(ctx, o.order)
	}
	if o.quick {
		given := map[string]bool{}
		flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
		s.shorten(given)
	}
	if s.runs < 1 || o.state < 1 || o.batchState < 1 || s.measured <= 0 || s.batch <= 0 {
		return errors.New("-runs, -state, -batch-state, -for and -batch must be above 0")
	}
	s.state, s.batchState, s.out = o.state<<20, o.batchState<<20, os.Stderr
	if o.soak > 0 {
		return s.soak(ctx, o.soak, o.memory<<20)
	}
	if err := os.MkdirAll(o.out, 0o777); err != nil {
		return fmt.Errorf("make the directory of -out: %w", err)
	}
	var err error
	if s.sections, err = choose(o.only); err != nil {
		return err
	}
	if !o.redraw {
		if err := s.all(ctx, o.operator, filepath.Join(o.out, "results.jsonl")); err != nil {
			return err
		}
	}
	return report(o.out)
}

func (o *options) flags() {
	flag.StringVar(&o.operator, "operator", "",
		"operators, separated by commas; empty is all of them")
	flag.StringVar(&o.only, "section", "",
		"sections, separated by commas: saturated, batches, open, lengths, grid, goals; empty is all")
	flag.StringVar(&o.out, "out", filepath.Join("out", "governor"), "directory for the results")
	flag.StringVar(&o.order, "trial", "", "run one trial, given as JSON, and print its result")
	flag.Int64Var(&o.state, "state", 40, "size of state, MiB")
	flag.Int64Var(&o.batchState, "batch-state", 8, "size of state in section batches, MiB")
	flag.Int64Var(&o.memory, "memory", 1024, "memory goal of -soak, MiB")
	flag.BoolVar(&o.quick, "quick", false, "some minutes: one short run of each, no grid")
	flag.BoolVar(&o.redraw, "report", false, "run nothing: report what -out holds already")
	flag.DurationVar(&o.soak, "soak", 0, "overload the governor for so long, instead of comparing")
}

func (s *survey) flags() {
	flag.IntVar(&s.runs, "runs", 5,
		"trials of each setting and policy, saturated and in batches of all lengths; half of them of each goal")
	flag.IntVar(&s.openRuns, "open", 1, "trials of each setting and policy, at a rate and in the grid")
	flag.DurationVar(&s.warm, "warm", 3*time.Second, "before anything is measured; more with more state")
	flag.DurationVar(&s.measured, "for", 9*time.Second, "how long each trial is measured")
	flag.DurationVar(&s.interval, "interval", time.Second, "between checkpoints")
	flag.DurationVar(&s.goal, "latency", 0,
		"goal of latency; 0 for a third of the p99 that fixed windows have")
	flag.DurationVar(&s.batch, "batch", 10*time.Millisecond, "interval of micro-batches")
	flag.IntVar(&s.every, "every", 10, "micro-batches to a checkpoint")
	flag.Float64Var(&s.load, "load", 0.6, "mean rate of the open loop, of what is taken with policy none")
	flag.BoolVar(&s.large, "large", false,
		"have the grid go up to 2 GiB of state and 30 s between checkpoints, for all operators (hours)")
	flag.StringVar(&s.inputs.Flights, "in", "", "flights as packed CSV; empty is the sample")
	flag.StringVar(&s.inputs.Words, "text", "", "a text; empty is the sample")
}

// choose reads a list of sections.
func choose(only string) ([]section, error) {
	all := []section{saturated, batches, open, lengths, grid, goals}
	if only == "" {
		return all, nil
	}
	var chosen []section
	for name := range strings.SplitSeq(only, ",") {
		if !slices.Contains(all, section(name)) {
			return nil, fmt.Errorf("-section: there is no %q", name)
		}
		chosen = append(chosen, section(name))
	}
	return chosen, nil
}

// named reads a list of operators.
func named(only string) ([]operators.Operator, error) {
	if only == "" {
		return operators.All(), nil
	}
	var chosen []operators.Operator
	for name := range strings.SplitSeq(only, ",") {
		op, err := operators.Find(name)
		if err != nil {
			return nil, fmt.Errorf("-operator: %w", err)
		}
		chosen = append(chosen, op)
	}
	return chosen, nil
}
