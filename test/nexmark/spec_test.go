package nexmark

import (
	"context"
	"math"
	"time"

	"github.com/flyball-stream/flyball/actors"
	"github.com/flyball-stream/flyball/dataflow"
	"github.com/flyball-stream/flyball/dataflow/file"
	"github.com/flyball-stream/flyball/examples/nexmark/event"
	"github.com/flyball-stream/flyball/examples/nexmark/generate"
	"github.com/flyball-stream/flyball/examples/nexmark/query"
	"github.com/flyball-stream/flyball/test/law"
	"github.com/flyball-stream/flyball/test/nexmark/mix"
	"github.com/flyball-stream/flyball/test/process"
)

// spec is one run of a query.
type spec struct {
	Query       string
	Final       bool
	Other       bool   // settings
	In          string // file of events; empty generates N of them with Seed
	Whole       bool   // the file is one split
	N           int
	Seed        uint64
	Out, State  string
	Law         string // see package law; empty is none
	Parallelism int
	Interval    time.Duration // between checkpoints
	Gate        int           // see gate; 0 is none
	StopAfter   int           // checkpoints; 0 is never
	Death       process.Death
}

// report is how a run went.
type report struct {
	Err         string
	Stopped     bool
	Restored    uint64
	Checkpoints int
	Late        int64 // as counted by the windows
}

const (
	splitBytes      = 4 << 10 // makes several splits even of short files
	generatedSplits = 16
)

func (s spec) build(g *dataflow.Graph, _ struct{}) {
	q, err := query.Find(s.Query)
	if err != nil {
		g.Fail("query", err)
		return
	}
	timed := event.Timed(mix.Disorder)
	var events query.Events
	if s.In != "" {
		bytes := int64(splitBytes)
		if s.Whole {
			bytes = math.MaxInt64
		}
		events = event.Read(g, "events", s.In, timed, file.Splits[event.Event](bytes))
	} else {
		events = generate.Read(g, "events", int64(s.N), generated(s.Seed), timed)
	}
	q.Add(events, settings(s.Other), query.Output{Dir: s.Out, Final: s.Final})
}

// generated is a stream of the benchmark, slow enough to have windows.
func generated(seed uint64) generate.Config {
	return generate.Config{Seed: seed, Rate: 40, Splits: generatedSplits, Late: 0.2, OpenAuctions: 20}
}

// run runs the query until its input ends or it is to stop.
func (s spec) run(ctx context.Context) (r report) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	flow := dataflow.Define("nexmark", dataflow.ExactlyOnce, s.build)
	g, err := flow.Build(flow.Params())
	if err != nil {
		return report{Err: err.Error()}
	}
	gate := newGate(s.Gate)
	g.Step("events").Source.Source = gatedSource{g.Step("events").Source.Source, gate}
	cfg := actors.Config{
		Dir: s.State, Parallelism: s.Parallelism, CheckpointInterval: s.Interval,
		StoreBytes: 16 << 20, Faults: s.Death.Hook(),
		Restart: actors.RestartPolicy{Attempts: -1, UserAttempts: -1},
		Events: actors.Events{
			Restored: func(id uint64, _ time.Time) { r.Restored = id },
			Checkpoint: func(actors.CheckpointInfo) {
				gate.open()
				if r.Checkpoints++; r.Checkpoints == s.StopAfter {
					r.Stopped = true
					stop()
				}
			},
		},
	}
	if s.Law != "" {
		law.Set(s.Law, &cfg)
	}
	job, err := actors.New(g, cfg)
	if err != nil {
		return report{Err: err.Error()}
	}
	err = job.Run(ctx)
	for counter, n := range job.Stats().Counters {
		if counter.Name == "late" {
			r.Late += n
		}
	}
	if closeErr := job.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		r.Err = err.Error()
	}
	return r
}
