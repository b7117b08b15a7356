package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/procfs"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
	"github.com/flyball-stream/flyball/examples/nexmark/generate"
	"github.com/flyball-stream/flyball/examples/nexmark/query"
)

// child runs the trial of an order and prints its result.
func child(ctx context.Context, order string) error {
	r := result{}
	if err := json.Unmarshal([]byte(order), &r.trial); err != nil {
		return fmt.Errorf("read -trial: %w", err)
	}
	var err error
	if r.Mode == limitMode {
		err = r.loop()
	} else {
		err = r.flow(ctx)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// flow runs the query as a flow.
func (r *result) flow(ctx context.Context) error {
	q, err := query.Find(r.Query)
	if err != nil {
		return err
	}
	seen := newTally(r.Mode == pacedMode)
	f := dataflow.Define("nexmark", dataflow.ExactlyOnce, func(g *dataflow.Graph, _ struct{}) {
		q.Add(r.events(g), query.Defaults(), query.Output{Seen: seen.rows})
	})
	g, err := f.Build(f.Params())
	if err != nil {
		return err
	}
	job, err := actors.New(g, actors.Config{
		Parallelism: r.Parallelism, CheckpointInterval: r.Interval,
		Events: actors.Events{Checkpoint: func(c actors.CheckpointInfo) {
			r.Checkpoints = append(r.Checkpoints, c.Duration.Seconds()*1000)
		}},
	})
	if err != nil {
		return err
	}
	defer job.Close()
	stop := r.watch(job)
	err = r.gauge(func() error { return job.Run(ctx) })
	stop()
	r.Rows, r.P50, r.P99 = seen.count, seen.quantile(50), seen.quantile(99)
	return err
}

// seed picks a stream in which every event is drawn by itself, as in the Flink
// set. In Beam's, bids for hot auctions come in runs of thousands.
const seed = 1

// events is the source: flat out, or at a rate with the time of day as the
// events' time. They are in order, so no watermark waits.
func (r *result) events(g *dataflow.Graph) query.Events {
	cfg := generate.Config{Seed: seed, Splits: r.Parallelism}
	if r.Rate > 0 {
		cfg.Start, cfg.Rate, cfg.Pace = event.TimeOf(time.Now()), int64(r.Rate), generate.OnTime
	}
	return generate.Read(g, "events", r.Events, cfg, event.Timed(0))
}

// gauge measures what do takes.
func (r *result) gauge(do func() error) error {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, err := processorTime()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := do(); err != nil {
		return err
	}
	r.Seconds = time.Since(began).Seconds()
	used, err := processorTime()
	r.CPU = used - cpu
	runtime.ReadMemStats(&after)
	r.Mallocs = float64(after.Mallocs-before.Mallocs) / float64(r.Events)
	return err
}

// watch samples the memory until it is told to stop.
func (r *result) watch(job *actors.Job) (stop func()) {
	done := make(chan struct{})
	var sampling sync.WaitGroup
	sampling.Go(func() {
		began := time.Now()
		for every := time.Tick(200 * time.Millisecond); ; {
			select {
			case <-done:
				return
			case <-every:
			}
			resident, err := residentBytes()
			if err != nil {
				continue // no such figure on this system
			}
			m := memory{Seconds: time.Since(began).Seconds(), RSS: resident}
			for _, t := range job.Stats().Tasks {
				m.Entries += t.Entries
			}
			r.Memory, r.RSS = append(r.Memory, m), max(r.RSS, m.RSS)
		}
	})
	return func() { close(done); sampling.Wait() }
}

// processorTime is what this process has used, in seconds.
func processorTime() (float64, error) {
	p, err := procfs.Self()
	if err != nil {
		return 0, fmt.Errorf("read the processor time (needs Linux): %w", err)
	}
	s, err := p.Stat()
	if err != nil {
		return 0, fmt.Errorf("read the processor time: %w", err)
	}
	return s.CPUTime(), nil
}

func residentBytes() (int64, error) {
	p, err := procfs.Self()
	if err != nil {
		return 0, err
	}
	s, err := p.Stat()
	if err != nil {
		return 0, err
	}
	return int64(s.ResidentMemory()), nil
}
