package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/flyball-stream/flyball/examples/nexmark/query"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	only := flag.String("query", "", "queries, separated by commas; empty is all of them")
	events := flag.Int64("n", 5_000_000, "events of each trial")
	runs := flag.Int("runs", 3, "trials of each kind")
	paced := flag.Int("paced", 1, "trials for latency, at 70% of the speed")
	long := flag.Int64("long", 0, "events of a trial for memory; 0 for none")
	onlyLong := flag.Bool("only-long", false, "add the trials for memory to what -out holds")
	interval := flag.Duration("interval", time.Second, "between checkpoints")
	out := flag.String("out", filepath.Join("out", "nexmark"), "directory for the results")
	redraw := flag.Bool("report", false, "run nothing: report what -out holds already")
	order := flag.String("trial", "", "run one trial, given as JSON, and print its result")
	flag.Parse()
	if *order != "" {
		return child(ctx, *order)
	}
	if *events < 1 || *runs < 1 {
		return errors.New("-n and -runs must be 1 or more")
	}
	names, err := choose(*only)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(*out, 0o777); err != nil {
		return fmt.Errorf("make the directory of -out: %w", err)
	}
	if !*redraw {
		s := survey{*events, *runs, *paced, runtime.NumCPU(), *long, *onlyLong, *interval, os.Stderr}
		if err := s.all(ctx, names, filepath.Join(*out, "results.jsonl")); err != nil {
			return err
		}
	}
	return report(*out)
}

func choose(only string) (names []string, err error) {
	if only == "" {
		for _, q := range query.All() {
			names = append(names, q.Name)
		}
		return names, nil
	}
	for name := range strings.SplitSeq(only, ",") {
		if _, err := query.Find(name); err != nil {
			return nil, fmt.Errorf("-query: %w", err)
		}
		names = append(names, name)
	}
	return names, nil
}

// all measures the queries and writes each result as soon as there is one.
func (s survey) all(ctx context.Context, names []string, path string) error {
	how := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if s.only {
		how = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	}
	f, err := os.OpenFile(path, how, 0o666)
	if err != nil {
		return fmt.Errorf("make the file of results: %w", err)
	}
	defer f.Close()
	enc := json.NewEncoder(f)
	for _, name := range names {
		if err := s.measure(ctx, name, func(r result) error { return enc.Encode(r) }); err != nil {
			return err
		}
	}
	return f.Close()
}
